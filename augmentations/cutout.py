"""Cutout."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from augmentations.base import Augmentation, Batch
from augmentations.boxes import Boxes
from augmentations.random import integers, named_keys


@dataclass(frozen=True)
class Cutout(Augmentation):
    """One square hole per image, filled with a constant colour.

    DeVries & Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout",
    arXiv:1708.04552, 2017. The centre c is uniform over the pixels; rows and columns from c - size
    // 2 to c + size // 2 - 1 are filled as far as they lie in the image, so the area varies (an odd
    size loses a pixel, as in the authors' code). They fill with zero after normalisation; here
    that is the colour which becomes zero. Takes and gives float32 in [0, 1].

    Args:
        size: Side of the hole in pixels: 16 on CIFAR-10, 8 on CIFAR-100, 56 on ImageNet.
        fill: Red, green and blue of the hole: the mean that the network subtracts.

    Raises:
        ValueError: ``size`` is no integer of at least 2, or ``fill`` not three numbers in [0, 1].
    """

    size: int = 16
    fill: tuple[float, float, float] = (0.5, 0.5, 0.5)

    takes: ClassVar[torch.dtype] = torch.float32
    gives: ClassVar[torch.dtype] = torch.float32

    def __post_init__(self) -> None:
        if type(self.size) is not int or self.size < 2:
            raise ValueError(f"Cutout size must be an integer of at least 2, got {self.size!r}")
        if len(self.fill) != 3 or not all(0 <= value <= 1 for value in self.fill):
            raise ValueError(f"Cutout fill must be three numbers in [0, 1], got {self.fill!r}")

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> Boxes:
        """The hole of each row; refuses holes that cover the image wherever they lie."""
        if self.size >= 2 * max(size):
            raise ValueError(
                f"Cutout size must be below twice the image, {size[0]} x {size[1]}, got {self.size}"
            )
        keys = named_keys(keys, "cutout")
        y, x = (integers(keys, 0, side - 1, draw) for draw, side in enumerate(size))
        half = torch.full_like(keys, self.size // 2)
        return Boxes.around(y, x, (half, half), size)

    def _apply(self, batch: Batch, plan: Boxes) -> Batch:
        """Fill the holes of images (N, 3, H, W) float32."""
        images = batch.images
        hole = plan.mask((images.shape[2], images.shape[3]))
        fill = torch.tensor(self.fill, dtype=images.dtype, device=images.device)
        return batch.replace(images=torch.where(hole, fill[:, None, None], images))
