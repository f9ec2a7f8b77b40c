"""Compositions as text."""

import pytest

from augmentations import build
from augmentations.compose import Chain, Choice, Schedule
from augmentations.cutmix import CutMix
from augmentations.ipmix import ipmix
from augmentations.mixup import MixUp
from augmentations.parsing import call, canonical


def make(text: str) -> object:
    """Build what the text names; two methods are not listed by themselves here."""
    return build(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mixup", MixUp()),
        (" mixup( alpha = 0.2 ) ", MixUp(alpha=0.2)),
        ("ipmix(mixing=['add'])>mixup", Chain((ipmix(mixing=("add",)), MixUp()))),
        ("choice(mixup, cutmix(alpha=.5))", Choice((MixUp(), CutMix(alpha=0.5)))),
        ("choice(mixup, cutmix, mix_group=64)", Choice((MixUp(), CutMix()), mix_group=64)),
        ("schedule(mixup:50, cutmix)", Schedule((MixUp(), CutMix()), (50,))),
        (
            "schedule(ipmix > mixup : 3, choice(mixup, cutmix):4, mixup)",
            Schedule((Chain((ipmix(), MixUp())), Choice((MixUp(), CutMix())), MixUp()), (3, 4)),
        ),
        (
            "ipmix > choice(mixup > cutmix, cutmix > mixup)",
            Chain((ipmix(), Choice((Chain((MixUp(), CutMix())), Chain((CutMix(), MixUp())))))),
        ),
    ],
)
def test_a_text_becomes_the_methods_it_describes(text: str, expected: object) -> None:
    assert make(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "mixup >",
        "mixup > > cutmix",
        "mixup < cutmix > mixup",
        "choice()",
        "choice(mixup, 3)",
        "choice(mixup, other=1)",
        "schedule(mixup, cutmix)",
        "schedule(mixup:50)",
        "schedule(mixup:50, cutmix:50)",
        "schedule(mixup @ cutmix, mixup)",
        "schedule(mixup:50, cutmix, seed=1)",
        "mixup > cutmix:5",
        "mixup > __import__('os').getcwd()",
        "choice(mixup, [cutmix])",
        "mixup(alpha=open('x')) > cutmix",
        "mixup > unknown",
    ],
)
def test_other_texts_are_refused_and_nothing_is_evaluated(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the wording is that of each part
        make(text)


def test_the_refusal_shows_the_part_and_the_form() -> None:
    with pytest.raises(ValueError, match=r"Cannot read 'cutmix:5' in 'choice\(mixup.*': expected"):
        make("choice(mixup, cutmix:5)")


def test_equal_compositions_have_one_spelling() -> None:
    spellings = (
        "ipmix>schedule( mixup :50,choice(cutmix,mixup,mix_group=64) )",
        " ipmix > schedule(mixup:50, choice(cutmix, mixup, mix_group=64))",
    )
    found = {canonical(text, str.strip) for text in spellings}
    assert found == {"ipmix > schedule(mixup:50, choice(cutmix, mixup, mix_group=64))"}
    [text] = found
    assert canonical(text, str.strip) == text
    assert make(text) == make(spellings[0])


def test_a_call_is_a_name_with_literals() -> None:
    assert call("ipmix(k=4, overflow='clip')") == ("ipmix", {"k": 4, "overflow": "clip"})
    for text in ("ipmix(4)", "ipmix(k=x)", "a.b(k=1)", "ipmix(k=4", "3"):
        with pytest.raises(ValueError, match="expected NAME"):
            call(text)
