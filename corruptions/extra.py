"""Corruptions that Hendrycks & Dietterich, ICLR 2019, set aside for validation: not part of mCE."""

from collections.abc import Sequence

import numpy as np

from corruptions.base import Corruption, Images, Rng, per_image, to_bytes, to_float, to_float32
from corruptions.gaussian import smooth
from corruptions.hsv import Planes, change_hsv
from corruptions.spatter import liquid_layers, muddy, wet


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
    return to_bytes(smooth(to_float(images), sigma))


def spatter(
    images: Images,
    parameters: tuple[float, float, float, float, float, int],
    rngs: Sequence[Rng],
) -> Images:
    """Splash water or mud on the lens.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Mean and standard deviation of the noise that the liquid is made of, standard
            deviation of its blur in pixels, and the threshold above which it is liquid; then 1 for
            mud and before it the blur of the rims in pixels, or 0 for water and before it the
            brightness on the [0, 1] scale.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8; an image on which no liquid falls is unchanged.
    """
    strength, is_mud = parameters[4:]
    layers = liquid_layers(rngs, images.shape[1:3], parameters[:4])
    # In single precision, as the authors: truncation to bytes depends on the last bit.
    values = to_float32(images)
    splashed = muddy(values, layers, strength) if is_mud else wet(values, layers, strength)
    return (splashed * 255).astype(np.uint8)


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
        "spatter",
        spatter,
        group="extra",
        severities={
            "cifar": (
                (0.62, 0.1, 0.7, 0.7, 0.5, 0),
                (0.65, 0.1, 0.8, 0.7, 0.5, 0),
                (0.65, 0.3, 1, 0.69, 0.5, 0),
                (0.65, 0.1, 0.7, 0.69, 0.6, 1),
                (0.65, 0.1, 0.5, 0.68, 0.6, 1),
            ),
            "tiny": (
                (0.62, 0.1, 0.7, 0.7, 0.6, 0),
                (0.65, 0.1, 0.8, 0.7, 0.6, 0),
                (0.65, 0.3, 1, 0.69, 0.6, 0),
                (0.65, 0.1, 0.7, 0.68, 0.6, 1),
                (0.65, 0.1, 0.5, 0.67, 0.6, 1),
            ),
            "imagenet": (
                (0.65, 0.3, 4, 0.69, 0.6, 0),
                (0.65, 0.3, 3, 0.68, 0.6, 0),
                (0.65, 0.3, 2, 0.68, 0.5, 0),
                (0.65, 0.3, 1, 0.65, 1.5, 1),
                (0.67, 0.4, 1, 0.65, 1.5, 1),
            ),
            "inception": (
                (0.65, 0.3, 4, 0.69, 0.9, 0),
                (0.65, 0.3, 3.5, 0.68, 0.9, 0),
                (0.65, 0.3, 3, 0.68, 0.8, 0),
                (0.65, 0.3, 1.2, 0.65, 1.8, 1),
                (0.67, 0.4, 1.2, 0.65, 1.8, 1),
            ),
        },
        stochastic=True,
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
