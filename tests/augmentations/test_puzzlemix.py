"""PuzzleMix, the method: draws, masks, images and labels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor

from augmentations.base import Ascent, Batch
from augmentations.puzzlemix.method import PuzzleMix
from augmentations.random import image_keys


@dataclass
class Network:
    """A door to a network whose gradient is given, or that of a small network."""

    gradient: Tensor | None = None
    kept: list[float] = field(default_factory=list)

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """The given gradient, or one that depends on the image alone."""
        self.kept.append(keep)
        return images - 0.4 if self.gradient is None else self.gradient

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Not asked for."""
        raise AssertionError

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """Not asked for."""
        raise AssertionError


def random_batch(count: int = 12, side: int = 32) -> Batch:
    """Images of noise, each of its own class."""
    images = torch.rand((count, 3, side, side), generator=torch.Generator().manual_seed(1))
    return Batch(images, torch.eye(count), image_keys(0, 0, torch.arange(count)))


def test_the_mask_keeps_the_salient_half_of_either_image() -> None:
    gradient = torch.zeros(2, 3, 32, 32)
    gradient[0, :, :, :16] = 1.0
    gradient[1, :, :, 16:] = 1.0
    batch = random_batch(2)
    method = PuzzleMix(grid=4, mix_group=2, gamma=0.0, eta=0.0)
    plan = method._draw(batch.keys, (32, 32))._replace(order=torch.tensor([1, 0]))
    result = method._apply_with_model(batch, plan, Network(gradient))
    assert torch.equal(result.images[0, :, :, :16], batch.images[0, :, :, :16])
    assert torch.equal(result.images[0, :, :, 16:], batch.images[1, :, :, 16:])
    assert torch.equal(result.images[1], result.images[0])
    assert result.targets.tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("solver", ["cut", "icm"])
@pytest.mark.parametrize("labels", [2, 3, 5])
def test_labels_are_mixed_by_the_mean_of_the_mask(labels: int, solver: str) -> None:
    batch = random_batch(12)
    method = PuzzleMix(
        labels=labels, solver=solver, transport=False, grid=8, beta=0.2, eta=0.05, mix_group=6
    )
    plan = method._draw(batch.keys, (32, 32))
    flat = torch.arange(12.0)[:, None, None, None].expand(12, 3, 32, 32).contiguous() / 16
    gradient = torch.randn((12, 3, 32, 32), generator=torch.Generator().manual_seed(0)) ** 5
    result = method(batch.replace(images=flat), Network(gradient))
    own, other = flat[:, 0, 0, 0], flat[plan.order, 0, 0, 0]
    weight = result.targets[torch.arange(12), torch.arange(12)]
    mixed = result.images.mean((1, 2, 3))
    moved = plan.order != torch.arange(12)
    torch.testing.assert_close(mixed[moved], (weight * own + (1 - weight) * other)[moved])
    levels = (result.images[:, 0] - other[:, None, None])[moved] / (own - other)[moved, None, None]
    steps = levels * (labels - 1)
    torch.testing.assert_close(steps, steps.round(), atol=1e-4, rtol=0)
    assert len(torch.unique(steps.round())) == labels


def test_pixels_are_convex_combinations_and_identical_images_stay() -> None:
    batch = random_batch(8)
    result = PuzzleMix(mix_group=4)(batch, Network())
    assert result.images.min() >= 0
    assert result.images.max() <= 1
    same = batch.images[:1].expand(8, 3, 32, 32).contiguous()
    still = PuzzleMix(mix_group=4, transport=False)(batch.replace(images=same), Network())
    torch.testing.assert_close(still.images, same)


def test_transport_moves_blocks_and_leaves_labels_alone() -> None:
    batch = random_batch(16)
    gradient = torch.randn((16, 3, 32, 32), generator=torch.Generator().manual_seed(0)) ** 5
    moved = PuzzleMix(mix_group=16, grid=4, transport_eps=0.01)(batch, Network(gradient))
    still = PuzzleMix(mix_group=16, grid=4, transport=False)(batch, Network(gradient))
    assert torch.equal(moved.targets, still.targets)
    assert not torch.equal(moved.images, still.images)


def test_the_ratio_follows_the_draw() -> None:
    batch = random_batch(16)
    method = PuzzleMix(mix_group=16, grid=8, eta=5.0)
    plan = method._draw(batch.keys, (32, 32))
    means = []
    for share in (0.1, 0.5, 0.9):
        drawn = plan._replace(share=torch.full((16,), share, dtype=torch.float64))
        result = method._apply_with_model(batch, drawn, Network())
        alone = plan.order != torch.arange(16)
        means.append(result.targets[torch.arange(16), torch.arange(16)][alone].mean().item())
    assert means == pytest.approx([0, 0.5, 1], abs=0.05)


def test_a_group_shares_ratio_and_grid_and_grids_are_equally_likely() -> None:
    rows = 2000  # of two each
    keys = image_keys(0, 0, torch.arange(2 * rows))
    share, order, grid = PuzzleMix(mix_group=2)._draw(keys, (32, 32))
    assert torch.equal(share[::2], share[1::2])
    assert torch.equal(grid[::2], grid[1::2])
    assert torch.equal(order // 2, torch.arange(2 * rows) // 2)
    counts = [(grid[::2] == side).sum().item() / rows for side in (2, 4, 8, 16)]
    assert counts == pytest.approx([0.25] * 4, abs=0.045)  # 4.6 sigma of each
    assert share.mean().item() == pytest.approx(0.5, abs=0.03)
    assert (PuzzleMix(mix_group=2)._draw(keys, (24, 24)).grid <= 8).all()


def test_a_batch_of_one_row_is_itself() -> None:
    batch = random_batch(1)
    result = PuzzleMix(mix_group=4, transport=False)(batch, Network())
    assert torch.equal(result.images, batch.images)
    assert torch.equal(result.targets, batch.targets)


def test_groups_do_not_depend_on_what_is_computed_with_them() -> None:
    batch = random_batch(12)
    together = PuzzleMix(mix_group=4)(batch, Network())
    for start in (0, 4, 8):
        rows = slice(start, start + 4)
        part = Batch(batch.images[rows], batch.targets[rows], batch.keys[rows])
        alone = PuzzleMix(mix_group=4)(part, Network())
        assert torch.equal(alone.images, together.images[rows])
        assert torch.equal(alone.targets, together.targets[rows])


def test_the_clean_loss_is_kept_with_its_weight() -> None:
    for weight in (0.0, 1.5):
        network = Network()
        PuzzleMix(clean_weight=weight)(random_batch(4), network)
        assert network.kept == [weight]


def test_images_of_imagenet_size_are_mixed() -> None:
    for grid in (2, 16):
        result = PuzzleMix(grid=grid, mix_group=2)(random_batch(2, side=224), Network())
        assert result.images.shape == (2, 3, 224, 224)
        torch.testing.assert_close(result.targets.sum(1), torch.ones(2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0.0}, "alpha to be a number from 0.001 to 1000.0, got 0.0"),
        ({"labels": 1}, "labels to be an integer from 2 to 8, got 1"),
        ({"eta": -1.0}, "eta to be a number from 0 to 100, got -1.0"),
        ({"neighbours": 0}, "neighbours to be an integer from 1 to 1000, got 0"),
        ({"transport": 1}, "transport to be True or False, got 1"),
        ({"transport_size": 0}, "transport_size to be -1 or an integer of at least 1, got 0"),
        ({"transport_eps": 0.0}, "transport_eps to be a number from 0.001 to 100, got 0.0"),
        ({"solver": "gco"}, r"solver to be one of \('cut', 'icm'\), got 'gco'"),
        ({"grid": 17}, "grid to be 0 or an integer from 2 to 16, got 17"),
        ({"mix_group": 1}, "mix_group to be an integer from 2 to 1000000, got 1"),
    ],
)
def test_bad_switches_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PuzzleMix(**arguments)


def test_images_that_the_grid_does_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match=r"cuts images into 5 cells per side: 32"):
        PuzzleMix(grid=5)(random_batch(2), Network())
    oblong = random_batch(2).replace(images=torch.zeros(2, 3, 32, 40))
    with pytest.raises(ValueError, match="got 32 x 40"):
        PuzzleMix()(oblong, Network())


class Trained:
    """A door to a small network that is being trained."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.network = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 5, stride=4), torch.nn.ReLU(), torch.nn.Flatten(),
            torch.nn.Linear(8 * 7 * 7, 12),
        )  # fmt: skip

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """The gradient of each image's loss; what is kept stays in the parameters."""
        inputs = images.clone().requires_grad_()
        losses = -(self.network(inputs).log_softmax(1) * targets).sum(1)
        (gradient,) = torch.autograd.grad(losses.sum(), inputs, retain_graph=True)
        if keep:
            torch.autograd.backward(keep * losses.mean())
        return gradient

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Not asked for."""
        raise AssertionError

    maximise = Network.maximise


@pytest.mark.parametrize("clean_weight", [0.0, 1.0])
def test_a_network_learns_from_the_mixtures(clean_weight: float) -> None:
    door, batch = Trained(), random_batch(12)
    optimiser = torch.optim.SGD(door.network.parameters(), lr=0.05)
    losses = []
    for _ in range(6):
        optimiser.zero_grad()
        mixed = PuzzleMix(clean_weight=clean_weight)(batch, door)
        loss = torch.nn.functional.cross_entropy(door.network(mixed.images), mixed.targets)
        torch.autograd.backward(loss)
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
