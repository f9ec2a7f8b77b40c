"""The C-bar corruption of an image seen through rippled water."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter

from corruptions.bar.sampling import bilinear
from corruptions.base import Floats, Images, Rng, to_bytes, to_float

ETA = 4.0  # ratio of the refractive indices
STEEP = 0.999  # a surface whose normal has at least this upward component does not refract
STRIP = 1 << 12  # pixels of the light pattern that are computed at a time, to stay in the cache


def caustic_refraction(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Refract and light the image as through rippled water.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. A pattern of light as on the floor of a pool serves as the surface
    that refracts, and its slope as the light that is added. In oblong images the pattern repeats
    in squares as in a square one of the shorter side.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The strength of the lens is 0.05 sides times this, that of the light 0.2 times.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    result = np.empty_like(images)
    for out, image, rng in zip(result, images, rngs, strict=True):
        time, size = rng.uniform(0.5, 2.0), rng.uniform(0.75, 1.25)
        out[...] = _through_water(image, magnitude, time, size)
    return result


def _through_water(image: Images, magnitude: float, time: float, size: float) -> Images:
    """One image (H, W, 3) through the pattern of this time, ``size`` sides large."""
    height, width, _ = image.shape
    side = min(height, width)
    surface = gaussian_filter(_pattern(height, width, time, size * side), 1.0)
    slope_down, slope_right = _slopes(surface)
    down, right = _refracted(slope_down, slope_right, 0.05 * magnitude * side)
    values = to_float(image)
    moved = np.flatnonzero((down != 0.0) | (right != 0.0))
    row, column = np.divmod(moved, width)
    rows, columns = row + down.ravel()[moved], column + right.ravel()[moved]
    values.reshape(-1, 3)[moved] = bilinear(values[None], rows[None], columns[None])[0].T
    values += (0.2 * magnitude * (slope_down - slope_right))[..., None]
    return to_bytes(values)


def _pattern(height: int, width: int, time: float, size: float) -> Floats:
    """The light on the floor of a pool that repeats every ``size`` pixels: (H, W) in [0, 1]."""
    down = (np.arange(float(height)) / size % 1.0) * 2.0 * np.pi - 250.0
    right = (np.arange(float(width)) / size % 1.0) * 2.0 * np.pi - 250.0
    pattern = np.empty((height, width))
    step = max(1, STRIP // width)
    for start in range(0, height, step):
        strip = down[start : start + step, None]
        pattern[start : start + step] = _light(strip, right[None], time)
    return pattern


def _light(down: Floats, right: Floats, time: float) -> Floats:
    """The light at rows (R, 1) and columns (1, W) in radians: five rounds of folded waves."""
    waves = (*_sine_cosine(down), *_sine_cosine(right))
    inverse = np.ones((len(down), right.shape[1]))
    for wave in range(1, 6):
        phase = time * (1.0 - 3.5 / wave)
        sine, cosine = math.sin(phase), math.cos(phase)
        sine_down, cosine_down, sine_right, cosine_right = waves
        # By addition theorems cos(phase - d) + sin(phase + r) and sin(phase - r) + cos(phase + d).
        fold_down = cosine * (cosine_down + sine_right) + sine * (sine_down + cosine_right)
        fold_right = cosine * (cosine_down - sine_right) + sine * (cosine_right - sine_down)
        waves = (*_sine_cosine(down + fold_down), *_sine_cosine(right + fold_right))
        sine_down, cosine_down, sine_right, cosine_right = waves
        with np.errstate(divide="ignore"):  # a wave at 0 is an infinite distance: no light
            far_down = down / (sine_down * cosine + cosine_down * sine)
            far_right = right / (cosine_right * cosine - sine_right * sine)
        inverse += 1.0 / (0.005 * np.sqrt(far_down**2 + far_right**2))
    light: Floats = np.abs(1.17 - (inverse / 5.0) ** 1.4) ** 8
    return np.minimum(light, 1.0, out=light)


def _sine_cosine(angle: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine from the tangent of half the angle, which NumPy has several times faster."""
    tangent = np.tan(0.5 * angle)
    squared = tangent * tangent
    scale = 1.0 / (1.0 + squared)
    return 2.0 * tangent * scale, (1.0 - squared) * scale


def _slopes(surface: Floats) -> tuple[Floats, Floats]:
    """Differences of the next and the previous pixel, down and to the right, 0 being outside."""
    padded = np.pad(surface, 1)
    return padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]


def _refracted(slope_down: Floats, slope_right: Floats, strength: float) -> tuple[Floats, Floats]:
    """How far the view through each pixel is moved, down and to the right, in pixels.

    By Snell's law a vertical ray leaves a surface tilted by t at the angle t - asin(sin(t) / eta);
    the moves are its sine, rounded to three decimals as the authors do.
    """
    steepness = slope_down**2 + slope_right**2
    upward = 1.0 / np.sqrt(steepness + 1.0)
    sine_squared = steepness * upward**2
    bend = upward * (np.sqrt(1.0 - sine_squared / ETA**2) - upward / ETA)
    bend[upward >= STEEP] = 0.0
    return np.round(strength * slope_down * bend, 3), np.round(strength * slope_right * bend, 3)
