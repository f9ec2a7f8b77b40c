"""Batched image operations: one operation and one argument per row."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from augmentations import affine, intensity

Kernel = Callable[[Tensor, Tensor], Tensor]

KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "equalize": intensity.equalize,
        "posterize": intensity.posterize,
        "rotate": affine.rotate,
        "solarize": intensity.solarize,
        "shear_x": affine.shear_x,
        "shear_y": affine.shear_y,
        "translate_x": affine.translate_x,
        "translate_y": affine.translate_y,
        "mirror": affine.mirror,
        "invert": intensity.invert,
        "autocontrast": intensity.autocontrast,
        "color": intensity.color,
        "contrast": intensity.contrast,
        "brightness": intensity.brightness,
        "sharpness": intensity.sharpness,
    }
)
OPS = tuple(KERNELS)
"""All operations; an operation's number is its position. IPMix uses the first ten by default."""

DISJOINT_OPS = OPS[:10]
"""The operations that share nothing with the corruptions of ImageNet-C (IPMix's default)."""


def apply_ops_(images: Tensor, rows: Tensor, ops: Tensor, arguments: Tensor) -> None:
    """Apply one operation to each of the chosen rows, in place.

    Args:
        images: (M, 3, H, W) uint8, written to.
        rows: (R,) int64, distinct rows of ``images``.
        ops: (R,) int64 positions in ``OPS``.
        arguments: (R,) float64 as made by ``tables.op_arguments``.
    """
    for name, group in zip(OPS, split_by(ops, len(OPS)), strict=True):
        if len(group):
            chosen = rows[group]
            result = KERNELS[name](take_rows(images, chosen), arguments[group])
            _wide(images).index_copy_(0, chosen, _wide(result.contiguous()))


def take_rows(images: Tensor, rows: Tensor) -> Tensor:
    """Copy of ``images[rows]`` (uint8, contiguous), eight values at a time."""
    return _wide(images).index_select(0, rows).view(torch.uint8).view(-1, *images.shape[1:])


def _wide(images: Tensor) -> Tensor:
    """Images (M, 3, H, W) uint8 as (M, D) int64 words, or uint8 where the size does not divide."""
    flat = images.view(len(images), -1)
    aligned = flat.shape[1] % 8 == 0 and flat.storage_offset() % 8 == 0
    return flat.view(torch.int64) if aligned else flat


def moving(ops: Tensor, arguments: Tensor) -> Tensor:
    """Boolean of the shape of ``ops``: False where a geometric operation has argument zero."""
    first, last = OPS.index("shear_x"), OPS.index("translate_y")
    geometric = (ops == OPS.index("rotate")) | ((ops >= first) & (ops <= last))
    return ~(geometric & (arguments == 0))


def split_by(labels: Tensor, count: int) -> Sequence[Tensor]:
    """Positions of each label 0..count-1 in ``labels`` (R,), with one device synchronisation."""
    sizes = torch.bincount(labels, minlength=count).tolist()
    return torch.split(torch.argsort(labels, stable=True), sizes)
