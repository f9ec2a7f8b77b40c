"""Hue, saturation and value."""

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def rgb_bytes(
    hue: Doubles, saturation: Doubles | float, value: Doubles | float
) -> NDArray[np.uint8]:
    """Colours as bytes.

    Args:
        hue: (P,), of period 1.
        saturation: (P,) or one number; clipped to [0, 1].
        value: (P,) or one number; clipped to [0, 1].

    Returns:
        (P, 3) uint8 RGB.
    """
    ramp = np.abs((hue[:, None] * 6 + np.array((0.0, 4.0, 2.0))) % 6 - 3) - 1
    depth = np.clip(saturation, 0, 1) * (1 - ramp.clip(0, 1)).T
    rgb: Doubles = (np.clip(value, 0, 1) * (1 - depth)).T
    return (rgb * 255 + 0.5).astype(np.uint8)
