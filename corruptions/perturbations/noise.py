"""Noise sequences of CIFAR-P and ImageNet-P: independent draws about a clean first frame.

Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations", ICLR 2019.
"""

from collections.abc import Callable, Sequence

import numpy as np

from corruptions.base import Images, Rng, per_image, to_float32
from corruptions.extra import speckle_noise
from corruptions.noise import shot_noise
from corruptions.perturbations.base import Frames, Perturbation

NOISY_FRAMES = 30


def gaussian_noise_frames(images: Images, sigma: float, rngs: Sequence[Rng]) -> Frames:
    """Show the image clean, then under white Gaussian noise.

    In single precision, as the authors use torch here.

    Args:
        images: (N, H, W, 3) uint8.
        sigma: Standard deviation on the [0, 1] scale.
        rngs: One source of randomness per image.

    Yields:
        31 frames (N, H, W, 3) uint8.
    """
    values = to_float32(images)
    yield images
    for _ in range(NOISY_FRAMES):
        draws = per_image(rngs, lambda rng: rng.normal(size=values.shape[1:]))
        noise = draws.astype(np.float32)
        noise *= np.float32(sigma)
        noise += values
        np.clip(noise, 0.0, 1.0, out=noise)
        noise *= np.float32(255)
        yield noise.astype(np.uint8)


def shot_noise_frames(images: Images, scale: float, rngs: Sequence[Rng]) -> Frames:
    """Show the image clean, then as Poisson counts of ``scale`` photons for a full-scale value."""
    return _noisy_frames(images, shot_noise, scale, rngs)


def speckle_noise_frames(images: Images, sigma: float, rngs: Sequence[Rng]) -> Frames:
    """Show the image clean, then times Gaussians of mean 1 and standard deviation ``sigma``."""
    return _noisy_frames(images, speckle_noise, sigma, rngs)


def _noisy_frames(
    images: Images, noise: Callable[..., Images], strength: float, rngs: Sequence[Rng]
) -> Frames:
    """The clean images, then one draw of a corruption after the other."""
    yield images
    for _ in range(NOISY_FRAMES):
        yield noise(images, strength, rngs)


NOISE = (
    Perturbation(
        "gaussian_noise",
        gaussian_noise_frames,
        group="test",
        strengths={"cifar": (0.02, 0.04, 0.06), "imagenet": (0.03, 0.05, 0.08)},
        frames={"cifar": 31, "imagenet": 31},
        stochastic=True,
    ),
    Perturbation(
        "shot_noise",
        shot_noise_frames,
        group="test",
        strengths={"cifar": (700, 400, 200), "imagenet": (300, 120, 60)},
        frames={"cifar": 31, "imagenet": 31},
        stochastic=True,
    ),
    Perturbation(
        "speckle_noise",
        speckle_noise_frames,
        group="extra",
        strengths={"cifar": (0.05, 0.07, 0.10), "imagenet": (0.05, 0.10, 0.15)},
        frames={"cifar": 31, "imagenet": 31},
        stochastic=True,
    ),
)
