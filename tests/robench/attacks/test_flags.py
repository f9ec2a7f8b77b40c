"""Warnings about networks, each raised by one that deserves it, and about results."""

import itertools
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from torch import Tensor
from victims import pictures, predictions, small_network

from robench.attacks import ATTACKS, Attack, AttackResult, make_attack
from robench.attacks.flags import inspect_attack, network_flags
from robench.attacks.pgd import PGD
from robench.attacks.suspicion import suspicious
from robench.errors import InputError, RunError

PGD20 = PGD().describe()


def linear(images: Tensor) -> Tensor:
    return 10 * images.flatten(1)[:, :3]


CALLS = itertools.count()


def noisy(images: Tensor) -> Tensor:
    return linear(images) + 0.1 * next(CALLS)


def half_flat(images: Tensor) -> Tensor:
    mask = torch.arange(len(images)) % 2 == 0
    return linear(images) * mask.view(-1, 1) + 0.5 * torch.arange(3)


def rooted(images: Tensor) -> Tensor:
    """Of every other image it takes the root of zero."""
    logits = linear(images)
    elsewhere = (torch.arange(len(images)) % 2).view(-1, 1)
    return logits + ((logits - logits.detach()).square() + elsewhere).sqrt()


def low(images: Tensor) -> Tensor:
    return linear(images).bfloat16()


@pytest.mark.parametrize(
    ("network", "messages"),
    [
        (linear, []),
        (rooted, ["the gradient is not finite in 4 of 8 images"]),
        (lambda x: linear(x.detach()), ["no gradient reaches the images"]),
        (torch.no_grad()(linear), ["no gradient reaches the images"]),
        (low, ["computes in torch.bfloat16 inside, although the passport says fp32; low"]),
        (lambda x: linear(x).double(), ["torch.float64 inside, although the passport says fp32."]),
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

    flags = inspect_attack(PGD(), model, images, torch.zeros(300).long(), torch.arange(300))

    assert flags == []
    assert model.training
    assert torch.equal(model.state_dict()["model.1.running_mean"], statistics)


def test_logits_that_are_not_finite_stop_the_run() -> None:
    with pytest.raises(RunError, match="logits that are not finite"):
        network_flags(lambda x: linear(x) / 0, pictures(2), torch.zeros(2).long())


def test_equal_faults_read_alike_so_that_they_merge() -> None:
    labels = torch.zeros(8).long()

    assert network_flags(noisy, pictures(8), labels) == network_flags(noisy, pictures(8), labels)


class Older:
    """An attack of another package, from before there was ``inspect``."""

    literal = "older"

    def describe(self) -> dict[str, object]:
        """A name, no more."""
        return {"name": "older"}

    def __call__(self, *_: object) -> AttackResult:
        """Not of interest."""
        raise NotImplementedError


class Newer(Older):
    """One that looks for itself."""

    def inspect(self, *_: object) -> list[str]:
        """The same of every network."""
        return ["its own words"]


@pytest.mark.parametrize(
    ("attack", "flags"),
    [(Older(), ["the outputs are the same for all of 2 images."]), (Newer(), ["its own words"])],
)
def test_an_attack_without_words_of_its_own_gets_ours(attack: Older, flags: list[str]) -> None:
    found = inspect_attack(
        cast("Attack", attack),
        lambda x: x.flatten(1)[:, :3] - x.detach().flatten(1)[:, :3],
        pictures(2),
        torch.zeros(2).long(),
        torch.arange(2),
    )

    assert found == flags


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (Older, None),
        (object, "object that it makes lacks the string literal, the method describe, the method"),
        (lambda: print, "lacks the string literal, the method describe;"),
    ],
)
def test_what_a_plugin_makes_must_be_an_attack(
    made: object, message: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "outside_attacks", SimpleNamespace(made=made))
    monkeypatch.setitem(ATTACKS, "older", "outside_attacks:made")

    if message is None:
        assert make_attack("older").literal == "older"
        return
    with pytest.raises(InputError, match=message):
        make_attack("older")


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
        (0.10, 0.12, {"norm": "L2", "eps": 0.5, "step_size": 0.0625}, True),
        (0.10, 0.12, {"norm": "L2", "eps": 0.1}, False),
        (0.10, 0.12, {"steps": 3}, False),  # 3 steps of 0.5/255 do not reach 2/255
        (0.10, 0.12, {"steps": 4}, True),
        (0.10, 0.12, {"name": "older"}, False),
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
        assert 'Check with --attack "autoattack(eps=' in text


def test_the_doubt_says_how_little() -> None:
    text = suspicious(0.2, 0.22, PGD20)

    assert text is not None
    assert text.startswith("fools only 2.5 % of the images that are right without it, at Linf")


@pytest.mark.parametrize(
    ("text", "ball"),
    [
        ("fgsm", "Linf eps 2/255"),
        ("torchattacks:PGD", "Linf eps 8/255"),
        ("torchattacks:FGSM", "Linf eps 8/255"),
        ("torchattacks:PGD(alpha=0.002)", None),  # 10 steps of it are less than 8/255
        ("torchattacks:PGDL2", "L2 eps 1"),
        ("torchattacks:PGDL2(eps=0.02)", None),
        ("torchattacks:APGD(norm='L2', eps=0.5)", "L2 eps 0.5"),
        ("torchattacks:APGDT(norm='L1', eps=12)", None),
        ("torchattacks:Square", None),
        ("torchattacks:SPSA", None),
        ("torchattacks:OnePixel", None),
        ("torchattacks:VANILA", None),
        ("torchattacks:PIFGSM", None),
        ("torchattacks:PGDRSL2", None),
        ("torchattacks:AutoAttack", None),
        ("autoattack", None),
    ],
)
def test_only_gradient_attacks_of_a_known_ball_doubt_the_gradients(
    text: str, ball: str | None
) -> None:
    pytest.importorskip("torchattacks")

    found = suspicious(0.1, 0.1, make_attack(text).describe())

    assert (found is None) == (ball is None)
    assert ball is None or f"at {ball}:" in str(found)


@pytest.mark.parametrize("name", ["CW", "DeepFool", "SparseFool", "JSMA", "EADL1", "GN", "Pixle"])
def test_attacks_without_a_radius_are_named_whatever_they_found(name: str) -> None:
    pytest.importorskip("torchattacks")
    described = make_attack(f"torchattacks:{name}").describe()

    for error in (0.1, 1.0):
        assert str(suspicious(0.1, error, described)).startswith("has no radius: how far")
