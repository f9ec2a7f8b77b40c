"""Blur corruptions of Hendrycks & Dietterich, ICLR 2019."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from corruptions.base import Corruption, Images, Rng, to_bytes, to_float
from corruptions.glass import glass_blur
from corruptions.motion import motion_blur_images
from corruptions.zoom_mean import mean_of_zooms


def defocus_blur(images: Images, parameters: tuple[float, float]) -> Images:
    """Convolve with a soft-edged disk, the picture of a point by a lens out of focus.

    Below a radius of one pixel the disk is that pixel, so that only its soft edge blurs (severities
    1 to 3 of the CIFAR family). Borders mirror without repeating the edge. OpenCV convolves by way
    of Fourier transforms here, whose last bit depends on the processor: without AVX2 and FMA two to
    four values of an image of 224x224 come out one level off.

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


def motion_blur(images: Images, parameters: tuple[float, float], rngs: Sequence[Rng]) -> Images:
    """Smear the image along a line of random slope, within 45 degrees of the rows.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Radius and standard deviation of the smear, in pixels.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    radius, sigma = parameters
    return motion_blur_images(images, radius, sigma, [rng.uniform(-45, 45) for rng in rngs])


def zoom_blur(images: Images, parameters: tuple[float, float, float]) -> Images:
    """Average the image over zooms into its centre, as a camera moving forwards does.

    Factor 1 is among the zooms, so that the clean image counts twice.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: The first factor, the one before which to stop, and the step. Rounding adds
            that one to some of the published lists, and belongs to them.

    Returns:
        (N, H, W, 3) uint8.
    """
    return mean_of_zooms(images, np.arange(*parameters).tolist())


SMALL_ZOOMS = ((1, 1.06, 0.01), (1, 1.11, 0.01), (1, 1.16, 0.01), (1, 1.21, 0.01), (1, 1.26, 0.01))
LARGE_ZOOMS = ((1, 1.11, 0.01), (1, 1.16, 0.01), (1, 1.21, 0.02), (1, 1.26, 0.02), (1, 1.31, 0.03))

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
    Corruption(
        "glass_blur",
        glass_blur,
        group="blur",
        severities={
            "cifar": ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
            "tiny": ((0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)),
            "imagenet": ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)),
            "inception": ((0.8, 1, 3), (1, 3, 1), (1.1, 2, 4), (1.2, 4, 2), (1.6, 5, 2)),
        },
        stochastic=True,
    ),
    Corruption(
        "motion_blur",
        motion_blur,
        group="blur",
        severities={
            "cifar": ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)),
            "tiny": ((10, 1), (10, 1.5), (10, 2), (10, 2.5), (12, 3)),
            "imagenet": ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)),
            "inception": ((12, 4), (17, 6), (17, 9), (17, 13), (22, 16)),
        },
        stochastic=True,
    ),
    Corruption(
        "zoom_blur",
        zoom_blur,
        group="blur",
        severities={
            "cifar": SMALL_ZOOMS,
            "tiny": SMALL_ZOOMS,
            "imagenet": LARGE_ZOOMS,
            "inception": LARGE_ZOOMS,
        },
        stochastic=False,
    ),
)
