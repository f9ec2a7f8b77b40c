"""From a command line to one configuration: names that mean the same are the same."""

from pathlib import Path
from typing import Any

import pytest

from robench.config import TrainConfig
from robench.errors import InputError
from robench.train.resolve import resolve


def resolved(aug: str, **values: Any) -> TrainConfig:  # noqa: ANN401
    given = {"arch": "air32", "data": "cifar10", "data_dir": Path(), "aug": aug, **values}
    return resolve(given, None, {})


@pytest.mark.parametrize(
    ("spellings", "name"),
    [
        (("mixup", "mixup(alpha=1)", " mixup( alpha=1.0, mix_group=128 )"), "mixup"),
        (("mixup(alpha=2)", "mixup(alpha=2.0)"), "mixup(alpha=2.0)"),
        (("ipmix", "ipmix(preset='official_cifar')", "ipmix(k=3, x_aug=False)"), "ipmix"),
        (
            ("ipmix(preset='paper', min_depth=0)", "ipmix(min_depth=0, preset='paper')"),
            "ipmix(min_depth=0, preset='paper')",
        ),
        (("choice(mixup,cutmix)", "choice(mixup, cutmix, mix_group=128)"), "choice(mixup, cutmix)"),
        (("augmix>mixup(alpha=1)", "augmix > mixup"), "augmix > mixup"),
    ],
)
def test_equal_methods_have_one_name(spellings: tuple[str, ...], name: str) -> None:
    assert {resolved(text).aug for text in spellings} == {name}


def test_the_data_set_sets_what_the_authors_set_for_it() -> None:
    assert resolved("cutout", data="cifar10").aug == "cutout"  # 16 pixels, the method's own
    assert resolved("cutout", data="cifar100").aug == "cutout(size=8)"
    assert resolved("augmix > cutout", data="cifar100").aug == "augmix > cutout(size=8)"
    assert resolved("cutout(size=12)", data="cifar100").aug == "cutout(size=12)"


def test_the_loss_is_that_of_the_authors() -> None:
    losses = {
        aug: resolved(aug, arch="wrn16_1").loss
        for aug in ("ipmix", "augmix", "prime", "augmax", "mixup", "augmix > mixup", "pixmix")
    }
    consistent = {aug for aug, loss in losses.items() if loss == "jsd"}
    assert consistent == {"ipmix", "augmix", "prime", "augmax"}
    # The short recipe of air32 takes one view, but unlike views have to be compared.
    assert [resolved(aug).loss for aug in ("ipmix", "augmax")] == ["ce", "jsd"]


def test_mixing_pictures_are_for_methods_that_mix_them_in() -> None:
    assert resolved("ipmix").mixing_set == "orbit-traps"
    assert resolved("mixup").mixing_set is None
    with pytest.raises(InputError, match="--mixing-set ifs: mixup mixes no pictures in"):
        resolved("mixup", mixing_set="ifs")
    with pytest.raises(InputError, match="--mixing-n 7: augmix > mixup mixes no pictures in"):
        resolved("augmix > mixup", mixing_n=7)


@pytest.mark.parametrize(
    ("aug", "message"),
    [
        ("mixup(alhpa=1)", "unknown argument 'alhpa'; it takes alpha, mix_group"),
        ("mixup(alpha='a')", "alpha to be a number from 0.001 to 1000.0, got 'a'"),
        ("mixup(alpha=True)", "alpha to be a number from 0.001 to 1000.0, got True"),
        ("none(k=1)", "unknown argument 'k'; it takes no arguments"),
        ("ipmix(kk=1)", "switch to be one of"),
        ("schedule(mixup, cutmix)", "Cannot read 'schedule.*': each part but the last needs"),
        ("mixup > augmix", "AugMix takes bytes, but MixUp before it gives floats"),
    ],
)
def test_refusals_say_what_came_and_what_is_taken(aug: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        resolved(aug)
