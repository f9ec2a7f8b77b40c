"""PixMix."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any, ClassVar

import torch
from torch import Tensor

from augmentations.augmix_ops import draw_image_steps
from augmentations.base import Augmentation, Batch
from augmentations.chains import ImageSteps
from augmentations.mixing import MIXING_OPS, mixing_weights
from augmentations.pixel_mixing import ROUND_OPS, PixelPlan, run_rounds
from augmentations.random import integers, named_keys, part_keys, uniform
from augmentations.switches import (
    from_preset,
    require,
    require_cifar_side,
    require_fields,
    require_square,
)

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "official_cifar": {},
        "official_imagenet": {"beta": 4.0, "severity": 1.0},
        "paper": {"k": 3, "beta": 4.0},
    }
)


class _Draw(IntEnum):
    """Numbers of the draws: of an image, and of a round (each has keys of its own)."""

    START = 0
    START_OP = 1  # to 3
    ROUNDS = 4
    SOURCE = 0
    SOURCE_OP = 1  # to 3
    MIXING = 4
    WEIGHTS = 5  # to 7


@dataclass(frozen=True, kw_only=True)
class PixMix(Augmentation):
    """Rounds of adding or multiplying a mixing picture or an augmented copy of the image.

    Hendrycks et al., "PixMix: Dreamlike Pictures Comprehensively Improve Safety Measures", CVPR
    2022, and the authors' code (f867e87). Mixing happens in float32 and is clipped to [0, 1] after
    every round; nothing is rounded to uint8. Takes square uint8 images, gives float32 in [0, 1].

    Args:
        preset: Which published form the other switches started from.
        k: Most rounds; their number is U{0..k}.
        beta: Severity of add and multiply.
        severity: Largest level of the image operations, up to 10.
        all_ops: Whether to add the four operations that resemble corruptions. The authors' recipes
            do; off by default, so that ImageNet-C stays unseen.

    Raises:
        ValueError: A switch has a value that is not allowed; the message says which are.
    """

    preset: str = "official_cifar"
    k: int = 4
    beta: float = 3.0
    severity: float = 3.0
    all_ops: bool = False

    needs_partners: ClassVar[bool] = True
    gives: ClassVar[torch.dtype] = torch.float32

    def __post_init__(self) -> None:
        known = tuple(PRESETS)
        require("PixMix", "preset", self.preset, self.preset in known, f"one of {known}")
        require_fields(
            self,
            integers={"k": (1, 64)},
            numbers={"beta": (0.01, 1e6), "severity": (0.1, 10)},
            flags=("all_ops",),
        )

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> PixelPlan:
        """All decisions for the images with these keys (N,)."""
        law = (self.all_ops, self.severity, require_square("PixMix", size))
        require_cifar_side("PixMix", self.preset, size[0])
        own = named_keys(keys, "pixmix")
        start = draw_image_steps(own, law, _Draw.START_OP)
        started = start.active & (uniform(own, _Draw.START) < 0.5)
        each = part_keys(own, self.k).T  # (k, N)
        number = torch.arange(self.k, device=keys.device)[:, None]
        names = torch.tensor([MIXING_OPS.index(name) for name in ROUND_OPS], device=keys.device)
        a, b = mixing_weights(each, self.beta, _Draw.WEIGHTS)
        return PixelPlan(
            first=ImageSteps(started, start.op, start.argument),
            active=number < integers(own, 0, self.k, _Draw.ROUNDS),
            second=draw_image_steps(each, law, _Draw.SOURCE_OP),
            augmented=uniform(each, _Draw.SOURCE) < 0.5,
            op=names[integers(each, 0, len(names) - 1, _Draw.MIXING)],
            a=a,
            b=b,
        )

    def _apply(self, batch: Batch, plan: PixelPlan) -> Batch:
        """Carry out a plan."""
        if batch.partners is None:
            raise ValueError("PixMix needs mixing pictures: set Batch.partners")
        return batch.replace(images=run_rounds(batch.images, batch.partners, plan))


def pixmix(preset: str = "official_cifar", **switches: Any) -> PixMix:  # noqa: ANN401
    """Make PixMix from a preset with some switches changed.

    Args:
        preset: ``official_cifar`` or ``official_imagenet``, as the authors' scripts run by
            default, or ``paper``, the reverse pairing of k and beta in the text.
        **switches: Fields of ``PixMix``.

    Raises:
        ValueError: Unknown preset, unknown switch, or a value that is not allowed.
    """
    return from_preset(PixMix, PRESETS, preset, switches)
