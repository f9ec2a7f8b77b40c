"""IPMix: the published forms, which values are allowed, and which images fit."""

from typing import Any

import pytest
import torch

from augmentations.base import Batch
from augmentations.chains import ChainPlan
from augmentations.ipmix import IPMix, ipmix
from augmentations.random import image_keys


def batch(count: int, side: int) -> Batch:
    """Grey images with grey partners."""
    images = torch.full((count, 3, side, side), 100, dtype=torch.uint8)
    keys = image_keys(0, 0, torch.arange(count))
    return Batch(images, torch.arange(count), keys, images.clone())


def plan(method: IPMix, count: int = 4000, side: int = 32) -> ChainPlan:
    """What the method decides for many keys."""
    return method.draw_chains(image_keys(5, 0, torch.arange(count)), (side, side))


def test_presets_are_the_three_published_forms() -> None:
    cifar, imagenet, paper = (ipmix(p) for p in ("official_cifar", "official_imagenet", "paper"))
    assert ipmix() == cifar
    assert (cifar.patches, cifar.severity, cifar.beta) == ((4, 8, 16, 32), 3, 3)
    assert (cifar.x_aug, cifar.min_depth, cifar.overflow) == (False, 0, "wrap")
    assert (imagenet.patches[-1], imagenet.severity, imagenet.beta) == (224, 1, 4)
    assert (imagenet.x_aug, imagenet.min_depth) == (True, 0)
    assert (paper.x_aug, paper.min_depth) == (True, 1)


def test_the_patches_of_the_paper_follow_the_size_and_256_is_the_full_image() -> None:
    small = plan(ipmix("paper", shapes="square")).patches.patches.width
    assert torch.unique(small).tolist() == [4, 8, 16, 32]
    large = plan(ipmix("paper", shapes="square"), 500, 224).patches.patches.width
    assert torch.unique(large).tolist() == [4, 8, 16, 32, 64, 224]
    named = plan(ipmix("official_imagenet", patches=(64, 256)), 500, 224)
    assert named.patches.patches.width.max() == 224


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        ({"preset": "cifar"}, "one of .*official_imagenet.*got 'cifar'"),
        ({"depth": 3}, "switch.*'min_depth'.*got 'depth'"),
        ({"overflow": "saturate"}, "overflow.*'wrap', 'clip'.*got 'saturate'"),
        ({"shapes": "round"}, "shapes.*got 'round'"),
        ({"scar_aspect": "long"}, "scar_aspect.*got 'long'"),
        ({"methods": "none"}, "methods.*got 'none'"),
        ({"framework": "lines"}, "framework.*'chain'.*'linear'.*got 'lines'"),
        ({"k": 0}, "k to be an integer from 1.*got 0"),
        ({"alpha": 0}, "alpha.*got 0"),
        ({"severity": 11}, "severity.*10.*got 11"),
        ({"min_depth": 4}, "min_depth.*got 4"),
        ({"patches": (1, 4)}, "patches.*at least 2.*got"),
        ({"mixing": ("add", "screen")}, "mixing.*random_elements.*got"),
        ({"mixing": ()}, "mixing.*non-empty"),
    ],
)
def test_bad_switches_are_refused(switches: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ipmix(**switches)


@pytest.mark.parametrize("side", [64, 224])
def test_large_images_must_name_their_preset(side: int) -> None:
    with pytest.raises(ValueError, match=r"ImageNet-size data must name its preset"):
        ipmix()(batch(2, side))


@pytest.mark.parametrize(("preset", "side"), [("official_cifar", 28), ("official_imagenet", 160)])
def test_patches_that_do_not_fit_are_refused(preset: str, side: int) -> None:
    with pytest.raises(ValueError, match=f"do not fit images of {side} x {side}"):
        ipmix(preset)(batch(2, side))


def test_small_images_may_name_small_patches() -> None:
    assert ipmix(patches=(2, 4, 8))(batch(4, 8)).images.shape == (4, 3, 8, 8)


def test_other_alphas_keep_the_weights_convex() -> None:
    weights = plan(ipmix(alpha=0.5), 500).weights
    torch.testing.assert_close(weights.sum(0), torch.ones(500))


@pytest.mark.parametrize(
    "switches",
    [
        {"k": 3.0},
        {"k": True},
        {"min_depth": 0.5},
        {"x_aug": 1},
        {"all_ops": "yes"},
        {"patches": (4.0, 32)},
    ],
)
def test_a_switch_of_another_type_is_refused_by_name(switches: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"Expected IPMix {next(iter(switches))}"):
        ipmix(**switches)


@pytest.mark.parametrize(("preset", "side"), [("official_cifar", 48), ("official_imagenet", 256)])
def test_an_official_preset_refuses_sides_without_a_pixel_level(preset: str, side: int) -> None:
    images = torch.zeros(1, 3, side, side, dtype=torch.uint8)
    keys = image_keys(0, 0, torch.arange(1))

    with pytest.raises(ValueError, match=f"do not fit images of {side} x {side}"):
        ipmix(preset)(Batch(images, torch.zeros(1), keys, images))
