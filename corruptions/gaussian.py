"""Gaussian smoothing of images, as SciPy has it."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Real = TypeVar("Real", np.float32, np.float64)


def smooth(values: NDArray[Real], sigma: float, truncate: float = 4.0) -> NDArray[Real]:
    """Convolve the rows and columns of each image with a Gaussian; borders repeat the edge.

    Args:
        values: (N, H, W) or (N, H, W, C), float32 or float64.
        sigma: Standard deviation in pixels.
        truncate: After how many standard deviations the Gaussian is cut off.

    Returns:
        A new array of the same shape and type.
    """
    widths = (0.0, sigma, sigma, 0.0)[: values.ndim]
    smoothed: NDArray[Real] = gaussian_filter(values, widths, mode="nearest", truncate=truncate)
    return smoothed
