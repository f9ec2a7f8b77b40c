"""Compiled chains give the values of the tensor code, bit for bit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from augmentations.augmix import augmix
from augmentations.base import Augmentation, Batch
from augmentations.chains import ChainPlan, run_chains
from augmentations.compiled import SWITCH
from augmentations.ipmix import ipmix
from augmentations.random import image_keys

pytest.importorskip("numba")

FORMS: list[tuple[str, dict[str, Any], int, int]] = [  # preset, switches, side, images
    ("official_cifar", {}, 32, 300),
    ("official_cifar", {"all_ops": True, "severity": 10.0}, 32, 300),
    ("official_cifar", {"overflow": "clip", "beta": 0.3}, 32, 100),
    ("official_cifar", {"framework": "input"}, 32, 100),
    ("official_imagenet", {}, 224, 8),
    ("official_imagenet", {"all_ops": True, "severity": 10.0, "methods": "image"}, 224, 6),
    ("paper", {"framework": "linear", "all_ops": True, "linear_skip": True}, 37, 60),
    ("paper", {"k": 5, "t": 4, "all_ops": True, "severity": 10.0}, 45, 60),
    ("paper", {"shapes": "scar", "scar_aspect": "thin", "beta": 0.05}, 33, 60),
    ("paper", {"all_ops": True, "severity": 10.0, "x_aug": True}, 5, 200),
]


def smooth(count: int, side: int, seed: int) -> Tensor:
    """Smooth random pictures (count, 3, side, side) uint8."""
    coarse = torch.rand(count, 3, 5, 5, generator=torch.Generator().manual_seed(seed))
    large = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bicubic")
    return (large.clamp(0, 1) * 255).to(torch.uint8)


def noisy(count: int, side: int, seed: int) -> Tensor:
    """Random values, and some pictures of one, two or three levels."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(0, 256, (count, 3, side, side), generator=generator).to(torch.uint8)
    values[::5] = values[::5] // 128 * 255
    values[1::5] = values[1::5, :, :1, :1]
    values[2::5] = values[2::5].clamp(100, 102)
    return values


@dataclass(frozen=True)
class Case:
    """A batch for a method."""

    images: Tensor
    partners: Tensor

    def keys(self, seed: int) -> Tensor:
        """A key for each image."""
        return image_keys(seed, 0, torch.arange(len(self.images)))

    def views(self, method: Augmentation, seed: int = 0) -> Tensor:
        """Two views of every image."""
        targets = torch.zeros(len(self.images))
        batch = Batch(self.images, targets, self.keys(seed), self.partners)
        return torch.cat([view.images for view in method.views(batch, 2)])


@pytest.fixture
def as_tensors(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Tensor]:
    """Call a function with the compiled loops turned off."""

    def call(function: Callable[..., Tensor], *arguments: object) -> Tensor:
        with monkeypatch.context() as context:
            context.setenv(SWITCH, "0")
            return function(*arguments)

    return call


@pytest.mark.parametrize("make", [smooth, noisy])
@pytest.mark.parametrize(("preset", "switches", "side", "count"), FORMS)
def test_ipmix_is_equal(
    preset: str,
    switches: dict[str, Any],
    side: int,
    count: int,
    make: Callable[[int, int, int], Tensor],
    as_tensors: Callable[..., Tensor],
) -> None:
    method = ipmix(preset, **switches)
    case = Case(make(count, side, 0), smooth(count, side, 1))

    assert torch.equal(case.views(method), as_tensors(case.views, method))


@pytest.mark.parametrize(("preset", "side", "count"), [("cifar", 32, 200), ("imagenet", 96, 20)])
@pytest.mark.parametrize("all_ops", [False, True])
def test_augmix_is_equal(
    preset: str, side: int, count: int, all_ops: bool, as_tensors: Callable[..., Tensor]
) -> None:
    method = augmix(f"official_{preset}", all_ops=all_ops)
    case = Case(noisy(count, side, 2), smooth(count, side, 3))

    assert torch.equal(case.views(method), as_tensors(case.views, method))


def carry_out(case: Case, plan: ChainPlan) -> Tensor:
    """Run the plan for the images of the case."""
    return run_chains(case.images, case.partners, plan, "wrap")


def test_memory_layout_does_not_matter(as_tensors: Callable[..., Tensor]) -> None:
    plan = ipmix("paper").draw_chains(image_keys(0, 0, torch.arange(24)), (32, 32))
    case = Case(smooth(12, 32, 0), smooth(12, 32, 1))
    other = Case(
        case.images.to(memory_format=torch.channels_last),
        case.partners.transpose(2, 3).contiguous().transpose(2, 3),
    )

    assert torch.equal(carry_out(other, plan), as_tensors(carry_out, case, plan))


def test_inputs_are_not_written_to() -> None:
    case = Case(smooth(12, 32, 0), smooth(12, 32, 1))
    before = case.images.clone(), case.partners.clone()
    case.views(ipmix("paper", min_depth=3))

    assert torch.equal(case.images, before[0])
    assert torch.equal(case.partners, before[1])


def test_oblong_images_are_equal(as_tensors: Callable[..., Tensor]) -> None:
    plan = ipmix("paper", all_ops=True, severity=10.0).draw_chains(
        image_keys(0, 0, torch.arange(200)), (24, 24)
    )
    wide, high = noisy(100, 40, 0)[:, :, :24].clone(), noisy(100, 40, 0)[..., :24].clone()
    for images in (wide, high):
        case = Case(images, images.flip(0))
        assert torch.equal(carry_out(case, plan), as_tensors(carry_out, case, plan))
