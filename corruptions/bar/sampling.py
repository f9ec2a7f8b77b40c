"""Bilinear sampling in double precision, with black outside the image."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from corruptions.base import Floats

Indices = NDArray[np.int64]


def bilinear(images: NDArray[Any], rows: Floats, columns: Floats) -> Floats:
    """The values of images at points between their pixels, other points for each image.

    An image fades to 0 over one pixel beyond its border.

    Args:
        images: (N, H, W, 3) of any real dtype.
        rows: (N, M) float64, in pixels; the centre of the first pixel is at 0.
        columns: (N, M) float64.

    Returns:
        (N, 3, M) float64, the channels before the points.
    """
    count, height, width, _ = images.shape
    planes = np.pad(images.transpose(0, 3, 1, 2), ((0, 0), (0, 0), (1, 1), (1, 1))).ravel()
    above, row_share = _split(rows, height)
    left, column_share = _split(columns, width)
    stride = width + 2
    first = np.arange(3 * count).reshape(count, 3, 1) * ((height + 2) * stride)
    corner = first + (above * stride + left)[:, None]
    right, down = column_share[:, None], row_share[:, None]
    upper = _between(planes[corner], planes[corner + 1], right)
    corner += stride
    return _between(upper, _between(planes[corner], planes[corner + 1], right), down)


def bilinear_grid(images: NDArray[Any], rows: Floats, columns: Floats) -> Floats:
    """The values of images on grids whose rows and columns are moved as wholes.

    Args:
        images: (N, H, W, 3) of any real dtype.
        rows: (N, R) float64, where the rows of each result are taken from; see ``bilinear``.
        columns: (N, C) float64.

    Returns:
        (N, R, C, 3) float64, in memory with the columns before the rows.
    """
    moved = _along_rows(images, rows).transpose(0, 2, 1, 3)
    return _along_rows(moved, columns).transpose(0, 2, 1, 3)


def _along_rows(images: NDArray[Any], rows: Floats) -> Floats:
    """Rows between the rows of images: (N, H, W, 3) at (N, R) -> (N, R, W, 3) float64."""
    padded = np.pad(images, ((0, 0), (1, 1), (0, 0), (0, 0)))
    above, share = _split(rows, images.shape[1])
    image = np.arange(len(images))[:, None]
    return _between(padded[image, above], padded[image, above + 1], share[..., None, None])


def _split(points: Floats, length: int) -> tuple[Indices, Floats]:
    """The pixel below each coordinate, counting the black one before the first as 0, and the rest.

    Where all is black, beyond one pixel from the border, a point may as well lie at that pixel.
    """
    inside = np.clip(points, -1.0, float(length))
    below = np.minimum(np.floor(inside), length - 1.0)
    return below.astype(np.int64) + 1, inside - below


def _between(start: NDArray[Any], stop: NDArray[Any], share: Floats) -> Floats:
    """``start`` where ``share`` is 0, ``stop`` where it is 1, in between in proportion."""
    result: Floats = start * (1.0 - share)
    result += stop * share
    return result
