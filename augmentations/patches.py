"""Patches: where they lie and how they are mixed."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from augmentations.mixing import MIXING_OPS, mixing_weights
from augmentations.random import integers, part_keys, uniform

SHAPES = ("both", "square", "scar")
SCAR_ASPECTS = ("official", "thin")
Index = int | Tensor | tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Patches:
    """A rectangle for each of R rows; every field is (R,) int64.

    Attributes:
        left: First column.
        top: First row.
        width: At least 1.
        height: At least 1.
    """

    left: Tensor
    top: Tensor
    width: Tensor
    height: Tensor

    def __getitem__(self, index: Index) -> "Patches":
        """The same selection of every field."""
        return Patches(self.left[index], self.top[index], self.width[index], self.height[index])

    def lines(self, stride: int) -> tuple[Tensor, Tensor, Tensor]:
        """The lines of pixels that all rectangles consist of, in images of width ``stride``.

        Returns:
            (L,) int64 each: the row in 0..R-1, the first pixel ``y * stride + x``, the length.
        """
        owner = torch.repeat_interleave(self.height)
        first_line = self.height.cumsum(0) - self.height
        corner = (self.top - first_line) * stride + self.left
        line = torch.arange(0, len(owner) * stride, stride, device=owner.device)
        return owner, corner[owner] + line, self.width[owner]


def draw_patches(
    keys: Tensor, sizes: tuple[int, ...], side: int, form: tuple[str, str], draw: int
) -> Patches:
    """Draw a patch for every key.

    The position is drawn for the square of the drawn size, before the shape, so that scars
    under-cover the right and bottom edges, as in the authors' code.

    Args:
        keys: int64 of any shape.
        sizes: Sides to choose from, uniformly; what exceeds ``side`` means the full image.
        side: Side of the image.
        form: The shape, ``square``, ``scar`` (each side U{2..P}) or ``both`` (a fair coin); the
            aspect of scars, ``official`` or ``thin``: sides U{2..max(2, P/4)} and U{P/2..P}.
        draw: First of seven draw numbers used.

    Returns:
        Patches whose fields have the shape of ``keys``.
    """
    table = torch.tensor(sizes, device=keys.device).clamp(max=side)
    size = table[integers(keys, 0, len(sizes) - 1, draw)]
    left = integers(keys, 0, side - size, draw + 1)
    top = integers(keys, 0, side - size, draw + 2)
    square = uniform(keys, draw + 3) < {"both": 0.5, "square": 1.0, "scar": 0.0}[form[0]]
    if form[1] == "thin":
        thin = integers(keys, 2, (size // 4).clamp(min=2), draw + 4)
        long = integers(keys, size // 2, size, draw + 5)
        upright = uniform(keys, draw + 6) < 0.5
        width, height = torch.where(upright, thin, long), torch.where(upright, long, thin)
    else:
        width, height = (integers(keys, 2, size, draw + i) for i in (4, 5))
    return Patches(left, top, torch.where(square, size, width), torch.where(square, size, height))


@dataclass(frozen=True, eq=False)
class Mixing:
    """How each of R rows is mixed; every field is (R,).

    Attributes:
        op: int64 position in ``MIXING_OPS``.
        a: float32 weight A of add and multiply.
        b: float32 weight B of add and multiply.
        keep: float32 probability that the random operations keep the first picture.
        mask_keys: int64 keys of the masks of the random operations.
    """

    op: Tensor
    a: Tensor
    b: Tensor
    keep: Tensor
    mask_keys: Tensor

    def __getitem__(self, index: Index) -> "Mixing":
        """The same selection of every field."""
        return Mixing(**{name: value[index] for name, value in vars(self).items()})


def draw_mixing(keys: Tensor, names: tuple[str, ...], severity: float, draw: int) -> Mixing:
    """Draw a mixing operation, uniform over ``names``, with its parameters, for every key.

    Args:
        keys: int64 of any shape.
        names: Names from ``MIXING_OPS``.
        severity: See ``mixing_weights``.
        draw: First of five draw numbers used.

    Returns:
        A mixing whose fields have the shape of ``keys``.
    """
    table = torch.tensor([MIXING_OPS.index(name) for name in names], device=keys.device)
    op = table[integers(keys, 0, len(names) - 1, draw)]
    a, b = mixing_weights(keys, severity, draw + 1)
    keep = uniform(keys, draw + 4).to(torch.float32)
    return Mixing(op, a, b, keep, mask_keys=part_keys(keys, 1)[..., 0])
