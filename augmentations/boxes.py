"""Boxes cut out of images: side from an area, clipped to the frame."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Boxes:
    """A box for each of N rows, clipped to the image; every field is (N,) int64.

    Attributes:
        top: First row of pixels.
        bottom: Behind the last one.
        left: First column.
        right: Behind the last one.
    """

    top: Tensor
    bottom: Tensor
    left: Tensor
    right: Tensor

    @classmethod
    def around(
        cls, y: Tensor, x: Tensor, half: tuple[Tensor, Tensor], size: tuple[int, int]
    ) -> "Boxes":
        """Boxes that reach ``half`` (rows, columns) pixels to either side of a pixel corner."""
        (height, width), (tall, wide) = size, half
        return cls(
            (y - tall).clamp(0, height),
            (y + tall).clamp(0, height),
            (x - wide).clamp(0, width),
            (x + wide).clamp(0, width),
        )

    def area(self) -> Tensor:
        """(N,) int64 pixels."""
        return (self.bottom - self.top) * (self.right - self.left)

    def mask(self, size: tuple[int, int]) -> Tensor:
        """(N, 1, H, W) bool, True inside."""
        rows = torch.arange(size[0], device=self.top.device)
        columns = torch.arange(size[1], device=self.top.device)
        tall = (rows >= self.top[:, None]) & (rows < self.bottom[:, None])
        wide = (columns >= self.left[:, None]) & (columns < self.right[:, None])
        return (tall[:, :, None] & wide[:, None, :])[:, None]


def half_sides(share: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Half the sides, in whole pixels, of a box over 1 - ``share`` of the image.

    A side is truncated and then halved, as in the published codes: an odd side loses a pixel.

    Args:
        share: (N,) float64 weight that the image keeps.
        size: (H, W).

    Returns:
        Rows and columns, (N,) int64 each.
    """
    tall, wide = ((side * (1 - share).sqrt()).to(torch.int64) // 2 for side in size)
    return tall, wide
