"""Blur corruptions of Hendrycks & Dietterich, ICLR 2019."""

import cv2
import numpy as np
from numpy.typing import NDArray

from corruptions.base import Corruption, Images, to_bytes, to_float


def defocus_blur(images: Images, parameters: tuple[float, float]) -> Images:
    """Convolve with a soft-edged disk, the picture of a point by a lens out of focus.

    Below a radius of one pixel the disk is that pixel, so that only its soft edge blurs (severities
    1 to 3 of the CIFAR family). Borders mirror without repeating the edge.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Radius of the disk, and standard deviation of its edge, in pixels.

    Returns:
        (N, H, W, 3) uint8.
    """
    kernel = _disk(*parameters)
    blurred = to_float(images)
    for image in blurred:
        # The kernel keeps its zero border: a smaller one would leave OpenCV's Fourier route, and
        # with it the last bit on which truncation to bytes depends.
        cv2.filter2D(image, -1, kernel, dst=image)
    return to_bytes(blurred)


def _disk(radius: float, alias_sigma: float) -> NDArray[np.float32]:
    """A disk of unit mass, smoothed against aliasing: (K, K) float32 with odd K of at least 17."""
    reach = max(8, int(radius))
    offsets = np.arange(-reach, reach + 1)
    disk = (offsets[:, None] ** 2 + offsets**2 <= radius**2).astype(np.float32)
    side = 3 if radius <= 8 else 5
    smooth = cv2.GaussianBlur(disk / disk.sum(), ksize=(side, side), sigmaX=alias_sigma)
    return np.asarray(smooth, dtype=np.float32)


BLUR = (
    Corruption(
        "defocus_blur",
        defocus_blur,
        group="blur",
        severities={
            "cifar": ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)),
            "tiny": ((0.5, 0.6), (1, 0.1), (1.5, 0.1), (2.5, 0.01), (3, 0.1)),
            "imagenet": ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
            "inception": ((4, 0.1), (5, 0.5), (7, 0.5), (10, 0.5), (12, 0.5)),
        },
        stochastic=False,
    ),
)
