"""Compiled strengths of the image operations, equal to ``tables``."""

import math

from augmentations.compiled.jit import compiled
from augmentations.ops import OPS

_POSTERIZE, _SOLARIZE, _AUTOCONTRAST = (
    OPS.index(name) for name in ("posterize", "solarize", "autocontrast")
)
_ROTATE, _SHEAR_X, _SHEAR_Y = (OPS.index(name) for name in ("rotate", "shear_x", "shear_y"))
_RIGHT, _DOWN = OPS.index("translate_x"), OPS.index("translate_y")
_COLOR, _CONTRAST, _BRIGHTNESS, _SHARPNESS = (
    OPS.index(name) for name in ("color", "contrast", "brightness", "sharpness")
)


@compiled
def argument_of(op: int, level: float, sign: float, side: int) -> float:
    """``tables.op_arguments`` for one operation."""
    if op in (_ROTATE, _SHEAR_X, _SHEAR_Y, _RIGHT, _DOWN):
        return _displacement(op, level, sign, side) + 0.0  # turns -0.0 into 0.0
    if op == _POSTERIZE:
        return max(4.0 - math.trunc(level * 4 / 10), 1.0)
    if op == _SOLARIZE:
        return 256.0 - math.trunc(level * 256 / 10)
    if op == _AUTOCONTRAST:
        return 10 - level
    if op in (_COLOR, _CONTRAST, _BRIGHTNESS, _SHARPNESS):
        return level * 1.8 / 10 + 0.1
    return 0.0


@compiled
def is_moving(op: int, argument: float) -> bool:
    """``ops.moving`` for one operation."""
    return argument != 0 or op not in (_ROTATE, _SHEAR_X, _SHEAR_Y, _RIGHT, _DOWN)


@compiled
def _displacement(op: int, level: float, sign: float, side: int) -> float:
    """Degrees, slope or pixels."""
    if op == _ROTATE:
        return sign * math.trunc(level * 30 / 10)
    if op in (_SHEAR_X, _SHEAR_Y):
        return sign * (level * 0.3 / 10)
    return sign * math.trunc(level * (side / 3) / 10)
