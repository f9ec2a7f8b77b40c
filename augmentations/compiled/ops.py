"""Compiled choice of the operation of a step, as ``ops.apply_ops_`` for one image."""

import numpy as np

from augmentations.compiled import geometry, tone
from augmentations.compiled.jit import compiled
from augmentations.compiled.records import Box, Bytes, Floats
from augmentations.ops import OPS

_EQUALIZE, _AUTOCONTRAST = OPS.index("equalize"), OPS.index("autocontrast")
_POSTERIZE, _SOLARIZE, _INVERT = (OPS.index(name) for name in ("posterize", "solarize", "invert"))
_ROTATE, _SHEAR_X, _SHEAR_Y = (OPS.index(name) for name in ("rotate", "shear_x", "shear_y"))
_RIGHT, _DOWN, _MIRROR = (OPS.index(name) for name in ("translate_x", "translate_y", "mirror"))
_COLOR, _CONTRAST, _SHARPNESS = (OPS.index(name) for name in ("color", "contrast", "sharpness"))


@compiled
def apply_op(
    source: Bytes, target: Bytes, step: tuple[int, float], rotations: Floats, box: Box
) -> None:
    """One operation on one image.

    Args:
        source: (3, H, W).
        target: (3, H, W), another one, written to inside the box only.
        step: Position in ``OPS`` and argument.
        rotations: (179, 6) matrices from -89 degrees on.
        box: The part that is wanted.
    """
    op = step[0]
    if op in (_ROTATE, _SHEAR_X, _SHEAR_Y, _RIGHT, _DOWN, _MIRROR):
        _move(source, target, step, rotations, box)
    elif op in (_EQUALIZE, _POSTERIZE, _SOLARIZE, _INVERT, _AUTOCONTRAST):
        _recode(source, target, step, box)
    else:
        _enhance(source, target, step, box)


@compiled
def _move(
    source: Bytes, target: Bytes, step: tuple[int, float], rotations: Floats, box: Box
) -> None:
    """Geometric operations."""
    op, argument = step
    if op == _MIRROR:
        geometry.mirror(source, target, box)
    elif op == _RIGHT:
        geometry.translate(source, target, int(argument), 0, box)
    elif op == _DOWN:
        geometry.translate(source, target, 0, int(argument), box)
    elif op == _ROTATE:
        geometry.warp(source, target, rotations[int(argument) + 89], box)
    else:
        right, down = (argument, 0.0) if op == _SHEAR_X else (0.0, argument)
        geometry.warp(source, target, np.array([1.0, right, 0.0, down, 1.0, 0.0]), box)


@compiled
def _recode(source: Bytes, target: Bytes, step: tuple[int, float], box: Box) -> None:
    """Operations that replace each code by another."""
    op, argument = step
    if op == _EQUALIZE:
        tone.equalize(source, target, box)
    elif op == _AUTOCONTRAST:
        tone.autocontrast(source, target, argument, box)
    elif op == _POSTERIZE:
        tone.mask_and_flip(source, target, 256 - 2 ** (8 - int(argument)), 256, box)
    else:
        threshold = int(argument) if op == _SOLARIZE else 0
        tone.mask_and_flip(source, target, 255, threshold, box)


@compiled
def _enhance(source: Bytes, target: Bytes, step: tuple[int, float], box: Box) -> None:
    """Blends with a degenerate version."""
    op, factor = step
    if op == _COLOR:
        tone.color(source, target, factor, box)
    elif op == _SHARPNESS:
        tone.sharpness(source, target, factor, box)
    else:
        grey = tone.mean_luma(source) if op == _CONTRAST else 0
        tone.brightness(source, target, grey, factor, box)
