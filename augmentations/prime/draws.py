"""Keyed numbers of the laws that PRIME draws from."""

import math

import torch
from torch import Tensor

from augmentations.random import uniform


def normal(keys: Tensor, draw: int | Tensor) -> Tensor:
    """Standard normal by the inverse of its distribution function.

    Args:
        keys: int64 of any shape.
        draw: Number of the draw, broadcast with ``keys``.

    Returns:
        float32 of the broadcast shape.
    """
    # The middle of one of 2^53 cells of (-1, 1): odd numerators, exact in float64, never -1 or 1.
    centre = 2 * uniform(keys, draw) + (2.0**-53 - 1)
    return (math.sqrt(2) * torch.erfinv(centre)).to(torch.float32)


def arcsine(keys: Tensor, draw: int) -> Tensor:
    """Beta(1/2, 1/2), in closed form: float64 in [0, 1] of the shape of ``keys``."""
    return torch.sin(math.pi / 2 * uniform(keys, draw)).square()
