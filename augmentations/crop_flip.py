"""The standard training crop of CIFAR: mirror, then crop from a zero-padded frame."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import torch
from torch import Tensor

from augmentations.base import Augmentation, Batch
from augmentations.random import integers, named_keys, uniform


class _Draw(IntEnum):
    """Numbers of the draws."""

    FLIP = 0
    TOP = 1
    LEFT = 2


@dataclass(frozen=True)
class CropFlip(Augmentation):
    """Flip left to right with probability 1/2, pad with black, crop back to the size.

    In this order, as in the training scripts of AugMix, PixMix and IPMix.

    Args:
        padding: Pixels on each side; 4 for CIFAR.
        flip: False where a mirror image is another class, as for digits.

    Raises:
        ValueError: ``padding`` is negative.
    """

    padding: int = 4
    flip: bool = True

    takes: ClassVar[torch.dtype] = torch.uint8
    gives: ClassVar[torch.dtype] = torch.uint8

    def __post_init__(self) -> None:
        if self.padding < 0:
            raise ValueError(f"padding must not be negative, got {self.padding}")

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Whether to flip (N,) bool, first row and column of the crop (N,) int64."""
        own = named_keys(keys, "crop_flip")
        top = integers(own, 0, 2 * self.padding, _Draw.TOP)
        left = integers(own, 0, 2 * self.padding, _Draw.LEFT)
        chance = 0.5 if self.flip else 0.0
        return uniform(own, _Draw.FLIP) < chance, top, left

    def _apply(self, batch: Batch, plan: tuple[Tensor, Tensor, Tensor]) -> Batch:
        """Flip and crop images (N, 3, H, W) uint8."""
        flip, top, left = plan
        height, width = batch.images.shape[2:]
        images = torch.where(flip[:, None, None, None], batch.images.flip(3), batch.images)
        padded = torch.nn.functional.pad(images, (self.padding,) * 4)
        windows = padded.unfold(2, height, 1).unfold(3, width, 1)
        rows = torch.arange(len(images), device=images.device)
        return batch.replace(images=windows[rows, :, top, left])
