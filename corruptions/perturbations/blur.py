"""Blur sequences of CIFAR-P and ImageNet-P.

Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019.
"""

from collections.abc import Sequence

import numpy as np

from corruptions.base import Images, to_bytes, to_float, to_float32
from corruptions.gaussian import smooth
from corruptions.motion import motion_blur_images
from corruptions.perturbations.base import Frames, Perturbation, Window
from corruptions.perturbations.geometry import affine_frames, enlargement


def motion_blur_frames(images: Images, parameters: tuple[float, float, Sequence[float]]) -> Frames:
    """Smear the image along a line that turns.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Radius and standard deviation of the smear in pixels, and the angle of each
            frame in degrees.

    Yields:
        As many frames (N, H, W, 3) uint8 as angles.
    """
    radius, sigma, angles = parameters
    for angle in angles:
        yield motion_blur_images(images, radius, sigma, [angle] * len(images))


def zoom_blur_frames(images: Images, factors: Sequence[float], window: Window) -> Frames:
    """Show the image clean, then the mean of it and of ever more enlargements.

    Args:
        images: (N, H, W, 3) uint8.
        factors: Of the enlargements about the centre, one per further frame.
        window: What the frames show.

    Yields:
        One frame (N, h, w, 3) uint8 more than there are factors.
    """
    rows, columns = window
    clean = images[:, rows, columns]
    # In single precision, as the authors: truncation to bytes depends on the last bit.
    total = to_float32(clean)
    yield clean
    enlarged = affine_frames(images, map(enlargement, factors), window)
    for count, frame in enumerate(enlarged, start=2):
        total += to_float32(frame)
        mean = total / np.float32(count)
        mean *= np.float32(255)
        yield mean.astype(np.uint8)


def gaussian_blur_frames(images: Images, parameters: tuple[float, Sequence[float]]) -> Frames:
    """Convolve with a widening Gaussian; borders repeat the edge.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: After how many standard deviations the Gaussian is cut off, and the standard
            deviation of each frame in pixels.

    Yields:
        As many frames (N, H, W, 3) uint8 as standard deviations.
    """
    truncate, sigmas = parameters
    values = to_float(images)
    for sigma in sigmas:
        yield to_bytes(smooth(values, sigma, truncate))


ZOOMS = tuple(1 + 0.004 * step for step in range(1, 31))

BLUR = (
    Perturbation(
        "motion_blur",
        motion_blur_frames,
        group="test",
        strengths={
            "cifar": ((6, 1.8, tuple(range(-180, 1, 9))),),
            "imagenet": ((10, 3, tuple(range(-120, 1, 4))),),
        },
        frames={"cifar": 21, "imagenet": 31},
    ),
    Perturbation(
        "zoom_blur",
        zoom_blur_frames,
        group="test",
        strengths={"cifar": (ZOOMS,), "imagenet": (ZOOMS,)},
        frames={"cifar": 31, "imagenet": 31},
        warps=True,
    ),
    Perturbation(
        "gaussian_blur",
        gaussian_blur_frames,
        group="extra",
        strengths={
            "cifar": ((7, tuple(0.3 + 0.015 * step for step in range(31))),),
            "imagenet": ((6, tuple(0.25 + 0.035 * step for step in range(31))),),
        },
        frames={"cifar": 31, "imagenet": 31},
    ),
)
