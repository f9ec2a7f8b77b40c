"""Zooming into the centre of images, to the bit as SciPy's linear interpolation does."""

from functools import lru_cache
from math import ceil
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from corruptions.base import freeze

Real = TypeVar("Real", np.float32, np.float64)


def clipped_zoom(images: NDArray[Real], factor: float) -> NDArray[Real]:
    """Enlarge the centre of each image to the size of the image.

    Of n pixels along an axis the middle ceil(n / factor) are kept and enlarged linearly, corner to
    corner, to round(ceil(n / factor) * factor); what is then beyond n is cut off on both sides.

    Args:
        images: (N, H, W, C) float32 or float64.
        factor: At least 1, which changes nothing.

    Returns:
        (N, H, W, C), a new array of the same type; all is computed in double precision.
    """
    count, height, width, channels = images.shape
    by_rows = images.transpose(1, 0, 2, 3).reshape(height, -1).astype(np.float64)
    # SciPy weighs each of four pixels and then sums them: the order decides the last bit.
    weighed = _weigh(height, factor) @ by_rows
    by_columns = weighed.reshape(2, height, count, width, channels).transpose(0, 3, 2, 1, 4)
    zoomed = _weigh_and_sum(width, factor) @ by_columns.reshape(2 * width, -1)
    turned = zoomed.reshape(width, count, height, channels).transpose(1, 2, 0, 3)
    return np.ascontiguousarray(turned, dtype=images.dtype)


@lru_cache(maxsize=256)
def linear_taps(size: int, factor: float) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The two pixels that each place of one zoomed axis lies between, and their weights: (n, 2)."""
    kept = ceil(size / factor)
    grown = round(kept * factor)
    spacing = (kept - 1) / (grown - 1) if grown > 1 else 1.0
    places = (np.arange(size) + (grown - size) // 2) * spacing
    below = np.floor(places)
    weight = 1.0 - (places - below)
    both = np.stack([below, np.minimum(below + 1, kept - 1)], axis=1) + (size - kept) // 2
    pixels, weights = both.astype(np.int32), np.stack([weight, 1.0 - weight], axis=1)
    freeze(pixels, weights)
    return pixels, weights


def sparse_rows(indices: NDArray[np.int32], weights: NDArray[Any], width: int) -> csr_array:
    """A sparse matrix from the K columns and weights of each row, kept in their order: (R, K)."""
    count, each = indices.shape
    pointers = np.arange(0, each * count + 1, each, dtype=np.int32)
    return csr_array((weights.ravel(), indices.ravel(), pointers), shape=(count, width))


def frozen(matrix: csr_array) -> csr_array:
    """A sparse matrix itself, read-only from now on."""
    freeze(matrix.data, matrix.indices, matrix.indptr)
    return matrix


@lru_cache(maxsize=256)
def _weigh(size: int, factor: float) -> csr_array:
    """All lower neighbours times their weights, then all upper ones: (2n, n) float64."""
    pixels, weights = linear_taps(size, factor)
    return frozen(sparse_rows(pixels.T.reshape(-1, 1), weights.T.reshape(-1, 1), size))


@lru_cache(maxsize=256)
def _weigh_and_sum(size: int, factor: float) -> csr_array:
    """Both neighbours in both halves of what `_weigh` gives along the other axis: (n, 2n)."""
    pixels, weights = linear_taps(size, factor)
    both = np.concatenate([pixels, pixels + np.int32(size)], axis=1)
    return frozen(sparse_rows(both, np.concatenate([weights, weights], axis=1), 2 * size))


@lru_cache(maxsize=256)
def interpolation(size: int, factor: float) -> csr_array:
    """The linear map of one zoomed axis: (n, n) float32."""
    pixels, weights = linear_taps(size, factor)
    return frozen(sparse_rows(pixels, weights.astype(np.float32), size))
