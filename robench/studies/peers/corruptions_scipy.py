"""Three corruptions as the authors' scripts work: one image at a time, with loops and SciPy calls.

Our own short restatements of Hendrycks & Dietterich's code, to time against on the same machine:
glass blur is about 70 % of the cost of ImageNet-C, zoom blur the next, and noise has nothing that
batching could save. They give the same pixels as `corruptions`, up to one level.
"""

import math

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from corruptions.base import Floats, Images, Rng


def gaussian_noise(image: Images, sigma: float, rng: Rng) -> Images:
    """Additive noise on one image (H, W, 3) uint8."""
    noisy = image / 255.0 + rng.normal(size=image.shape, scale=sigma)
    return (np.clip(noisy, 0, 1) * 255).astype(np.uint8)


def glass_blur(image: Images, parameters: tuple[float, int, int], rng: Rng) -> Images:
    """Copy pixels about, one after the other, between two blurs of one image (H, W, 3) uint8."""
    sigma, reach, iterations = parameters
    pixels = (_blur(image / 255.0, sigma) * 255).astype(np.uint8)
    height, width = pixels.shape[:2]
    for _ in range(iterations):
        for row in range(height - reach, reach, -1):
            for column in range(width - reach, reach, -1):
                right, down = rng.randint(-reach, reach, size=2)
                pixels[row, column] = pixels[row + down, column + right]
    return (np.clip(_blur(pixels / 255.0, sigma), 0, 1) * 255).astype(np.uint8)


def zoom_blur(image: Images, factors: tuple[float, float, float], _rng: Rng) -> Images:
    """Mean of one image (H, W, 3) uint8 and its enlargements ``arange(*factors)``."""
    clean = (image / 255.0).astype(np.float32)
    zooms = np.arange(*factors)
    total = np.zeros_like(clean)
    for factor in zooms:
        total += _clipped_zoom(clean, factor)
    return (np.clip((clean + total) / (len(zooms) + 1), 0, 1) * 255).astype(np.uint8)


def _blur(pixels: Floats, sigma: float) -> Floats:
    """Gaussian blur within the channels."""
    blurred: Floats = gaussian_filter(pixels, (sigma, sigma, 0), mode="nearest", truncate=4.0)
    return blurred


def _clipped_zoom(
    clean: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", factor: float
) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """The centre of a square picture, enlarged to its size."""
    side = len(clean)
    inner = math.ceil(side / factor)
    start = (side - inner) // 2
    large = zoom(clean[start : start + inner, start : start + inner], (factor, factor, 1), order=1)
    margin = (len(large) - side) // 2
    return np.asarray(large[margin : margin + side, margin : margin + side], dtype=np.float32)
