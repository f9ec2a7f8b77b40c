"""PGD in the Euclidean ball, and from several random starts."""

import math

import pytest
import torch
from torch import Tensor
from victims import pictures, predictions, small_network, two_classes

from robench.attacks import make_attack
from robench.attacks.pgd import PGD, pgd


def distances(found: Tensor, images: Tensor) -> Tensor:
    offset = (found.double() - images.double()).flatten(1)
    return offset.square().sum(1).sqrt()


@pytest.mark.parametrize("random_start", [False, True])
def test_gives_the_images_of_torchattacks_from_the_same_start(
    random_start: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``normal_`` and ``uniform_`` replaced so that its start is ours."""
    peer = pytest.importorskip("torchattacks")
    model, images = small_network().eval(), 0.2 + 0.6 * pictures(24)
    labels = predictions(model, images)
    attack = PGD(
        steps=10, eps=0.5, step_size=0.1, norm="L2", random_start=random_start, stop="never"
    )
    noise = attack.start(images, torch.arange(24)) - images
    lengths = noise.flatten(1).norm(dim=1).view(-1, 1, 1, 1) / 0.5
    monkeypatch.setattr(Tensor, "normal_", lambda self: self.copy_(noise))
    monkeypatch.setattr(Tensor, "uniform_", lambda self, *_: self.copy_(lengths))

    ours = attack(model, images, labels, torch.arange(24))
    theirs = peer.PGDL2(model, eps=0.5, alpha=0.1, steps=10, random_start=random_start)(
        images, labels
    )

    assert (ours.adversarial - theirs).abs().max() <= 1e-6
    assert distances(ours.adversarial, images).min() > 0.4
    torch.testing.assert_close(ours.fooled, predictions(model, theirs) != labels)


@pytest.mark.parametrize("eps", [0.01, 0.5, 3.0, 40.0])
@pytest.mark.parametrize("stop", ["first", "never"])
def test_no_image_leaves_the_ball_or_the_range_in_float64(eps: float, stop: str) -> None:
    model, images = small_network(), pictures(16)
    images[:4] = 0.3
    attack = make_attack(f"pgd(norm='L2', eps={eps!r}, steps=5, stop={stop!r})")

    found = attack(model, images, predictions(model, images), torch.arange(16)).adversarial

    assert distances(found, images).max() <= eps
    assert 0 <= found.min() <= found.max() <= 1


def test_starts_are_uniform_in_the_ball_and_have_the_same_bits_in_any_batch() -> None:
    """(length / eps)^12 of 2,000 starts in 12 dimensions: mean 1/2 within 5 sigma, 6e-7."""
    images, indices = torch.full((2000, 3, 2, 2), 0.5), torch.arange(2000)
    attack = PGD(norm="L2", eps=0.4)

    starts = attack.start(images, indices)
    alone = torch.cat([attack.start(images[i : i + 1], indices[i : i + 1]) for i in range(40)])

    volumes = (distances(starts, images) / 0.4) ** 12
    assert torch.equal(starts[:40], alone)
    assert abs(float(volumes.mean()) - 0.5) < 5 * math.sqrt(1 / 12 / 2000)
    directions = (starts - 0.5).flatten(1).sign().mean(0)
    assert directions.abs().max() < 5.5 / math.sqrt(2000)  # of 12 values: 5e-7


@pytest.mark.parametrize("stop", ["first", "never"])
def test_finds_the_known_optimum_of_a_linear_network(stop: str) -> None:
    generator = torch.Generator().manual_seed(5)
    direction = torch.randn(1, 3, 8, 8, generator=generator, dtype=torch.float64)
    images = 0.3 + 0.4 * torch.rand(300, 3, 8, 8, generator=generator)
    scores = (images.double() * direction).sum((1, 2, 3))
    threshold = float(scores.median())
    labels = (scores > threshold).long()
    reach = 0.08 * float(direction.norm())  # no value comes near 0 or 1
    expected = (scores - threshold).abs() < reach

    result = make_attack(f"pgd(norm='L2', eps=0.08, steps=40, step_size=0.01, stop={stop!r})")(
        two_classes(direction, threshold), images, labels, torch.arange(300)
    )

    assert 30 < int(expected.sum()) < 270
    near = ((scores - threshold).abs() - reach).abs() < 1e-3 * reach
    assert torch.equal(result.fooled[~near], expected[~near])
    assert int(near.sum()) < 5


def test_its_defaults_can_cross_the_ball() -> None:
    attack = pgd(norm="L2", eps=1.5, steps=10)

    assert attack.step_size == 2.5 * 1.5 / 10
    assert pgd(norm="L2").eps == 0.5
    assert make_attack(attack.literal) == attack


def test_a_flat_image_is_not_moved() -> None:
    found = PGD(norm="L2", eps=1.0, step_size=0.5, steps=2, random_start=False, stop="never")(
        lambda x: x.flatten(1)[:, :2] * 0, pictures(2), torch.zeros(2).long(), torch.arange(2)
    )

    assert torch.equal(found.adversarial, pictures(2))


@pytest.mark.parametrize("norm", ["Linf", "L2"])
@pytest.mark.parametrize("stop", ["first", "never"])
def test_more_restarts_never_fool_less_and_the_first_is_the_same_to_the_bit(
    norm: str, stop: str
) -> None:
    """Short steps, so that the start decides much."""
    model, images, indices = small_network(), pictures(300), torch.arange(300)
    labels = predictions(model, images)
    eps = 2 / 255 if norm == "Linf" else 0.2
    one, two, five = (
        make_attack(
            f"pgd(norm={norm!r}, eps={eps}, step_size={eps / 20}, steps=3, stop={stop!r}, "
            f"restarts={number})"
        )(model, images, labels, indices)
        for number in (1, 2, 5)
    )

    assert (two.fooled | ~one.fooled).all()
    assert (five.fooled | ~two.fooled).all()
    assert int(five.fooled.sum()) > int(one.fooled.sum())
    assert torch.equal(five.adversarial[one.fooled], one.adversarial[one.fooled])
    assert int(five.steps.max()) <= 15
    assert torch.equal(predictions(model, five.adversarial) != labels, five.fooled)
    if stop == "first":
        assert torch.equal(five.steps[one.fooled], one.steps[one.fooled])
        assert (five.steps[five.fooled & ~one.fooled] > 3).all()


def test_each_restart_starts_elsewhere() -> None:
    attack, images, indices = PGD(restarts=3), pictures(4), torch.arange(4)

    starts = [attack.start(images, indices, restart) for restart in range(3)]

    assert torch.equal(starts[0], PGD().start(images, indices))
    assert not torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[1], starts[2])
