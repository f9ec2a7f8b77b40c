"""Noise corruptions of Hendrycks & Dietterich, ICLR 2019."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corruptions.base import Corruption, Images, Rng, per_image, to_bytes, to_float


def gaussian_noise(images: Images, sigma: float, rngs: Sequence[Rng]) -> Images:
    """Add white Gaussian noise, independent over pixels and channels.

    Args:
        images: (N, H, W, 3) uint8.
        sigma: Standard deviation on the [0, 1] scale.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    noise = per_image(rngs, lambda rng: rng.normal(scale=sigma, size=images.shape[1:]))
    noise += to_float(images)
    return to_bytes(noise)


def shot_noise(images: Images, scale: float, rngs: Sequence[Rng]) -> Images:
    """Replace each value by a Poisson count of that mean: the noise of few photons.

    Args:
        images: (N, H, W, 3) uint8.
        scale: Photons of a full-scale value; fewer are noisier.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    means = to_float(images)
    means *= scale
    counts = per_image(rngs, lambda rng, mean: rng.poisson(mean), means)
    return to_bytes(counts / float(scale))


def impulse_noise(images: Images, amount: float, rngs: Sequence[Rng]) -> Images:
    """Set single channel values to 0 or 255 (salt and pepper).

    As in scikit-image, which the authors call: channels are hit independently of one another, and
    the draws are who is hit, then whether it is salt.

    Args:
        images: (N, H, W, 3) uint8.
        amount: Expected fraction of values that are replaced, in [0, 1].
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    shape = images.shape[1:]
    draws = per_image(rngs, lambda rng: _hits_and_salt(rng, amount, shape))
    hit, salt = draws[:, 0], draws[:, 1]
    return np.where(hit, salt * np.uint8(255), images)


def _hits_and_salt(rng: Rng, amount: float, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which values are replaced and which of those turn white: (2, *shape) bool."""
    return np.stack([rng.random(shape) <= amount, rng.random(shape) <= 0.5])


NOISE = (
    Corruption(
        "gaussian_noise",
        gaussian_noise,
        group="noise",
        severities={
            "cifar": (0.04, 0.06, 0.08, 0.09, 0.10),
            "tiny": (0.04, 0.08, 0.12, 0.15, 0.18),
            "imagenet": (0.08, 0.12, 0.18, 0.26, 0.38),
            "inception": (0.09, 0.13, 0.19, 0.27, 0.40),
        },
        stochastic=True,
    ),
    Corruption(
        "shot_noise",
        shot_noise,
        group="noise",
        severities={
            "cifar": (500, 250, 100, 75, 50),
            "tiny": (250, 100, 50, 30, 15),
            "imagenet": (60, 25, 12, 5, 3),
            "inception": (50, 20, 10, 5, 3),
        },
        stochastic=True,
    ),
    Corruption(
        "impulse_noise",
        impulse_noise,
        group="noise",
        severities={
            "cifar": (0.01, 0.02, 0.03, 0.05, 0.07),
            "tiny": (0.01, 0.02, 0.05, 0.08, 0.14),
            "imagenet": (0.03, 0.06, 0.09, 0.17, 0.27),
            "inception": (0.04, 0.07, 0.10, 0.18, 0.28),
        },
        stochastic=True,
    ),
)
