"""Corruptions that Hendrycks & Dietterich, ICLR 2019, set aside for validation: not part of mCE."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from corruptions.base import Corruption, Images, Rng, per_image, to_bytes, to_float
from corruptions.hsv import Planes, change_hsv


def speckle_noise(images: Images, sigma: float, rngs: Sequence[Rng]) -> Images:
    """Multiply each value by a Gaussian of mean 1.

    Args:
        images: (N, H, W, 3) uint8.
        sigma: Standard deviation of the factor.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    values = to_float(images)
    noise = per_image(rngs, lambda rng: rng.normal(scale=sigma, size=images.shape[1:]))
    noise *= values
    noise += values
    return to_bytes(noise)


def gaussian_blur(images: Images, sigma: float) -> Images:
    """Convolve with a Gaussian cut off at four standard deviations; borders repeat the edge.

    Args:
        images: (N, H, W, 3) uint8.
        sigma: Standard deviation in pixels.

    Returns:
        (N, H, W, 3) uint8.
    """
    widths = (0.0, sigma, sigma, 0.0)
    return to_bytes(gaussian_filter(to_float(images), widths, mode="nearest", truncate=4.0))


def saturate(images: Images, parameters: tuple[float, float]) -> Images:
    """Scale and shift the saturation, keeping hue and value.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Gain and offset of the saturation in HSV, on the [0, 1] scale.

    Returns:
        (N, H, W, 3) uint8.
    """
    gain, offset = parameters

    def colour(hsv: Planes) -> Planes:
        hue, saturation, value = hsv
        return hue, np.clip(saturation * gain + offset, 0.0, 1.0), value

    return change_hsv(images, colour)


EXTRA = (
    Corruption(
        "speckle_noise",
        speckle_noise,
        group="extra",
        severities={
            "cifar": (0.06, 0.10, 0.12, 0.16, 0.20),
            "tiny": (0.15, 0.20, 0.25, 0.30, 0.35),
            "imagenet": (0.15, 0.20, 0.35, 0.45, 0.60),
            "inception": (0.16, 0.21, 0.36, 0.46, 0.61),
        },
        stochastic=True,
    ),
    Corruption(
        "gaussian_blur",
        gaussian_blur,
        group="extra",
        severities={
            "cifar": (0.4, 0.6, 0.7, 0.8, 1),
            "tiny": (0.5, 0.75, 1, 1.25, 1.5),
            "imagenet": (1, 2, 3, 4, 6),
            "inception": (1.5, 2.5, 3.5, 4.5, 6.5),
        },
        stochastic=False,
    ),
    Corruption(
        "saturate",
        saturate,
        group="extra",
        severities={
            "cifar": ((0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)),
            "tiny": ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (30, 0.2)),
            "imagenet": ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)),
            "inception": ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)),
        },
        stochastic=False,
    ),
)
