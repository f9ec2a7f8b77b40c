"""Mixing two pictures: add, multiply, random pixels, random elements.

Huang et al., "IPMix", NeurIPS 2023; the arithmetic is that of the authors' code, inherited from
Hendrycks et al., "PixMix", CVPR 2022, with a truncating conversion to uint8 after every step.
"""

import torch
from torch import Tensor

from augmentations.random import beta, uniform

MIXING_OPS = ("add", "multiply", "random_pixels", "random_elements")
"""All mixing operations; an operation's number is its position."""

OVERFLOWS = ("wrap", "clip")
_BOUND = 2.0**62  # fits int64
FLOOR = 1e-37  # keeps zero to a negative power finite


def add(first: Tensor, second: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``a`` times the first plus ``b`` times the second, both centred at 1/2.

    Args:
        first: float32 in [0, 1].
        second: float32 in [0, 1].
        a: float32 weight of the first; broadcasts.
        b: float32 weight of the second, may be negative.

    Returns:
        float32, may leave [0, 1].
    """
    return (a * (first * 2 - 1) + b * (second * 2 - 1) + 1) / 2


def multiply(first: Tensor, second: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Geometric mean of the doubled pictures with exponents ``a``, ``b``, halved; see ``add``."""
    return power(first, a) * power(second, b, floor=FLOOR) / 2


def power(values: Tensor, exponent: Tensor, floor: float = 0.0) -> Tensor:
    """One factor of ``multiply``: twice the values, at least ``floor``, to the exponent."""
    return (values * 2).clamp(min=floor) ** exponent


def quantise(values: Tensor, overflow: str = "wrap") -> Tensor:
    """float32 -> uint8 as the authors' conversion does on x86: 255 v truncated, modulo 256.

    Args:
        values: float32 on the [0, 1] scale, any value incl. infinities and NaN.
        overflow: ``wrap`` (published) or ``clip`` to [0, 1] first (NaN gives 0).

    Returns:
        uint8; under ``wrap`` 0 where 255 v is not finite or at least 2^31 in magnitude.
    """
    scaled = values * 255
    if overflow == "clip":
        return scaled.nan_to_num(0.0, 255.0, 0.0).clamp(0, 255).to(torch.uint8)
    # From 2^31 on a float32 is a multiple of 256, so that any larger bound of this kind gives 0.
    scaled = scaled.nan_to_num_(0.0, 0.0, 0.0).clamp_(-_BOUND, _BOUND)
    return scaled.to(torch.int64).bitwise_and_(255).to(torch.uint8)


def mixing_weights(keys: Tensor, severity: float, draw: int) -> tuple[Tensor, Tensor]:
    """The exponents or weights (A, B) of ``add`` and ``multiply``.

    With probability 1/2 A ~ Beta(s, 1), B ~ Beta(1, s); otherwise A = 1 + Beta(1, s) and
    B = -Beta(1, s), all independent.

    Args:
        keys: int64 of any shape.
        severity: s, called beta in the papers.
        draw: First of three draw numbers used.

    Returns:
        A and B, float32 of the shape of ``keys``.
    """
    low = uniform(keys, draw) < 0.5
    u = draw + 1
    a = torch.where(low, beta(keys, severity, 1, u), 1 + beta(keys, 1, severity, u))
    small = beta(keys, 1, severity, draw + 2)
    return a.to(torch.float32), torch.where(low, small, -small).to(torch.float32)
