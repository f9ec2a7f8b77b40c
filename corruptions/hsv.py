"""Hue, saturation and value: the colour space in which light and colourfulness are changed.

Smith, "Color Gamut Transform Pairs", SIGGRAPH 1978. The order of the operations gives the same
float64 values as scikit-image, on which the released archives depend to the last bit.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from corruptions.base import Floats, Images, to_bytes, to_float

Planes: TypeAlias = tuple[Floats, Floats, Floats]

PIXELS_AT_ONCE = 2**13  # the dozen planes of a block stay in the processor's cache


def change_hsv(images: Images, change: Callable[[Planes], Planes]) -> Images:
    """Apply a function of (hue, saturation, value) planes to every pixel.

    Args:
        images: (N, H, W, 3) uint8.
        change: Takes and gives three (P,) float64 planes in [0, 1]; it may reuse its input.

    Returns:
        (N, H, W, 3) uint8.
    """
    result = np.empty(images.shape, dtype=np.uint8)
    pixels, out = images.reshape(-1, 3), result.reshape(-1, 3)
    for start in range(0, len(pixels), PIXELS_AT_ONCE):
        block = slice(start, start + PIXELS_AT_ONCE)
        red, green, blue = to_float(np.ascontiguousarray(pixels[block].T))
        for channel, plane in enumerate(hsv2rgb(change(rgb2hsv((red, green, blue))))):
            out[block, channel] = to_bytes(plane)
    return result


def rgb2hsv(rgb: Planes) -> Planes:
    """Planes of red, green and blue in [0, 1] -> new planes of hue, saturation, value in [0, 1].

    Grey has hue and saturation 0. Where two channels share the maximum, blue rules over green and
    green over red.
    """
    red, green, blue = rgb
    value = np.maximum(np.maximum(red, green), blue)
    spread = value - np.minimum(np.minimum(red, green), blue)
    grey = spread == 0.0
    is_blue = blue == value
    is_green = green == value
    difference = np.where(is_blue, red - green, np.where(is_green, blue - red, green - blue))
    hue = difference / np.where(grey, 1.0, spread)
    hue += np.where(is_blue, 4.0, np.where(is_green, 2.0, 0.0))
    hue /= 6.0
    hue += hue < 0.0
    hue[grey] = 0.0
    return hue, spread / np.where(grey, 1.0, value), value


def hsv2rgb(hsv: Planes) -> Planes:
    """Planes of hue, saturation and value in [0, 1] -> new planes of red, green and blue."""
    hue, saturation, value = hsv
    scaled = hue * 6.0
    floor = np.floor(scaled)
    along = scaled - floor
    sector = floor.astype(np.uint8) % 6
    low = value * (1.0 - saturation)
    middle = value * (1.0 - np.where(sector & 1, along, 1.0 - along) * saturation)

    def channel(high: tuple[int, int], lowest: tuple[int, int]) -> Floats:
        """One channel, from the sectors in which it is the highest and the lowest."""
        is_high = (sector == high[0]) | (sector == high[1])
        is_low = (sector == lowest[0]) | (sector == lowest[1])
        return np.where(is_high, value, np.where(is_low, low, middle))

    return channel((0, 5), (2, 3)), channel((1, 2), (4, 5)), channel((3, 4), (0, 1))
