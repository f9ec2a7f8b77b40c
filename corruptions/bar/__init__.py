"""The C-bar corruptions, with the tables of CIFAR-10-C-bar and ImageNet-C-bar.

Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
Robustness", NeurIPS 2021. Every function takes a real magnitude; the two sets publish five each.
"""

from corruptions.bar.blurs import circular_motion_blur, transverse_chromatic_abberation
from corruptions.bar.caustic import caustic_refraction
from corruptions.bar.cutout import checkerboard_cutout
from corruptions.bar.fields import blue_noise_sample, brownish_noise
from corruptions.bar.lines import lines
from corruptions.bar.perlin import perlin_noise
from corruptions.bar.sparkles import inverse_sparkles, sparkles
from corruptions.bar.warps import pinch_and_twirl, ripple
from corruptions.bar.waves import cocentric_sine_waves, plasma_noise, single_frequency_greyscale
from corruptions.base import Corruption

BAR: tuple[Corruption, ...] = (
    Corruption(
        "blue_noise_sample",
        blue_noise_sample,
        group="bar",
        severities={
            "cifar": (0.7, 1.4, 2.1, 3.5, 4.2),
            "imagenet": (0.8, 1.6, 2.4, 4.0, 5.6),
        },
        stochastic=True,
    ),
    Corruption(
        "checkerboard_cutout",
        checkerboard_cutout,
        group="bar",
        severities={
            "cifar": (1.0, 2.0, 3.0, 4.0, 5.0),
            "imagenet": (2.0, 3.0, 4.0, 5.0, 6.0),
        },
        stochastic=True,
    ),
    Corruption(
        "inverse_sparkles",
        inverse_sparkles,
        group="bar",
        severities={
            "cifar": (1.0, 1.5, 2.5, 4.5, 5.0),
            "imagenet": (1.0, 2.0, 4.0, 9.0, 10.0),
        },
        stochastic=True,
    ),
    Corruption(
        "pinch_and_twirl",
        pinch_and_twirl,
        group="bar",
        severities={
            "cifar": (5.5, 6.0, 6.5, 8.5, 10.0),
        },
        stochastic=True,
    ),
    Corruption(
        "ripple",
        ripple,
        group="bar",
        severities={
            "cifar": (5.5, 6.0, 6.5, 7.5, 8.0),
        },
        stochastic=True,
    ),
    Corruption(
        "brownish_noise",
        brownish_noise,
        group="bar",
        severities={
            "cifar": (2.5, 4.0, 5.5, 6.5, 7.0),
            "imagenet": (1.0, 2.0, 3.0, 4.0, 5.0),
        },
        stochastic=True,
    ),
    Corruption(
        "circular_motion_blur",
        circular_motion_blur,
        group="bar",
        severities={
            "cifar": (2.8, 3.6, 4.4, 5.2, 6.0),
        },
        stochastic=False,
    ),
    Corruption(
        "lines",
        lines,
        group="bar",
        severities={
            "cifar": (0.5, 1.0, 1.5, 2.0, 2.5),
        },
        stochastic=True,
    ),
    Corruption(
        "sparkles",
        sparkles,
        group="bar",
        severities={
            "cifar": (0.7, 3.5, 5.6, 6.3, 7.0),
            "imagenet": (1.0, 2.0, 3.0, 5.0, 6.0),
        },
        stochastic=True,
    ),
    Corruption(
        "transverse_chromatic_abberation",
        transverse_chromatic_abberation,
        group="bar",
        severities={
            "cifar": (1.0, 2.0, 5.0, 9.0, 10.0),
        },
        stochastic=True,
    ),
    Corruption(
        "caustic_refraction",
        caustic_refraction,
        group="bar",
        severities={
            "imagenet": (2.35, 3.2, 4.9, 6.6, 9.15),
        },
        stochastic=True,
    ),
    Corruption(
        "perlin_noise",
        perlin_noise,
        group="bar",
        severities={
            "imagenet": (4.6, 5.2, 5.8, 7.6, 8.8),
        },
        stochastic=True,
    ),
    Corruption(
        "plasma_noise",
        plasma_noise,
        group="bar",
        severities={
            "imagenet": (4.75, 7.0, 8.5, 9.25, 10.0),
        },
        stochastic=True,
    ),
    Corruption(
        "cocentric_sine_waves",
        cocentric_sine_waves,
        group="bar",
        severities={
            "imagenet": (3.0, 5.0, 8.0, 9.0, 10.0),
        },
        stochastic=True,
    ),
    Corruption(
        "single_frequency_greyscale",
        single_frequency_greyscale,
        group="bar",
        severities={
            "imagenet": (1.0, 1.5, 2.0, 4.5, 5.0),
        },
        stochastic=True,
    ),
)
"""CIFAR-10-C-bar has the first ten; ImageNet-C-bar has five of those and the last five."""
