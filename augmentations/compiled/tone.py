"""Compiled tonal operations, equal to ``intensity``: one image, inside a box of the result."""

from typing import Any

import numpy as np

from augmentations.compiled.jit import compiled
from augmentations.compiled.lines import lines
from augmentations.compiled.records import Box, Bytes, Integers

Code = int | np.integer[Any]


@compiled
def equalize(source: Bytes, target: Bytes, box: Box) -> None:
    """Spread each channel's histogram of (3, H, W) evenly."""
    table, before = np.empty(256, np.uint8), np.empty(256)
    for channel in range(3):
        counts = _histogram(source[channel])
        last = 255
        while not counts[last]:
            last -= 1
        step = (source[channel].size - counts[last]) // 255
        total = step // 2
        for code in range(256):
            before[code] = total
            total += counts[code]
        for code in range(256):  # whole numbers far below 2^53: an integer division
            table[code] = np.uint8(min(before[code] / step, 255.0)) if step else np.uint8(code)
        _look_up(source[channel], target[channel], table, box)


@compiled
def autocontrast(source: Bytes, target: Bytes, cutoff: float, box: Box) -> None:
    """Stretch each channel to 0..255 after cutting ``cutoff`` percent at each end."""
    table = np.empty(256, np.uint8)
    cut = int(source[0].size * cutoff // 100)
    for channel in range(3):
        counts = _histogram(source[channel])
        _cut_low(counts, cut)
        _cut_low(counts[::-1], cut)
        filled = np.flatnonzero(counts)
        low, high = (filled[0], filled[-1]) if len(filled) else (0, 0)
        scale = 255.0 / max(high - low, 1)
        for code in range(256):
            stretched = min(max(code * scale + -low * scale, 0.0), 255.0)
            table[code] = np.uint8(stretched) if high > low else np.uint8(code)
        _look_up(source[channel], target[channel], table, box)


@compiled
def mask_and_flip(source: Bytes, target: Bytes, mask: int, threshold: int, box: Box) -> None:
    """The bits of ``mask``, inverted from ``threshold`` on: posterize, solarize and invert."""
    count, first, stride, length = lines(source, box)
    kept, lowest = np.uint8(mask), np.uint8(min(threshold, 255))
    flips = np.uint8(0 if threshold > 255 else 255)
    for channel in range(3):
        values, results = source[channel].reshape(-1), target[channel].reshape(-1)
        for start in range(first, first + count * stride, stride):
            for j in range(length):
                value = values[np.uint64(start + j)]
                flip = np.uint8(255) if value >= lowest else np.uint8(0)
                results[np.uint64(start + j)] = (value & kept) ^ (flip & flips)


@compiled
def color(source: Bytes, target: Bytes, factor: float, box: Box) -> None:
    """Blend with the grey version."""
    count, first, stride, length = lines(source, box)
    values, results = source.reshape(3, -1), target.reshape(3, -1)
    for start in range(first, first + count * stride, stride):
        some, result = values[:, start : start + length], results[:, start : start + length]
        for channel in range(3):
            for j in range(length):
                grey = _luma(some[0, j], some[1, j], some[2, j])
                result[channel, j] = _blend(some[channel, j], grey, factor)


@compiled
def brightness(source: Bytes, target: Bytes, grey: int, factor: float, box: Box) -> None:
    """Blend with a constant: black for brightness, `mean_luma` for contrast."""
    table = np.empty(256, np.uint8)
    for code in range(256):
        table[code] = _blend(code, grey, factor)
    for channel in range(3):
        _look_up(source[channel], target[channel], table, box)


@compiled
def mean_luma(source: Bytes) -> int:
    """The rounded mean luma of (3, H, W)."""
    total = 0
    for red, green, blue in zip(source[0].flat, source[1].flat, source[2].flat):  # noqa: B905  unknown to numba
        total += int(_luma(red, green, blue))
    return int(total / source[0].size + 0.5)


@compiled
def sharpness(source: Bytes, target: Bytes, factor: float, box: Box) -> None:
    """Blend with a smoothed version; borders are left alone."""
    top, left, height, width = box
    rows, columns = source.shape[1:]
    first, last = max(left, 1), min(left + width, columns - 1)
    for channel in range(3):
        plane, result = source[channel], target[channel]
        for i in range(top, top + height):
            result[i, left : left + width] = plane[i, left : left + width]
            if 0 < i < rows - 1 and first < last:
                around = plane[i - 1 : i + 2, first - 1 : last + 1]
                _sharpen(around, result[i, first:last], factor)


@compiled
def _sharpen(around: Bytes, result: Bytes, factor: float) -> None:
    """A line from three lines of two pixels more."""
    for j in range(len(result)):
        total = np.int32(0)
        for row in range(3):
            total += np.int32(around[row, j]) + around[row, j + 1] + around[row, j + 2]
        smooth = (2 * (total + 4 * np.int32(around[1, j + 1])) + 13) // 26
        result[j] = _blend(around[1, j + 1], smooth, factor)


@compiled
def _histogram(plane: Bytes) -> Integers:
    """(256,) counts; in four tables, as equal neighbours would wait for one another."""
    counts = np.zeros((4, 256), np.int32)
    values = plane.reshape(-1)
    whole = len(values) // 4 * 4
    for i in range(0, whole, 4):
        counts[0, values[i]] += 1
        counts[1, values[i + 1]] += 1
        counts[2, values[i + 2]] += 1
        counts[3, values[i + 3]] += 1
    for i in range(whole, len(values)):
        counts[0, values[i]] += 1
    for code in range(256):
        counts[0, code] += counts[1, code] + counts[2, code] + counts[3, code]
    total: Integers = counts[0]
    return total


@compiled
def _cut_low(counts: Integers, cut: int) -> None:
    """Remove ``cut`` pixels from the start, in place."""
    for code in range(256):
        gone = min(cut, counts[code])
        counts[code] -= gone
        cut -= gone


@compiled
def _look_up(plane: Bytes, target: Bytes, table: Bytes, box: Box) -> None:
    """Replace each value by its entry."""
    values, results = plane.reshape(-1), target.reshape(-1)
    count, first, stride, length = lines(plane, box)
    for start in range(first, first + count * stride, stride):
        for j in range(length):
            results[np.uint64(start + j)] = table[values[np.uint64(start + j)]]


@compiled
def _luma(red: np.uint8, green: np.uint8, blue: np.uint8) -> np.int32:
    """ITU-R 601 luma in Pillow's 16-bit fixed point."""
    weighted = np.int32(red) * 19595 + np.int32(green) * 38470 + np.int32(blue) * 7471 + 32768
    return np.int32(weighted) >> np.int32(16)


@compiled
def _blend(value: Code, grey: Code, factor: float) -> np.uint8:
    """``grey + factor * (value - grey)`` in float32, clamped, truncated."""
    start = np.float32(grey)
    mixed = start + np.float32(factor) * (np.float32(value) - start)
    return np.uint8(min(max(mixed, np.float32(0)), np.float32(255)))
