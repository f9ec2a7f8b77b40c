"""Compiled keyed random numbers, equal to those of ``random``."""

import numpy as np

from augmentations import random
from augmentations.compiled.jit import compiled

GAMMA = np.uint64(random._GAMMA)
_PART_DOMAIN = np.uint64(random._PART_DOMAIN)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@compiled
def scramble(bits: np.uint64) -> np.uint64:
    """The SplitMix64 finaliser."""
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


@compiled
def part_key(key: np.uint64, part: int) -> np.uint64:
    """``random.part_keys``."""
    return scramble((key ^ _PART_DOMAIN) + np.uint64(part + 1) * GAMMA)


@compiled
def uniform(key: np.uint64, draw: int) -> float:
    """``random.uniform``."""
    bits = scramble(key + np.uint64(draw + 1) * GAMMA)
    return np.float64(np.int64(bits >> np.uint64(11))) * 2.0**-53


@compiled
def integer(key: np.uint64, low: int, high: int, draw: int) -> int:
    """``random.integers``."""
    return low + int(uniform(key, draw) * (high - low + 1))
