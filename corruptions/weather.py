"""Weather corruptions of Hendrycks & Dietterich, ICLR 2019."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corruptions.base import Corruption, Images, Rng, to_bytes, to_float
from corruptions.hsv import Planes, change_hsv
from corruptions.plasma import plasma
from corruptions.snow import snow
from corruptions.textures import DRAWN, FOLDER, check_textures, texture, texture_folder


def frost(
    images: Images,
    parameters: tuple[float, float, float],
    rngs: Sequence[Rng],
    data_dir: Path | str | None = None,
) -> Images:
    """Add a random piece of one of five pictures of frost.

    As in the authors' code: of their six pictures the last is never drawn, two are equal, and the
    last row and column of crops is never taken. Needs their files; see `corruptions.textures`, also
    for images larger than these.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Weights of the image and of the frost, and the factor by which the sides of the
            pictures are scaled.
        rngs: One source of randomness per image.
        data_dir: Folder that holds ``frost/``; by default ``$ROBENCH_DATA``, else the cache.

    Returns:
        (N, H, W, 3) uint8.

    Raises:
        MissingAssetsError: The files are absent or altered.
    """
    image_weight, frost_weight, scale = parameters
    folder = texture_folder(data_dir)
    check_textures(folder)
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, rng in zip(result, images, rngs, strict=True):
        crop = _crop(texture(folder, rng.randint(DRAWN), scale, image.shape[:2]), image, rng)
        mixed = np.multiply(image, image_weight, dtype=np.float64)
        mixed += crop * frost_weight
        row[...] = np.minimum(mixed, 255.0, out=mixed)
    return result


def _crop(picture: Images, image: Images, rng: Rng) -> Images:
    """A piece of the picture as large as the image."""
    height, width, _ = image.shape
    top = rng.randint(picture.shape[0] - height)
    left = rng.randint(picture.shape[1] - width)
    return picture[top : top + height, left : left + width]


def fog(images: Images, parameters: tuple[float, float], rngs: Sequence[Rng]) -> Images:
    """Add a plasma cloud, the same to all channels, and scale back to the brightest value.

    The map is a square of the next power of two of the longer side, cut to the image, so that a
    long strip takes the memory of that square.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Strength of the fog relative to white, and how fast its finer structure fades.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    strength, decay = parameters
    height, width = images.shape[1:3]
    side = max(2, 1 << (max(height, width) - 1).bit_length())
    values = to_float(images)
    brightest = values.max(axis=(1, 2, 3), keepdims=True)
    values += strength * plasma(side, decay, rngs)[:, :height, :width, None]
    values *= brightest
    values /= brightest + strength
    return to_bytes(values)


def brightness(images: Images, shift: float) -> Images:
    """Raise the value of each pixel, keeping hue and saturation.

    Args:
        images: (N, H, W, 3) uint8.
        shift: Added to the value in HSV, on the [0, 1] scale.

    Returns:
        (N, H, W, 3) uint8.
    """

    def lighten(hsv: Planes) -> Planes:
        hue, saturation, value = hsv
        return hue, saturation, np.clip(value + shift, 0.0, 1.0)

    return change_hsv(images, lighten)


LARGE_SNOW = (
    (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
    (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
    (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
    (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
    (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
)

WEATHER = (
    Corruption(
        "snow",
        snow,
        group="weather",
        severities={
            "cifar": (
                (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
                (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
                (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
                (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
                (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
            ),
            "tiny": (
                (0.1, 0.2, 1, 0.6, 8, 3, 0.8),
                (0.1, 0.2, 1, 0.5, 10, 4, 0.8),
                (0.15, 0.3, 1.75, 0.55, 10, 4, 0.7),
                (0.25, 0.3, 2.25, 0.6, 12, 6, 0.65),
                (0.3, 0.3, 1.25, 0.65, 14, 12, 0.6),
            ),
            "imagenet": LARGE_SNOW,
            "inception": LARGE_SNOW,
        },
        stochastic=True,
    ),
    Corruption(
        "frost",
        frost,
        group="weather",
        severities={
            "cifar": (
                (1, 0.2, 0.2),
                (1, 0.3, 0.2),
                (0.9, 0.4, 0.2),
                (0.85, 0.4, 0.2),
                (0.75, 0.45, 0.2),
            ),
            "tiny": (
                (1, 0.3, 0.3),
                (0.9, 0.4, 0.3),
                (0.8, 0.45, 0.3),
                (0.75, 0.5, 0.3),
                (0.7, 0.55, 0.3),
            ),
            "imagenet": ((1, 0.4, 1), (0.8, 0.6, 1), (0.7, 0.7, 1), (0.65, 0.7, 1), (0.6, 0.75, 1)),
            "inception": (
                (1, 0.4, 1),
                (0.8, 0.6, 1),
                (0.7, 0.7, 1),
                (0.65, 0.7, 1),
                (0.6, 0.75, 1),
            ),
        },
        stochastic=True,
        assets=FOLDER,
    ),
    Corruption(
        "fog",
        fog,
        group="weather",
        severities={
            "cifar": ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)),
            "tiny": ((0.4, 3), (0.7, 3), (1, 2.5), (1.5, 2), (2, 1.75)),
            "imagenet": ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)),
            "inception": ((1.5, 2), (2, 2), (2.5, 1.8), (2.5, 1.6), (3, 1.5)),
        },
        stochastic=True,
    ),
    Corruption(
        "brightness",
        brightness,
        group="weather",
        severities={
            "cifar": (0.05, 0.1, 0.15, 0.2, 0.3),
            "tiny": (0.1, 0.2, 0.3, 0.4, 0.5),
            "imagenet": (0.1, 0.2, 0.3, 0.4, 0.5),
            "inception": (0.1, 0.2, 0.3, 0.4, 0.5),
        },
        stochastic=False,
    ),
)
