"""Random spatial distortion: smooth displacements of few or many sine modes."""

import math
from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from augmentations.ops import split_by
from augmentations.prime.draws import arcsine, normal
from augmentations.random import integers

_LOWEST = 2
_STRIDE = 1024  # positions between rows of coefficients, whatever the cut-off
_BOUNDS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1023)  # modes computed
_CACHE_VALUES = 250_000  # coefficients at a time on a CPU
_GRAIN = 2.0**16  # steps per pixel: below it sums may differ with the batch


class _Draw(IntEnum):
    """Numbers of the draws."""

    HIGHEST = 0
    CUT = 1
    TEMPERATURE = 2
    # Coefficients have positions from _STRIDE + 1 on.


@dataclass(frozen=True, eq=False)
class Warps:
    """What makes R displacement fields.

    Attributes:
        keys: (R,) int64, of which the coefficients are a function: like masks they are made only
            where and when they are used.
        cut: (R,) int64 modes along a side.
        temperature: (R,) float64.
    """

    keys: Tensor
    cut: Tensor
    temperature: Tensor

    def __getitem__(self, rows: Tensor) -> "Warps":
        """The warps of some rows."""
        return Warps(self.keys[rows], self.cut[rows], self.temperature[rows])

    def fields(self, bound: int, side: int) -> Tensor:
        """Displacements (R, 2, S, S) float32 in pixels; ``bound``: see `draw_modes`."""
        return displacements(draw_modes(self.keys, self.cut, bound), self.temperature, side)


@dataclass(frozen=True)
class RandomWarp:
    """Displace pixels by random diffeomorphisms of the maximum-entropy ensemble.

    Petrini et al., "Relative Stability toward Diffeomorphisms Indicates Performance in Deep Nets",
    NeurIPS 2021. For each image the largest cut-off is U{3..``highest``}, the cut-off a
    Beta(1/2, 1/2) part of it from 2 on, the temperature a Beta(1/2, 1/2) point of the range in
    which the displacement is at least half a pixel and the map stays a bijection. The published
    code of PRIME shares one field in the batch; here each image has its own, since a draw may
    depend on the image's key alone.

    Args:
        highest: Largest number of modes along a side.
    """

    highest: int = 100

    def draw(self, keys: Tensor, side: int) -> Warps:
        """Warps for keys (R,) and images of a side."""
        top = integers(keys, _LOWEST + 1, self.highest, _Draw.HIGHEST)
        cut = _LOWEST + (arcsine(keys, _Draw.CUT) * (top - _LOWEST + 1)).to(torch.int64)
        cut = torch.minimum(cut, top)
        low, high = temperature_range(cut, side)
        return Warps(keys, cut, low + arcsine(keys, _Draw.TEMPERATURE) * (high - low))

    def apply(self, images: Tensor, drawn: Warps) -> Tensor:
        """Displace images (R, 3, S, S) float32, each by its own field."""
        result = torch.empty_like(images)
        for bound, rows in _by_size(drawn.cut, images):
            result[rows] = displace(images[rows], drawn[rows].fields(bound, images.shape[3]))
        return result


def temperature_range(cut: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Temperatures between half a pixel's displacement and the loss of bijectivity.

    Args:
        cut: (R,) int64 cut-offs, at least 2.
        side: Pixels along a side.

    Returns:
        Lowest and highest, (R,) float64 each.
    """
    logarithm = torch.log(cut.to(torch.float64))
    low = 1 / (math.pi * side**2 * logarithm)
    return low, torch.maximum(low, 4 / (math.pi**3 * cut**2 * logarithm))


def draw_modes(keys: Tensor, cut: Tensor, bound: int) -> Tensor:
    """Coefficients N(0, 1) / r of the modes (i, j) of length r up to the cut-off and a half.

    Args:
        keys: (R,) int64.
        cut: (R,) int64.
        bound: Modes along a side that are returned, at least the largest ``cut``.

    Returns:
        (R, 2, bound, bound) float64, zero beyond the cut-off.
    """
    numbers = torch.arange(1, bound + 1, device=keys.device)
    length = (numbers**2 + numbers[:, None] ** 2).to(torch.float64).sqrt()
    field = torch.arange(2, device=keys.device)[:, None, None]
    position = (field * _STRIDE + numbers[:, None]) * _STRIDE + numbers
    drawn = normal(keys[:, None, None, None], position)
    inside = length <= (cut + 0.5)[:, None, None, None]
    return torch.where(inside, drawn / length, 0.0)


def displacements(modes: Tensor, temperature: Tensor, side: int) -> Tensor:
    """Evaluate the sine modes on the pixels.

    Args:
        modes: (R, 2, M, M) float64 coefficients.
        temperature: (R,) float64.
        side: Pixels along a side; the modes vanish at the first and the last.

    Returns:
        (R, 2, S, S) float32 displacements in pixels.
    """
    place = torch.linspace(0, math.pi, side, dtype=torch.float64, device=modes.device)
    numbers = torch.arange(1, modes.shape[-1] + 1, dtype=torch.float64, device=modes.device)
    waves = torch.sin(place[:, None] * numbers)
    scale = side * temperature.sqrt()[:, None, None, None]
    fields = scale * (waves @ modes @ waves.T)
    return (torch.round(fields * _GRAIN) / _GRAIN).to(torch.float32)


def displace(images: Tensor, fields: Tensor) -> Tensor:
    """Read every pixel at its place minus the field: bilinear, clamped at the border.

    Args:
        images: (R, 3, S, S) float32.
        fields: (R, 2, S, S) float32 pixels, rows and columns.

    Returns:
        (R, 3, S, S) float32.
    """
    last = images.shape[3] - 1
    place = torch.arange(last + 1, dtype=torch.float32, device=images.device)
    row = (place[:, None] - fields[:, 0]).clamp(0, last)
    column = (place - fields[:, 1]).clamp(0, last)
    grid = torch.stack([column, row], 3) * (2 / last) - 1
    return torch.nn.functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="border", align_corners=True
    )


def _by_size(cut: Tensor, images: Tensor) -> list[tuple[int, Tensor]]:
    """Rows in groups of like cut-off, each with the number of modes that holds them."""
    bounds = torch.tensor(_BOUNDS, device=cut.device)
    labels = torch.bucketize(cut, bounds)
    groups = []
    for bound, rows in zip(_BOUNDS, split_by(labels, len(_BOUNDS)), strict=True):
        values = max(2 * bound * bound, images[:1].numel())
        size = len(rows) if images.is_cuda else _CACHE_VALUES // values
        groups += [(bound, part) for part in torch.split(rows, max(1, size)) if len(part)]
    return groups
