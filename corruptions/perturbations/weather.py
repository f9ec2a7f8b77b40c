"""Weather sequences of CIFAR-P and ImageNet-P.

Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019.
"""

from collections.abc import Sequence

import numpy as np

from corruptions.base import Floats, Images, Rng, to_bytes, to_float, to_float32
from corruptions.hsv import hsv2rgb, rgb2hsv
from corruptions.motion import motion_blur_images
from corruptions.perturbations.base import Frames, Perturbation
from corruptions.snow import bleach, flakes
from corruptions.spatter import liquid_layers, wet


def brightness_frames(images: Images, shifts: Sequence[float]) -> Frames:
    """Brighten the image, keeping hue and saturation.

    Args:
        images: (N, H, W, 3) uint8.
        shifts: Added to the value in HSV in each frame, on the [0, 1] scale.

    Yields:
        As many frames (N, H, W, 3) uint8 as shifts.
    """
    red, green, blue = to_float(np.moveaxis(images, -1, 0))
    hue, saturation, value = rgb2hsv((red, green, blue))
    # Every channel is the value times what hue and saturation say, which no frame changes.
    colours = np.stack(hsv2rgb((hue, saturation, np.ones_like(value))), axis=-1)
    for shift in shifts:
        yield to_bytes(colours * np.clip(value + shift, 0.0, 1.0)[..., None])


def snow_frames(
    images: Images,
    parameters: tuple[float, float, float, float, float, float, float, Sequence[float]],
    rngs: Sequence[Rng],
) -> Frames:
    """Let one layer of flakes fall from an angle that turns, over a whitened picture.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Mean and standard deviation of the noise that the flakes are made of, how much
            it is enlarged, the threshold below which no flake is, radius and standard deviation of
            their motion blur, the weight of the picture against its whitened self, and the angle
            of each frame in degrees.
        rngs: One source of randomness per image; each draws H * W normal values.

    Yields:
        As many frames (N, H, W, 3) uint8 as angles.
    """
    mean, deviation, zoom, threshold, radius, sigma, weight, angles = parameters
    height, width = images.shape[1:3]
    layers = flakes(rngs, (height, width), (mean, deviation, zoom, threshold), np.float32)
    whitened = bleach(images, weight)
    for angle in angles:
        falling = to_float(motion_blur_images(layers, radius, sigma, [angle] * len(images)))
        yield to_bytes(whitened + falling + falling[:, ::-1, ::-1])


def spatter_frames(
    images: Images,
    parameters: tuple[float, float, float, float, float, Sequence[float]],
    rngs: Sequence[Rng],
) -> Frames:
    """Let water run down the lens.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: The four of `corruptions.spatter.liquid_layers`, the brightness of the brightest
            drop, and the kernel that moves the liquid from frame to frame.
        rngs: One source of randomness per image; each draws H * W normal values.

    Yields:
        31 frames (N, H, W, 3) uint8.
    """
    mean, deviation, sigma, threshold, intensity, kernel = parameters
    values = to_float32(images)
    size = images.shape[1:3]
    layers = liquid_layers(rngs, size, (mean, deviation, sigma, threshold))
    for _ in range(31):
        yield (wet(values, layers, intensity) * np.float32(255)).astype(np.uint8)
        layers = _drip(layers, kernel)


def _drip(layers: Floats, kernel: Sequence[float]) -> Floats:
    """Convolve the columns of layers (N, H, W) with a kernel that reaches mostly downwards."""
    height = layers.shape[1]
    above = len(kernel) // 2
    padded = np.pad(layers, ((0, 0), (above, len(kernel) - 1 - above), (0, 0)))
    dripped = np.zeros_like(layers)
    for start, weight in enumerate(reversed(kernel)):
        dripped += weight * padded[:, start : start + height]
    return dripped


ANGLES = tuple(range(-150, -29, 4))

WEATHER = (
    Perturbation(
        "snow",
        snow_frames,
        group="test",
        strengths={
            "cifar": ((0.05, 0.3, 2, 0.5, 10, 2, 0.85, ANGLES),),
            "imagenet": ((0.05, 0.3, 3, 0.5, 14, 4, 0.85, ANGLES),),
        },
        frames={"cifar": 31, "imagenet": 31},
        stochastic=True,
    ),
    Perturbation(
        "brightness",
        brightness_frames,
        group="test",
        strengths={
            "cifar": (tuple(step * 1.5 / 100 for step in range(-15, 16)),),
            "imagenet": (tuple(step * 2 / 100 for step in range(-15, 16)),),
        },
        frames={"cifar": 31, "imagenet": 31},
    ),
    Perturbation(
        "spatter",
        spatter_frames,
        group="extra",
        strengths={
            "cifar": ((0.6, 0.265, 1.75, 0.7, 0.6, (0.2, 0.8)),),
            "imagenet": ((0.65, 0.27, 3.7, 0.69, 0.6, (0.05, 0.1, 0.15, 0.7)),),
        },
        frames={"cifar": 31, "imagenet": 31},
        stochastic=True,
    ),
)
