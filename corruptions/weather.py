"""Weather corruptions of Hendrycks & Dietterich, ICLR 2019."""

import numpy as np

from corruptions.base import Corruption, Images
from corruptions.hsv import Planes, change_hsv


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


WEATHER = (
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
