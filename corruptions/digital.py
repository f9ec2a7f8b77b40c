"""Digital corruptions of Hendrycks & Dietterich, ICLR 2019."""

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from corruptions import elastic
from corruptions.base import Corruption, Images, to_bytes, to_float


def contrast(images: Images, gain: float) -> Images:
    """Pull each channel towards its mean over the image.

    Args:
        images: (N, H, W, 3) uint8.
        gain: Factor of the deviations from the mean; 1 changes nothing.

    Returns:
        (N, H, W, 3) uint8.
    """
    # Not the mean of the integers: truncation to bytes depends on the last bit of this sum.
    means = np.stack([to_float(image).mean(axis=(0, 1)) for image in images])[:, None]
    levels = to_float(np.arange(256, dtype=np.uint8))[:, None]
    tables = to_bytes((levels - means) * gain + means)
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, table in zip(result, images, tables, strict=True):
        cv2.LUT(image, table[None], dst=row)
    return result


def pixelate(images: Images, scale: float) -> Images:
    """Shrink and enlarge with a box filter.

    Args:
        images: (N, H, W, 3) uint8.
        scale: Sides of the small picture as a fraction, rounded down to whole pixels.

    Returns:
        (N, H, W, 3) uint8.
    """
    height, width = images.shape[1:3]
    small = max(1, int(width * scale)), max(1, int(height * scale))
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image in zip(result, images, strict=True):
        coarse = Image.fromarray(image).resize(small, Image.Resampling.BOX)
        row[...] = coarse.resize((width, height), Image.Resampling.BOX)
    return result


def jpeg_compression(images: Images, quality: int) -> Images:
    """Compress with baseline JPEG, colours at half resolution (4:2:0), and decompress.

    The bytes depend on the JPEG library: those of the released CIFAR archives differ from today's
    by one to two grey levels on average.

    Args:
        images: (N, H, W, 3) uint8.
        quality: 1 to 95 of the IJG scale.

    Returns:
        (N, H, W, 3) uint8.
    """
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image in zip(result, images, strict=True):
        file = BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=quality)
        row[...] = Image.open(file, formats=("JPEG",))
    return result


DIGITAL = (
    Corruption(
        "contrast",
        contrast,
        group="digital",
        severities={
            "cifar": (0.75, 0.5, 0.4, 0.3, 0.15),
            "tiny": (0.4, 0.3, 0.2, 0.1, 0.05),
            "imagenet": (0.4, 0.3, 0.2, 0.1, 0.05),
            "inception": (0.4, 0.3, 0.2, 0.1, 0.05),
        },
        stochastic=False,
    ),
    Corruption(
        "elastic_transform",
        elastic.elastic_transform,
        group="digital",
        severities=elastic.SEVERITIES,
        stochastic=True,
    ),
    Corruption(
        "pixelate",
        pixelate,
        group="digital",
        severities={
            "cifar": (0.95, 0.9, 0.85, 0.75, 0.65),
            "tiny": (0.9, 0.8, 0.7, 0.6, 0.5),
            "imagenet": (0.6, 0.5, 0.4, 0.3, 0.25),
            "inception": (0.5, 0.4, 0.3, 0.25, 0.2),
        },
        stochastic=False,
    ),
    Corruption(
        "jpeg_compression",
        jpeg_compression,
        group="digital",
        severities={
            "cifar": (80, 65, 58, 50, 40),
            "tiny": (65, 58, 50, 40, 25),
            "imagenet": (25, 18, 15, 10, 7),
            "inception": (23, 16, 13, 8, 5),
        },
        stochastic=False,
    ),
)
