"""The image corruptions of -C and C-bar and the sequences of -P, with reproducible randomness.

Hendrycks & Dietterich, ICLR 2019 (-C, -P), and Mintun et al., NeurIPS 2021 (C-bar).

Needs NumPy, SciPy, Pillow and OpenCV, and nothing of robench. The list of names is data: a
corruption's code is imported when it is first used.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corruptions.base import Corruption, Images, image_rng, resolve_family
from corruptions.batches import blocks, check_images, check_indices, check_seed
from corruptions.catalogue import load_entry
from corruptions.sequences import (
    PERTURBATION_GROUPS,
    PERTURBATIONS,
    load_perturbation,
    perturb,
)

__all__ = [
    "CORRUPTIONS",
    "GENERATOR_VERSION",
    "GROUPS",
    "PERTURBATIONS",
    "PERTURBATION_GROUPS",
    "Images",
    "assets_present",
    "corrupt",
    "load",
    "load_perturbation",
    "perturb",
]

GENERATOR_VERSION = 1
"""Raised whenever the pixels change that a name, severity, seed and index stand for."""

GROUPS: dict[str, tuple[str, ...]] = {
    "noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
    "blur": ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    "weather": ("snow", "frost", "fog", "brightness"),
    "digital": ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
    "extra": ("speckle_noise", "gaussian_blur", "spatter", "saturate"),
    "procedural": ("frost_procedural",),
    "bar": (
        *("blue_noise_sample", "checkerboard_cutout", "inverse_sparkles", "pinch_and_twirl"),
        *("ripple", "brownish_noise", "circular_motion_blur", "lines", "sparkles"),
        *("transverse_chromatic_abberation", "caustic_refraction", "perlin_noise"),
        *("plasma_noise", "cocentric_sine_waves", "single_frequency_greyscale"),
    ),
}
"""Every corruption, in the official order; mCE is over noise, blur, weather and digital."""

CORRUPTIONS: dict[str, str] = {
    name: f"corruptions.{group}:{group.upper()}"
    for group, names in GROUPS.items()
    for name in names
}
"""Name -> ``module:attribute`` of the tuple that holds it."""


def load(name: str) -> Corruption:
    """Import the corruption ``name``.

    Raises:
        KeyError: No such name; the message has the nearest ones and the whole list.
    """
    corruption: Corruption = load_entry(CORRUPTIONS, name, "corruption")
    return corruption


def assets_present(name: str, data_dir: Path | str | None = None) -> bool:
    """Whether the files that a corruption needs are there, unaltered; True if it needs none.

    Args:
        name: One of ``CORRUPTIONS``.
        data_dir: As for `corrupt`.

    Raises:
        KeyError: No such name.
    """
    if load(name).assets is None:
        return True
    from corruptions.textures import textures_present  # noqa: PLC0415  OpenCV is slow to import

    return textures_present(data_dir)


def corrupt(  # noqa: PLR0913  all but the first three have defaults
    images: Images,
    name: str,
    severity: int,
    *,
    family: str = "auto",
    seed: int = 0,
    indices: Sequence[int] | None = None,
    data_dir: Path | str | None = None,
) -> Images:
    """Corrupt a batch of images; each comes out the same in whatever batch it goes in.

    Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
    Perturbations", ICLR 2019; group ``bar``: Mintun et al., "On Interaction Between Augmentations
    and Corruptions in Natural Corruption Robustness", NeurIPS 2021; both with the constants of the
    authors' code. ``frost_procedural`` is ours: frost without the authors' photographs. Images are
    corrupted at the size they have; the released ImageNet-C was further saved as JPEG of quality
    85.

    Args:
        images: (N, H, W, 3) uint8; never written to.
        name: One of ``CORRUPTIONS``.
        severity: 1 to 5.
        family: Whose table of severities: ``cifar``, ``tiny``, ``imagenet``, ``inception``, or
            ``auto`` for square images of side 32, 64, 224 or 299.
        seed: Seed of the whole corrupted set.
        indices: The number of each image in its data set, which keys its randomness; 0 to N-1 by
            default.
        data_dir: Folder that holds ``frost/``, the textures of that corruption; by default
            ``$ROBENCH_DATA``, else ``~/.cache/robench/data``.

    Returns:
        (N, H, W, 3) uint8, a new array.

    Raises:
        TypeError: ``images`` is no NumPy array, or the seed or an index no integer.
        KeyError: An unknown name.
        ValueError: Images of another kind, an unknown severity or family, or a number of indices
            that is not the number of images.
        FileNotFoundError: The textures of ``frost`` are absent or altered.
    """
    corruption = load(name)
    count, height, width, _ = check_images(images).shape
    parameters = corruption.parameters(severity, resolve_family(family, height, width))
    key, keys = check_seed(seed), check_indices(indices, count)
    result = np.empty(images.shape, dtype=np.uint8)
    for block, some in blocks(images):
        drawing = keys[block] if corruption.stochastic else ()
        rngs = [image_rng(key, name, severity, index) for index in drawing]
        result[block] = corruption.apply(some, parameters, rngs, data_dir=data_dir)
    return result
