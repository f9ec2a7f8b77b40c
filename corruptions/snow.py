"""Falling snow of Hendrycks & Dietterich, ICLR 2019."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from corruptions.base import Floats32, Images, Rng, per_image, to_bytes, to_float, to_float32
from corruptions.motion import motion_blur_images
from corruptions.zoom import Real, clipped_zoom

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
    mean, deviation, factor, threshold, radius, sigma, weight = parameters
    height, width = images.shape[1:3]
    fallen = flakes(rngs, (height, width), (mean, deviation, factor, threshold), np.float64)
    angles = [rng.uniform(-135, -45) for rng in rngs]
    layer = to_float(motion_blur_images(fallen, radius, sigma, angles))
    values = bleach(images, weight) + layer
    values += layer[:, ::-1, ::-1]
    return to_bytes(values)


def flakes(
    rngs: Sequence[Rng],
    size: tuple[int, int],
    parameters: tuple[float, float, float, float],
    precision: type[Real],
) -> Images:
    """Draw one layer of flakes per image: the peaks of enlarged Gaussian noise.

    Args:
        rngs: One source of randomness per image; each draws H * W normal values.
        size: Height and width of the images.
        parameters: Mean and standard deviation of the noise, on the [0, 1] scale; its enlargement;
            the value from which on noise is a flake.
        precision: np.float32 or np.float64, in which noise is held.

    Returns:
        (N, H, W, 1) uint8, black between the flakes.
    """
    mean, deviation, factor, threshold = parameters
    noise = per_image(rngs, lambda rng: rng.normal(mean, deviation, (*size, 1)))
    layers = clipped_zoom(noise.astype(precision), factor)
    layers[layers < threshold] = 0.0
    return to_bytes(layers.astype(np.float64))


def bleach(images: Images, weight: float) -> Floats32:
    """Mix images with what is lighter, they or a grey of at least 1/2.

    Args:
        images: (N, H, W, 3) uint8.
        weight: Of the images themselves, in [0, 1].

    Returns:
        (N, H, W, 3) float32, from 0 to beyond 1.
    """
    values = to_float32(images)
    red, green, blue = np.moveaxis(values, -1, 0)
    # Not by OpenCV, whose last bit differs between processors.
    grey = red * np.float32(0.299) + green * np.float32(0.587) + blue * np.float32(0.114)
    light = np.maximum(values, (grey * np.float32(1.5) + np.float32(0.5))[..., None])
    light *= np.float32(1 - weight)
    values *= np.float32(weight)
    values += light
    return values
