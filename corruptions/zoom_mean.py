"""The mean of an image and zooms into it, to the byte as sums in single precision have it."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from corruptions.base import Floats32, Images, freeze, to_float32
from corruptions.zoom import frozen, interpolation, linear_taps, sparse_rows

MOST_ZOOMS = 27
DOUBT = 2.0**-9  # levels: more than single precision loses in any order of summing so many zooms
DOUBTS_AT_ONCE = 2**11
SMALL = 2**12  # pixels: up to here the sum of all zooms is one small sparse matrix


def mean_of_zooms(images: Images, factors: Sequence[float]) -> Images:
    """The mean of the images and of their clipped zooms, truncated to bytes.

    The authors sum in single precision. Here a faster sum decides all values that are not within
    its error of a whole level; those are summed again as the authors do.

    Args:
        images: (N, H, W, C) uint8.
        factors: Of the zooms, at most 27, each at least 1.

    Returns:
        (N, H, W, C) uint8.

    Raises:
        ValueError: There are more than 27 factors.
    """
    if len(factors) > MOST_ZOOMS:
        raise ValueError(f"expected at most {MOST_ZOOMS} zooms, got {len(factors)}")
    levels = _fast_mean(images, tuple(factors))
    result = levels.astype(np.uint8)
    nearest = np.rint(levels)
    doubtful = np.flatnonzero((np.abs(levels - nearest) < DOUBT) & (nearest > 0))
    if len(doubtful) > images.size // 64:  # flat areas, such as a white background
        flat = _are_flat(images, tuple(factors), doubtful)
        levels_of_flat = _levels_of_flat(len(factors))[images.reshape(-1)[doubtful[flat]]]
        result.reshape(-1)[doubtful[flat]] = levels_of_flat
        doubtful = doubtful[~flat]
    for start in range(0, len(doubtful), DOUBTS_AT_ONCE):
        some = doubtful[start : start + DOUBTS_AT_ONCE]
        result.reshape(-1)[some] = _careful_mean(images, factors, some)
    return result


def _fast_mean(images: Images, factors: tuple[float, ...]) -> Floats32:
    """The mean of the images and their zooms in levels, within ``DOUBT``: float32 of any layout."""
    count, height, width, channels = images.shape
    if height * width > SMALL:
        return np.stack([_mean_by_axes(image, factors) for image in images])
    pixels = images.transpose(1, 2, 0, 3).reshape(height * width, -1).astype(np.float32)
    mean = _mean_matrix(height, width, factors) @ pixels
    turned = mean.reshape(height, width, count, channels).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(turned)


def _mean_by_axes(image: Images, factors: Sequence[float]) -> Floats32:
    """`_fast_mean` of one image (H, W, C), first along its rows and then along its columns."""
    height, width, channels = image.shape
    levels = image.astype(np.float32)
    by_columns = cv2.transpose(levels).reshape(width, -1)
    total = levels.reshape(height, -1)
    for factor in factors:
        wide = (interpolation(width, factor) @ by_columns).reshape(width, height, channels)
        total += interpolation(height, factor) @ cv2.transpose(wide).reshape(height, -1)
    return (total / np.float32(len(factors) + 1)).reshape(image.shape)


def _are_flat(
    images: Images, factors: tuple[float, ...], values: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether all pixels that some values of the mean come from are equal: (D,), some missed."""
    number, row, column, channel = np.unravel_index(values, images.shape)
    edges = np.zeros(images.shape, dtype=np.uint8)
    edges[:, :-1] = images[:, :-1] != images[:, 1:]
    edges[:, :, :-1] |= images[:, :, :-1] != images[:, :, 1:]
    counts = np.stack([cv2.integral(each) for each in edges])
    counts = counts.reshape(*counts.shape[:3], images.shape[3])
    (top, bottom), (left, right) = (
        _span(side, factors)[:, place]
        for side, place in zip(images.shape[1:3], (row, column), strict=True)
    )
    below = counts[number, bottom, right, channel] - counts[number, bottom, left, channel]
    above = counts[number, top, right, channel] - counts[number, top, left, channel]
    equal: NDArray[np.bool_] = below == above
    return equal


@lru_cache(maxsize=16)
def _span(size: int, factors: tuple[float, ...]) -> NDArray[np.int32]:
    """First and one after the last pixel of an axis that each place's mean comes from: (2, n)."""
    pixels = np.concatenate([linear_taps(size, factor)[0] for factor in (1.0, *factors)], axis=1)
    span = np.stack([pixels.min(axis=1), pixels.max(axis=1) + np.int32(1)])
    freeze(span)
    return span


@lru_cache(maxsize=16)
def _levels_of_flat(zooms: int) -> NDArray[np.uint8]:
    """What the authors' sums make of each level where all is flat: (256,).

    A zoom of equal values is that value, since the weights err by less than single precision sees.
    """
    value = to_float32(np.arange(256, dtype=np.uint8))
    total = np.zeros_like(value)
    for _ in range(zooms + 1):
        total += value
    levels = _truncated(total, zooms)
    freeze(levels)
    return levels


def _truncated(total: Floats32, zooms: int) -> NDArray[np.uint8]:
    """The bytes of a sum of zooms and of the image itself on the [0, 1] scale: same shape."""
    mean = np.minimum(total / np.float32(zooms + 1), np.float32(1.0))
    levels: NDArray[np.uint8] = (mean * np.float32(255.0)).astype(np.uint8)
    return levels


def _careful_mean(
    images: Images, factors: Sequence[float], values: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """Some values of the mean in the authors' precision, by their flat indices: (D,) uint8."""
    _, height, width, channels = images.shape
    number, row, column, channel = np.unravel_index(values, images.shape)
    first = number * (height * width * channels) + channel
    levels = images.reshape(-1)
    scaled = to_float32(np.arange(256, dtype=np.uint8))
    total = np.zeros(len(values), dtype=np.float32)
    for factor in factors:
        rows, row_weights = linear_taps(height, factor)
        columns, column_weights = linear_taps(width, factor)
        zoomed = np.zeros(len(values))
        for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
            places = first + rows[row, i] * (width * channels) + columns[column, j] * channels
            weighed = scaled[levels[places]] * row_weights[row, i]
            zoomed += weighed * column_weights[column, j]
        total += zoomed.astype(np.float32)
    total += scaled[levels[values]]
    return _truncated(total, len(factors))


@lru_cache(maxsize=16)
def _mean_matrix(height: int, width: int, factors: tuple[float, ...]) -> csr_array:
    """The linear map from an image to the mean of it and its zooms: (H * W, H * W) float32."""
    pixels, weights = [], []
    for factor in (1.0, *factors):
        rows, row_weights = linear_taps(height, factor)
        columns, column_weights = linear_taps(width, factor)
        pixels.append(rows[:, None, :, None] * np.int32(width) + columns[:, None, :])
        weights.append(row_weights[:, None, :, None] * column_weights[:, None, :])
    taps = np.stack(pixels, axis=2).reshape(height * width, -1)
    shares = np.stack(weights, axis=2).reshape(taps.shape) / len(pixels)
    matrix = sparse_rows(taps, shares.astype(np.float32), height * width)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return frozen(matrix)
