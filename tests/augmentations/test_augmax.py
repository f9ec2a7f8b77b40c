"""AugMax: what is climbed, from where, and the two unlike views."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch
from torch import Tensor, nn

from augmentations.augmax import ADVERSARIAL, AugMax, blend
from augmentations.base import Ascent, Batch, to_float
from augmentations.image_chains import chain_images, mix_chains
from augmentations.random import image_keys, named_keys, view_keys

SIDE, COUNT, CLASSES = 16, 12, 4


@dataclass
class Door:
    """The trainer's door to a small network: plain sign ascent, every point recorded."""

    network: nn.Module
    points: list[Tensor] = field(default_factory=list)
    ascents: list[Ascent] = field(default_factory=list)

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """Not for AugMax."""
        raise AssertionError

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Not for AugMax."""
        raise AssertionError

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """Climb, without a stop."""
        self.points, self.ascents = [start], [*self.ascents, ascent]
        for _ in range(ascent.steps):
            point = self.points[-1].detach().requires_grad_()
            loss = nn.functional.cross_entropy(
                self.network(images_of(point)), targets, reduction="sum"
            )
            (gradient,) = torch.autograd.grad(loss, point)
            self.points.append(project(point + ascent.size * gradient.sign()))
        return self.points[-1]


def network(seed: int = 0) -> nn.Module:
    """A small convolutional network with sizeable outputs."""
    torch.manual_seed(seed)
    layers = [nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.LazyLinear(CLASSES)]
    result = nn.Sequential(*layers)
    result(torch.zeros(1, 3, SIDE, SIDE))
    return result.requires_grad_(requires_grad=False)


def batch(targets: Tensor | None = None) -> Batch:
    """Smooth images with keys."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(COUNT, 3, 5, 5, generator=generator)
    smooth = nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bicubic").clamp(0, 1)
    labels = torch.arange(COUNT) % CLASSES if targets is None else targets
    keys = image_keys(3, 0, torch.arange(COUNT))
    return Batch((smooth * 255).to(torch.uint8), labels, keys)


def loss(model: nn.Module, images: Tensor, targets: Tensor) -> float:
    """Sum of the cross-entropies."""
    return float(nn.functional.cross_entropy(model(images), targets, reduction="sum"))


def test_no_steps_give_the_start() -> None:
    method, some = AugMax(steps=0), batch()
    plan = method._draw(some.keys, (SIDE, SIDE))
    chains = chain_images(some.images, plan.chains)
    wanted = blend(to_float(some.images), chains, plan.start)
    torch.testing.assert_close(method(some, Door(network())).images, wanted, rtol=0, atol=1e-7)


def test_two_steps_are_those_taken_by_hand() -> None:
    method, some, model = AugMax(steps=2), batch(), network()
    plan = method._draw(some.keys, (SIDE, SIDE))
    chains = chain_images(some.images, plan.chains)
    clean = some.images.float() / 255

    def mixture(m: Tensor, q: Tensor) -> Tensor:
        weights = q.exp() / q.exp().sum(1, keepdim=True)
        mixed = torch.einsum("nk,knchw->nchw", weights, chains)
        m = m[:, None, None, None]
        return (1 - m) * clean + m * mixed

    m, q = plan.start[:, 0].clone(), plan.start[:, 1:].clone()
    for _ in range(2):
        m.requires_grad_(), q.requires_grad_()
        total = nn.functional.cross_entropy(model(mixture(m, q)), some.targets, reduction="sum")
        slope_m, slope_q = torch.autograd.grad(total, (m, q))
        m = (m + 0.1 * slope_m.sign()).clamp(0, 1).detach()
        q = (q + 0.1 * slope_q.sign()).detach()
    result = method(some, Door(model)).images
    torch.testing.assert_close(result, mixture(m, q), rtol=0, atol=1e-6)
    assert (result - mixture(plan.start[:, 0], plan.start[:, 1:])).abs().max() > 0.01


@pytest.mark.parametrize("seed", range(3))
def test_the_climb_raises_the_loss(seed: int) -> None:
    some, model = batch(), network(seed)
    start = AugMax(steps=0)(some, Door(model)).images
    few, many = (AugMax(steps=n)(some, Door(model)).images for n in (5, 10))
    losses = [loss(model, images, some.targets) for images in (start, few, many)]
    assert losses == sorted(losses)
    assert losses[1] > losses[0]


def test_soft_targets_are_climbed_too() -> None:
    some, model = batch(), network()
    soft = nn.functional.one_hot(some.targets, CLASSES).float()
    hard = AugMax()(some, Door(model)).images
    result = AugMax()(some.replace(targets=soft), Door(model))
    torch.testing.assert_close(result.images, hard, rtol=0, atol=1e-6)
    assert result.targets is soft


def test_the_share_stays_in_its_range() -> None:
    door = Door(network())
    result = AugMax(steps=20, step_size=0.3)(batch(), door).images
    shares = torch.stack([point[:, 0] for point in door.points])
    assert shares.min() == 0
    assert shares.max() == 1
    assert result.min() >= 0
    assert result.max() <= 1


def test_the_start_is_uniform_and_of_the_image_alone() -> None:
    keys = image_keys(1, 0, torch.arange(4000))
    start = AugMax()._draw(keys, (SIDE, SIDE)).start
    assert start.shape == (4000, 4)
    assert start.mean(0).tolist() == pytest.approx([0.5] * 4, abs=0.023)  # 5 sigma
    assert start.std(0).tolist() == pytest.approx([12**-0.5] * 4, abs=0.011)
    assert (torch.corrcoef(start.T) - torch.eye(4)).abs().max() < 5 / 4000**0.5
    assert torch.equal(AugMax()._draw(keys[7:8], (SIDE, SIDE)).start, start[7:8])


def test_full_weight_of_one_chain_is_that_chain() -> None:
    some = batch()
    plan = AugMax()._draw(some.keys, (SIDE, SIDE))
    chains = chain_images(some.images, plan.chains)
    for number, chain in enumerate(chains):
        parameters = torch.zeros(COUNT, 4)
        parameters[:, 0], parameters[:, 1 + number] = 1, 200
        torch.testing.assert_close(blend(to_float(some.images), chains, parameters), chain)


def test_the_first_view_is_the_worst_and_the_second_ordinary() -> None:
    method, some = AugMax(), batch()
    worst, ordinary = method.views(some, 2, Door(network()))
    keys = view_keys(some.keys, 0), view_keys(some.keys, 1)
    alone = method(some.replace(keys=keys[0]), Door(network()))
    assert torch.equal(worst.images, alone.images)
    chains = method.draw_chains(named_keys(keys[1], "augmax"), (SIDE, SIDE))
    assert torch.equal(ordinary.images, mix_chains(some.images, chains))
    assert torch.equal(ordinary.keys, keys[1])


def test_the_network_decides_the_first_view_only() -> None:
    some = batch()
    one, other = (AugMax().views(some, 2, Door(network(seed))) for seed in (0, 1))
    assert not torch.equal(one[0].images, other[0].images)
    assert torch.equal(one[1].images, other[1].images)


def test_routes_follow_the_switch() -> None:
    for dubin, routes in ((True, (ADVERSARIAL,)), (False, ())):
        method, door = AugMax(dubin=dubin), Door(network())
        assert method.routes == routes
        views = method.views(batch(), 2, door)
        assert [view.route for view in views] == [ADVERSARIAL if dubin else "", ""]
        assert door.ascents[0].route == views[0].route


def test_how_to_climb_is_passed_on() -> None:
    door = Door(network())
    for method in (AugMax(), AugMax(steps=10, step_size=0.2, per_sample_stop=True, patience=2)):
        method(batch(), door)
    assert door.ascents == [
        Ascent(5, 0.1, patience=0, route=ADVERSARIAL),
        Ascent(10, 0.2, patience=2, route=ADVERSARIAL),
    ]


def test_inputs_are_not_written_to() -> None:
    some = batch()
    before = some.images.clone()
    AugMax().views(some, 2, Door(network()))
    assert torch.equal(some.images, before)


@pytest.mark.parametrize("n", [0, 3])
def test_other_numbers_of_views_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match=f"1 view, or 2 that are unlike, got n={n}"):
        AugMax().views(batch(), n, Door(network()))


def test_one_view_is_the_worst() -> None:
    (view,) = AugMax().views(batch(), 1, Door(network()))
    assert view.route == ADVERSARIAL


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"steps": -1}, "AugMax steps to be an integer from 0 to 1000, got -1"),
        ({"step_size": float("inf")}, "step_size to be a number from 0.0 to 10.0, got inf"),
        ({"patience": 0}, "patience to be an integer from 1"),
        ({"dubin": "yes"}, "dubin to be True or False, got 'yes'"),
        ({"k": 0}, "AugMax k to be an integer from 1 to 64, got 0"),
    ],
)
def test_bad_switches_are_refused(switches: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AugMax(**switches)  # type: ignore[arg-type]


def test_the_network_must_be_passed() -> None:
    with pytest.raises(ValueError, match="AugMax needs the network"):
        AugMax()(batch())
