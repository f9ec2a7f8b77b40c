"""Warnings about networks, each raised by one that deserves it, and about results."""

import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from victims import pictures, predictions, small_network

from robench.attacks.flags import network_flags
from robench.attacks.pgd import PGD
from robench.attacks.suspicion import suspicious
from robench.errors import RunError

PGD20 = PGD().describe()


def linear(images: Tensor) -> Tensor:
    return 10 * images.flatten(1)[:, :3]


CALLS = itertools.count()


def noisy(images: Tensor) -> Tensor:
    return linear(images) + 0.1 * next(CALLS)


def half_flat(images: Tensor) -> Tensor:
    mask = torch.arange(len(images)) % 2 == 0
    return linear(images) * mask.view(-1, 1) + 0.5 * torch.arange(3)


@pytest.mark.parametrize(
    ("network", "messages"),
    [
        (linear, []),
        (noisy, ["not deterministic"]),
        (lambda x: linear(x).softmax(1), ["look like probabilities"]),
        (half_flat, ["zero in every pixel of 4 of 8 images"]),
        (lambda x: linear(x) * 0 + 1.0, ["the same for all of 8", "zero in every pixel of 8 of 8"]),
    ],
)
def test_each_fault_is_named_and_nothing_else(
    network: Callable[[Tensor], Tensor], messages: list[str]
) -> None:
    flags = network_flags(network, pictures(8), torch.zeros(8).long())

    assert len(flags) == len(messages), flags
    for flag, message in zip(flags, messages, strict=True):
        assert message in flag


def test_a_sound_network_has_no_flag_and_is_left_as_it_was() -> None:
    model, images = small_network().train(), pictures(300)
    statistics = model.state_dict()["model.1.running_mean"].clone()

    flags = PGD().inspect(model, images, torch.zeros(300).long(), torch.arange(300))

    assert flags == []
    assert model.training
    assert torch.equal(model.state_dict()["model.1.running_mean"], statistics)


def test_gradients_that_are_not_finite_stop_the_run() -> None:
    def network(images: Tensor) -> Tensor:
        total = images.flatten(1).sum(1)
        return torch.stack([total, (total - total.detach()).sqrt()], 1)

    with pytest.raises(RunError, match="not finite"):
        network_flags(network, pictures(2), torch.zeros(2).long())


def test_images_on_another_scale_are_refused() -> None:
    model, images = small_network(), pictures(2)

    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        network_flags(model, images * 255, predictions(model, images))


@pytest.mark.parametrize(
    ("clean", "attacked", "change", "doubted"),
    [
        (0.10, 0.12, {}, True),
        (0.10, 0.18, {}, True),  # 8 of 90 fell
        (0.10, 0.1901, {}, False),  # 9 of 90 are a tenth
        (0.10, 0.75, {}, False),
        (0.10, 0.12, {"eps": 1 / 255}, False),
        (0.10, 0.12, {"eps": 8 / 255}, True),
        (0.90, 0.90, {}, False),
        (0.10, 0.12, {"norm": "L2", "eps": 0.5}, True),
        (0.10, 0.12, {"norm": "L2", "eps": 0.1}, False),
        (0.10, 0.12, {"norm": "L1"}, False),
        (0.10, 0.12, {"name": "autoattack"}, False),
        (0.10, 0.12, {"eps": None}, False),
    ],
)
def test_little_error_under_attack_is_doubted(
    clean: float, attacked: float, change: dict[str, object], doubted: bool
) -> None:
    text = suspicious(clean, attacked, {**PGD20, **change})

    assert (text is not None) == doubted
    if text:
        assert "Check with autoattack(eps=0." in text


def test_the_doubt_says_how_little() -> None:
    text = suspicious(0.2, 0.22, PGD20)

    assert text is not None
    assert text.startswith("fools only 2.5 % of the images that are right without it, at Linf")
