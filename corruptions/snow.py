"""Falling snow of Hendrycks & Dietterich, ICLR 2019."""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from corruptions.base import Images, Rng, per_image, to_bytes, to_float
from corruptions.motion import motion_blur_images
from corruptions.zoom import clipped_zoom

Parameters: TypeAlias = tuple[float, float, float, float, float, float, float]


def snow(images: Images, parameters: Parameters, rngs: Sequence[Rng]) -> Images:
    """Bleach the image towards a lighter grey and let flakes fall over it.

    The flakes are the peaks of enlarged noise, smeared along the wind; they are added twice, the
    second time turned by half a turn. Draws are the noise, then the wind.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Mean and standard deviation of the noise, on the [0, 1] scale; its enlargement;
            the value from which on noise is a flake; radius and standard deviation of the motion
            blur in pixels; weight of the image against its bleached version.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    *flakes, weight = parameters
    layer = to_float(_layer(images.shape[1:3], flakes, rngs))
    values = _bleach(images, weight) + layer
    values += layer[:, ::-1, ::-1]
    return to_bytes(values)


def _layer(shape: tuple[int, ...], flakes: Sequence[float], rngs: Sequence[Rng]) -> Images:
    """Smeared flakes on black: (N, H, W, 1) uint8 for N sources of randomness."""
    mean, spread, factor, threshold, radius, sigma = flakes
    noise = per_image(rngs, lambda rng: rng.normal(mean, spread, size=(*shape, 1)))
    angles = [rng.uniform(-135, -45) for rng in rngs]
    zoomed = clipped_zoom(noise, factor)
    zoomed[zoomed < threshold] = 0.0
    return motion_blur_images(to_bytes(zoomed), radius, sigma, angles)


def _bleach(images: Images, weight: float) -> NDArray[np.float32]:
    """The mean of the images and what is lighter, they or a grey of at least 1/2: same shape."""
    values = to_float(np.arange(256, dtype=np.uint8)).astype(np.float32)[images]
    lines = values.reshape(-1, *values.shape[2:])
    grey = cv2.cvtColor(lines, cv2.COLOR_RGB2GRAY).reshape(*values.shape[:3], 1)
    light = np.maximum(values, grey * np.float32(1.5) + np.float32(0.5))
    light *= np.float32(1 - weight)
    values *= np.float32(weight)
    values += light
    return values
