"""Compiled geometric operations, equal to ``affine``: one image, inside a box of the result."""

import numpy as np

from augmentations.compiled.jit import compiled
from augmentations.compiled.records import Box, Bytes, Floats, Integers

_BAND = 2048  # pixels warped at a time


@compiled
def translate(source: Bytes, target: Bytes, right: int, down: int, box: Box) -> None:
    """Read (3, H, W) whole pixels further to the right and down; black outside."""
    top, left, height, width = box
    rows, columns = source.shape[1:]
    first, last = max(left, -right), min(left + width, columns - right)
    values, results = source.reshape(-1), target.reshape(-1)
    for line in range(3 * height):
        channel, i = line // height, top + line % height
        start = (channel * rows + i) * columns
        for j in range(start + left, start + left + width):
            results[np.uint64(j)] = 0
        if 0 <= i + down < rows:
            shift = np.uint64(down * columns + right)
            for j in range(start + first, start + last):
                results[np.uint64(j)] = values[np.uint64(j) + shift]


@compiled
def mirror(source: Bytes, target: Bytes, box: Box) -> None:
    """Flip (3, H, W) left to right."""
    top, left, height, width = box
    rows, columns = source.shape[1:]
    values, results = source.reshape(-1), target.reshape(-1)
    for line in range(3 * height):
        start = (line // height * rows + top + line % height) * columns
        for j in range(left, left + width):
            results[np.uint64(start + j)] = values[np.uint64(start + columns - 1 - j)]


@compiled
def warp(source: Bytes, target: Bytes, matrix: Floats, box: Box) -> None:
    """Pillow's bilinear affine transform of (3, H, W).

    A few lines of the result at a time: where their pixels lie, the four neighbours with three
    channels packed in one number, and then the interpolation, which needs no gathering.
    """
    top, left, height, width = box
    packed = _packed(source)
    band = min(max(_BAND // width, 1), height)
    place = np.empty((band, width), np.int32)
    fractions = np.empty((2, band, width))
    taps = np.empty((4, band, width), np.int32)
    for i in range(top, top + height, band):
        count = min(band, top + height - i)
        _locate(source, matrix, (i, left), place[:count], fractions)
        _gather(packed, place[:count], taps)
        for channel in range(3):
            _interpolate(taps, 8 * channel, fractions, target[channel, i : i + count], left)


@compiled
def _gather(packed: Integers, place: Integers, taps: Integers) -> None:
    """The four neighbours of each place."""
    pixels, stride, one = packed.reshape(-1), np.uint64(packed.shape[1]), np.uint64(1)
    for row in range(len(place)):
        for j in range(place.shape[1]):
            here = np.uint64(place[row, j])
            taps[0, row, j], taps[1, row, j] = pixels[here], pixels[here + one]
            here += stride
            taps[2, row, j], taps[3, row, j] = pixels[here], pixels[here + one]


@compiled
def _packed(source: Bytes) -> Integers:
    """Three channels in one int32 per pixel, edges repeated, and two black rows: (H + 4, W + 2)."""
    rows, columns = source.shape[1:]
    result = np.zeros((rows + 4, columns + 2), np.int32)
    for i in range(rows):
        for j in range(columns):
            red, green = np.int32(source[0, i, j]), np.int32(source[1, i, j])
            result[i + 1, j + 1] = red | green << 8 | np.int32(source[2, i, j]) << 16
        result[i + 1, 0], result[i + 1, columns + 1] = result[i + 1, 1], result[i + 1, columns]
    result[0], result[rows + 1] = result[1], result[rows]
    return result


@compiled
def _locate(
    source: Bytes, matrix: Floats, start: tuple[int, int], place: Integers, fractions: Floats
) -> None:
    """First neighbour in the packed image, and fractions, of lines from ``start`` on."""
    rows, columns = source.shape[1:]
    black = np.float64((rows + 2) * (columns + 2))
    a, b, c, d, e, f = matrix[0], matrix[1], matrix[2], matrix[3], matrix[4], matrix[5]
    for row in range(len(place)):
        b_y, e_y = b * (start[0] + row + 0.5), e * (start[0] + row + 0.5)
        for j in range(place.shape[1]):
            centre = start[1] + j + 0.5
            x, y = a * centre + b_y + c, d * centre + e_y + f
            inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
            x, y = x - 0.5, y - 0.5
            near, upper = np.floor(x), np.floor(y)
            fractions[0, row, j], fractions[1, row, j] = x - near, y - upper
            first = (upper + 1) * (columns + 2) + near + 1
            place[row, j] = np.int32(first if inside else black)


@compiled
def _interpolate(taps: Integers, shift: int, fractions: Floats, part: Bytes, left: int) -> None:
    """Across, then down, of the channel at ``shift`` bits, truncated."""
    bits, mask = np.int32(shift), np.int32(255)
    width = taps.shape[2]
    for row in range(len(part)):
        for j in range(width):
            near = np.float64(taps[0, row, j] >> bits & mask)
            far = np.float64(taps[1, row, j] >> bits & mask)
            upper = near + (far - near) * fractions[0, row, j]
            near = np.float64(taps[2, row, j] >> bits & mask)
            far = np.float64(taps[3, row, j] >> bits & mask)
            lower = near + (far - near) * fractions[0, row, j]
            result = np.uint8(np.int32(upper + (lower - upper) * fractions[1, row, j]))
            part[row, np.uint64(left + j)] = result
