"""From a level to an argument: how strong each image operation is.

Hendrycks et al., "AugMix", ICLR 2020, code; the same tables serve PixMix and IPMix. A level lies in
(0.1, severity); whole numbers are truncated towards zero before the sign is put on.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from augmentations.ops import OPS
from augmentations.random import integers, uniform

Rule = Callable[[Tensor, Tensor, int], Tensor]
"""(level, sign, image side) -> argument, all float64."""


def _tenths(level: Tensor, maximum: float) -> Tensor:
    """``level * maximum / 10``; a scalar divisor would become a reciprocal on CUDA."""
    return level * maximum / torch.full_like(level, 10)


def _enhance(level: Tensor, sign: Tensor, side: int) -> Tensor:
    """Factor of colour, contrast, brightness and sharpness: below 1 up to severity 4."""
    return _tenths(level, 1.8) + 0.1


def _shear(level: Tensor, sign: Tensor, side: int) -> Tensor:
    """Slope."""
    return sign * _tenths(level, 0.3)


def _translate(level: Tensor, sign: Tensor, side: int) -> Tensor:
    """Whole pixels, up to a third of the side at level 10."""
    return sign * _tenths(level, side / 3).trunc()


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "posterize": lambda level, sign, side: (4 - _tenths(level, 4).trunc()).clamp(min=1),
        "rotate": lambda level, sign, side: sign * _tenths(level, 30).trunc(),
        "solarize": lambda level, sign, side: 256 - _tenths(level, 256).trunc(),
        "shear_x": _shear,
        "shear_y": _shear,
        "translate_x": _translate,
        "translate_y": _translate,
        "autocontrast": lambda level, sign, side: 10 - level,
        "color": _enhance,
        "contrast": _enhance,
        "brightness": _enhance,
        "sharpness": _enhance,
    }
)


def op_arguments(ops: Tensor, level: Tensor, negative: Tensor, side: int) -> Tensor:
    """Argument of each operation.

    Args:
        ops: int64 positions in ``OPS``, any shape.
        level: float64 of the same shape, 0.1 to 10.
        negative: bool of the same shape: the coin of the signed operations.
        side: Side of the image in pixels (translations scale with it).

    Returns:
        float64 of the same shape: bits, degrees, threshold, slope, pixels, percent or factor; 0
        where the operation has no argument.
    """
    sign = 1.0 - 2.0 * negative.to(torch.float64)
    result = torch.zeros_like(level)
    for name, rule in _RULES.items():
        result = torch.where(ops == OPS.index(name), rule(level, sign, side), result)
    return result + 0.0  # turns -0.0 into 0.0


def draw_ops(
    keys: Tensor, names: tuple[str, ...], severity: float, side: int, draw: int
) -> tuple[Tensor, Tensor]:
    """An operation of ``names``, uniform, with its argument, for every key.

    Args:
        keys: int64 of any shape.
        names: Names from ``OPS``.
        severity: Levels are U(0.1, severity).
        side: Side of the image in pixels.
        draw: First of three draw numbers used.

    Returns:
        ops int64 and arguments float64, of the shape of ``keys``.
    """
    numbers = torch.tensor([OPS.index(name) for name in names], device=keys.device)
    ops = numbers[integers(keys, 0, len(names) - 1, draw)]
    level = 0.1 + uniform(keys, draw + 1) * (severity - 0.1)
    negative = uniform(keys, draw + 2) > 0.5
    return ops, op_arguments(ops, level, negative, side)
