"""Compiled mixing inside a patch, equal to ``patch_mixing``."""

import numpy as np

from augmentations.compiled.hashing import GAMMA, scramble
from augmentations.compiled.jit import compiled
from augmentations.compiled.lines import lines
from augmentations.compiled.records import Bytes, Singles, Step
from augmentations.mixing import MIXING_OPS

ADD, MULTIPLY = MIXING_OPS.index("add"), MIXING_OPS.index("multiply")
RANDOM_PIXELS = MIXING_OPS.index("random_pixels")
Pair = tuple[Bytes, Bytes]
Powers = tuple[Singles, Singles]
_HALF, _ONE, _TWO, _TOP = (np.float32(value) for value in (0.5, 1, 2, 255))


@compiled
def mix_patch(target: Bytes, source: Bytes, step: Step, powers: Powers, wrap: bool) -> None:
    """Mix the patch of a step in place.

    Args:
        target: (3, H, W), written to inside the patch only.
        source: (3, H, W) second picture.
        step: One record.
        powers: Powers of the codes of the first and of the second picture, for multiply.
        wrap: Whether an overflow wraps around, instead of being clipped.
    """
    count, first, stride, length = lines(target, (step.top, step.left, step.height, step.width))
    pair, plane = (target.reshape(-1), source.reshape(-1)), target[0].size
    own = powers[0][step.table], powers[1][step.table]
    keep = np.empty(length, np.uint8)
    for start in range(first, first + count * stride, stride):
        for channel in range(3):
            here = np.uint64(start + channel * plane)
            if step.mixing == ADD:
                _add(pair, here, length, (step.a, step.b), wrap)
            elif step.mixing == MULTIPLY:
                _multiply(pair, here, length, own, wrap)
            else:
                if step.mixing != RANDOM_PIXELS or channel == 0:
                    _draw_mask(np.uint64(step.mask_key), here, step.keep, keep)
                _choose(pair, here, keep)


@compiled
def _add(
    pair: Pair, start: np.uint64, length: int, weights: tuple[np.float32, np.float32], wrap: bool
) -> None:
    """``mixing.add`` of a line."""
    first, second = pair
    for j in range(length):
        here = start + np.uint64(j)
        left = weights[0] * (np.float32(first[here]) / _TOP * _TWO - _ONE)
        right = weights[1] * (np.float32(second[here]) / _TOP * _TWO - _ONE)
        first[here] = _quantise((left + right + _ONE) * _HALF, wrap)


@compiled
def _multiply(pair: Pair, start: np.uint64, length: int, powers: Powers, wrap: bool) -> None:
    """``mixing.multiply`` of a line."""
    first, second = pair
    for j in range(length):
        here = start + np.uint64(j)
        product = powers[0][first[here]] * powers[1][second[here]]
        first[here] = _quantise(product * _HALF, wrap)


@compiled
def _choose(pair: Pair, start: np.uint64, keep: Bytes) -> None:
    """The first picture where ``keep`` is 255, the second where it is 0."""
    first, second = pair
    for j in range(len(keep)):
        here = start + np.uint64(j)
        first[here] = second[here] ^ ((first[here] ^ second[here]) & keep[j])


@compiled
def _quantise(value: np.float32, wrap: bool) -> np.uint8:
    """``mixing.quantise``; what does not fit 31 bits is a multiple of 256, infinite or NaN."""
    scaled = value * _TOP
    if wrap:
        fits = abs(scaled) < np.float32(2.0**31)
        return np.uint8(np.int32(scaled) & 255) if fits else np.uint8(0)
    above = _TOP if scaled > _TOP else scaled
    return np.uint8(np.int32(above)) if above > 0 else np.uint8(0)


@compiled
def _draw_mask(key: np.uint64, start: np.uint64, probability: np.float32, keep: Bytes) -> None:
    """255 where `random.by_position` is below ``probability``, from ``start`` on; otherwise 0."""
    first = key + (start + np.uint64(1)) * GAMMA
    bound = np.uint64(np.ceil(probability * np.float32(2.0**24)))  # of the 24 bits, exactly
    for j in range(len(keep)):
        kept = scramble(first + np.uint64(j) * GAMMA) >> np.uint64(40) < bound
        keep[j] = np.uint8(255) if kept else np.uint8(0)
