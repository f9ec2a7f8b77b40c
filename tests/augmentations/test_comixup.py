"""Co-Mixup, the method: parts, draws, images and labels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor

from augmentations.base import Ascent, Batch
from augmentations.comixup.method import CoMixup, compatibility, salient_places
from augmentations.random import image_keys


@dataclass
class Network:
    """A door to a network whose gradient depends on the image alone."""

    kept: list[float] = field(default_factory=list)

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """Peaked, so that there is something to choose."""
        self.kept.append(keep)
        return (images - 0.5) ** 5

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


def random_batch(count: int, side: int = 32) -> Batch:
    """Images of smooth noise, each of its own class."""
    generator = torch.Generator().manual_seed(1)
    images = torch.rand((count, 3, side // 4, side // 4), generator=generator)
    images = images.repeat_interleave(4, 2).repeat_interleave(4, 3)
    return Batch(images, torch.eye(count), image_keys(0, 0, torch.arange(count)))


def test_every_cell_shows_inputs_of_the_part_and_labels_are_weighed_by_the_cells() -> None:
    batch = random_batch(10)
    result = CoMixup(part=5)(batch, Network())
    halves = 0
    for row in range(10):
        part = range(5) if row < 5 else range(5, 10)
        weight = torch.zeros(10)
        for cell in range(16):
            top, left = 8 * (cell // 4), 8 * (cell % 4)
            inputs = batch.images[:, :, top : top + 8, left : left + 8]
            shown = result.images[row, :, top : top + 8, left : left + 8]
            error = ((inputs[:, None] + inputs) / 2 - shown).abs().amax((2, 3, 4))
            near = [pair for pair in (error < 1e-6).nonzero().tolist() if pair[0] <= pair[1]]
            assert len(near) == 1
            assert set(near[0]) <= set(part)
            halves += near[0][0] != near[0][1]
            for member in near[0]:
                weight[member] += 1 / 32
        torch.testing.assert_close(result.targets[row], weight)
    assert halves > 0


def test_images_stay_in_range_and_cells_of_one_input_are_its_pixels() -> None:
    batch = random_batch(20)
    result = CoMixup()(batch, Network())
    assert result.images.min() >= 0
    assert result.images.max() <= 1
    pure = (result.targets == 1).any(1)
    for row in pure.nonzero()[:, 0].tolist():
        assert torch.equal(result.images[row], batch.images[result.targets[row].argmax()])
    assert (result.targets > 0).sum(1).float().mean() > 1.5


def test_a_part_does_not_depend_on_what_is_computed_with_it() -> None:
    batch = random_batch(25)
    together = CoMixup(part=10, mix_group=20)(batch, Network())
    for rows in (slice(0, 20), slice(10, 20), slice(20, 25)):
        some = Batch(batch.images[rows], batch.targets[rows], batch.keys[rows])
        alone = CoMixup(part=10, mix_group=20)(some, Network())
        assert torch.equal(alone.images, together.images[rows])
        assert torch.equal(alone.targets, together.targets[rows])


def test_a_last_part_of_one_row_is_itself() -> None:
    batch = random_batch(21)
    result = CoMixup()(batch, Network())
    assert torch.equal(result.images[20], batch.images[20])
    assert torch.equal(result.targets[20], batch.targets[20])


@pytest.mark.parametrize("solver", ["cut", "icm"])
@pytest.mark.parametrize("grid", [2, 8, 0])
def test_other_grids_and_solvers_work(grid: int, solver: str) -> None:
    batch = random_batch(12)
    method = CoMixup(part=6, grid=grid, solver=solver, sweeps=2, mix_group=6)
    result = method(batch, Network())
    torch.testing.assert_close(result.targets.sum(1), torch.ones(12))
    assert not torch.equal(result.images, batch.images)


def test_draws_start_anywhere_and_follow_the_prior() -> None:
    keys = image_keys(0, 0, torch.arange(4000))
    plan = CoMixup(part=20, mix_group=100)._draw(keys, (32, 32))
    sums = torch.zeros(200, dtype=torch.float64).scatter_add_(0, plan.part, plan.prior)
    torch.testing.assert_close(sums, torch.ones_like(sums))
    # Dirichlet(2, ..., 2) over 20: variance (1/20)(19/20)/41 of every share.
    assert plan.prior.var().item() == pytest.approx(0.05 * 0.95 / 41, rel=0.15)
    counts = torch.histc((plan.start * 20).floor(), 20, 0, 20) / plan.start.numel()
    assert counts.tolist() == pytest.approx([0.05] * 20, abs=0.0043)  # 5 sigma
    assert plan.start.shape == (4000, 16)
    assert torch.corrcoef(plan.start[:, :2].T)[0, 1].abs() < 5 / 4000**0.5


def test_parts_stay_within_groups_and_a_group_shares_a_grid() -> None:
    keys = image_keys(0, 0, torch.arange(1000))
    plan = CoMixup(part=20, mix_group=50, grid=0)._draw(keys, (32, 32))
    sizes = torch.unique(plan.part, return_counts=True)[1].tolist()
    assert sizes == [20, 20, 10] * 20
    grids = plan.grid.view(20, 50)
    assert (grids == grids[:, :1]).all()
    assert set(grids[:, 0].tolist()) == {2, 4, 8, 16}


def test_the_most_salient_window_stands_for_the_image() -> None:
    salience = torch.zeros(2, 32, 32)
    salience[0, 3:11, 20:28] = 1.0
    salience[1, 30, 1] = 1.0
    assert salient_places(salience).tolist() == [[3, 20], [23, 0]]


def test_compatibility_is_the_identity_and_a_little_of_the_distances() -> None:
    places = torch.tensor([[[0, 0], [3, 4], [0, 2]], [[1, 1], [1, 1], [1, 1]]])
    matrix = compatibility(places, 0.1)
    far = [[0, 7, 2], [7, 0, 5], [2, 5, 0]]
    for i in range(3):
        wanted = [0.9 * (i == j) + 0.1 * far[i][j] / 28 * 3 for j in range(3)]
        assert matrix[0, i] == pytest.approx(wanted)
        assert matrix[1, i] == pytest.approx([0.9 * (i == j) for j in range(3)])


def test_the_clean_loss_is_kept_with_its_weight() -> None:
    network = Network()
    for weight in (0.0, 1.0):
        CoMixup(clean_weight=weight, sweeps=1)(random_batch(4), network)
    assert network.kept == [0.0, 1.0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0.0}, "alpha to be a number from 0.01 to 1000, got 0.0"),
        ({"part": 1}, "part to be an integer from 2 to 100, got 1"),
        ({"sweeps": 0}, "sweeps to be an integer from 1 to 100, got 0"),
        ({"gamma": -1.0}, "gamma to be a number from 0 to 100, got -1.0"),
        ({"tau": -0.1}, "tau to be a number from 0 to 1000, got -0.1"),
        ({"omega": 1.5}, "omega to be a number from 0 to 1, got 1.5"),
        ({"grid": 1}, "grid to be 0 or an integer from 2 to 16, got 1"),
        ({"solver": "gco"}, r"solver to be one of \('cut', 'icm'\), got 'gco'"),
    ],
)
def test_bad_switches_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CoMixup(**arguments)


def test_images_that_the_grid_does_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match=r"cuts images into 3 cells per side: 32"):
        CoMixup(grid=3)(random_batch(2), Network())


def test_a_network_learns_from_the_mixtures() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, 20))
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    batch = random_batch(20)
    losses = []
    for _ in range(5):
        mixed = CoMixup()(batch, Network())
        loss = torch.nn.functional.cross_entropy(network(mixed.images), mixed.targets)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        losses.append(loss.item())
    assert losses == sorted(losses, reverse=True)
