"""Mixing inside patches: only the pixels of the patches are read and written."""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import to_float
from augmentations.mixing import FLOOR, MIXING_OPS, add, power, quantise
from augmentations.ops import split_by
from augmentations.patches import Mixing, Patches
from augmentations.random import by_position


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows (R,) int64 of images (M, 3, H, W) uint8, contiguous."""

    images: Tensor
    rows: Tensor

    def part(self, index: Tensor) -> "Rows":
        """Some of the rows."""
        return Rows(self.images, self.rows[index])

    def start(self) -> Tensor:
        """Where the rows begin in the flattened images: (R,) int64."""
        return self.rows * self.images[0].numel()


def mix_patches_(
    target: Rows, source: Rows, patches: Patches, mixing: Mixing, overflow: str = "wrap"
) -> None:
    """Mix a patch of each target row with the same patch of its source row, in place.

    Args:
        target: R distinct rows, written to inside the patches only.
        source: R rows of the mixing pictures.
        patches: R rectangles inside the images.
        mixing: R ways to mix.
        overflow: ``wrap`` or ``clip``, see ``mixing.quantise``.
    """
    for name, group in zip(MIXING_OPS, split_by(mixing.op, len(MIXING_OPS)), strict=True):
        if len(group):
            pixels = _Pixels.of(patches[group], target.images)
            parts = target.part(group), source.part(group), mixing[group]
            _mix_(name, pixels, parts, overflow)


@dataclass(frozen=True, eq=False)
class _Pixels:
    """All T pixels of R patches, addressed through their L lines.

    Attributes:
        owner: (L,) int64 patch of each line.
        line: (T,) int64 line of each pixel.
        first: (L,) int64 such that ``first[line] + arange(T)`` is the pixel number in its image.
        count: (T,) int64: ``arange(T)``.
        channel: (3, 1) int64 offset of each channel.
    """

    owner: Tensor
    line: Tensor
    first: Tensor
    count: Tensor
    channel: Tensor

    @classmethod
    def of(cls, patches: Patches, images: Tensor) -> "_Pixels":
        """Enumerate the pixels of patches in ``images``."""
        owner, pixel, length = patches.lines(images.shape[3])
        line = torch.repeat_interleave(length)
        count = torch.arange(len(line), device=line.device)
        plane = images.shape[2] * images.shape[3]
        channel = torch.arange(0, 3 * plane, plane, device=line.device)[:, None]
        return cls(owner, line, pixel - (length.cumsum(0) - length), count, channel)

    def spread(self, values: Tensor) -> Tensor:
        """Values per patch (R,) -> per pixel (T,)."""
        return values[self.owner].index_select(0, self.line)

    def numbers(self, base: Tensor | int = 0) -> Tensor:
        """(T,) pixel numbers, from ``base`` per line (L,)."""
        return (self.first + base).index_select(0, self.line).add_(self.count)


def _mix_(name: str, pixels: _Pixels, parts: tuple[Rows, Rows, Mixing], overflow: str) -> None:
    """Carry out one mixing operation on the pixels of its patches."""
    target, source, mixing = parts
    place = pixels.numbers(target.start()[pixels.owner]) + pixels.channel
    first = _look_up(target.images, place)
    other = pixels.numbers(source.start()[pixels.owner]) + pixels.channel
    second = _look_up(source.images, other)
    if name in _ARITHMETIC:
        mixed = quantise(_ARITHMETIC[name](first, second, mixing, pixels), overflow)
    else:
        position = pixels.numbers()
        if name == "random_elements":
            position = position + pixels.channel
        keep = by_position(pixels.spread(mixing.mask_keys), position) < pixels.spread(mixing.keep)
        mixed = second ^ ((first ^ second) & keep.to(torch.uint8).neg_())  # a fast torch.where
    target.images.view(-1).scatter_(0, place.view(-1), mixed.view(-1))


def _add(first: Tensor, second: Tensor, mixing: Mixing, pixels: _Pixels) -> Tensor:
    """``add`` of values (3, T) uint8 with the weights of their rows."""
    a, b = pixels.spread(mixing.a), pixels.spread(mixing.b)
    return add(to_float(first), to_float(second), a, b)


def _multiply(first: Tensor, second: Tensor, mixing: Mixing, pixels: _Pixels) -> Tensor:
    """``multiply`` of values (3, T) uint8; powers of the 256 codes are tabulated once per row."""
    codes = to_float(torch.arange(256, dtype=torch.uint8, device=first.device))
    left = power(codes, mixing.a[:, None])
    right = power(codes, mixing.b[:, None], floor=FLOOR)
    table = (pixels.owner * 256).index_select(0, pixels.line)
    return _look_up(left, table + first).mul_(_look_up(right, table + second)).div_(2)


def _look_up(values: Tensor, index: Tensor) -> Tensor:
    """Elements of the flattened values, of the shape of ``index``."""
    return values.view(-1).index_select(0, index.view(-1)).view(index.shape)


_ARITHMETIC = {"add": _add, "multiply": _multiply}
