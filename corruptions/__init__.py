"""Image corruptions of Hendrycks & Dietterich, ICLR 2019, with reproducible randomness.

Needs NumPy, SciPy, Pillow and OpenCV, and nothing of robench. The list of names is data: a
corruption's code is imported when it is first used.
"""

import difflib
import importlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corruptions.base import Corruption, Images, check_images, image_rng, resolve_family
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

PIXELS_AT_ONCE = 2**16
"""Images are corrupted in blocks of about so many pixels (64 of 32x32, one of 224x224)."""

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
    if name not in CORRUPTIONS:
        near = difflib.get_close_matches(name, CORRUPTIONS, n=3)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise KeyError(f"Unknown corruption {name!r}.{hint} Known: {', '.join(CORRUPTIONS)}.")
    module, _, attribute = CORRUPTIONS[name].partition(":")
    group: tuple[Corruption, ...] = getattr(importlib.import_module(module), attribute)
    return next(corruption for corruption in group if corruption.name == name)


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
    Perturbations", ICLR 2019, with the constants of the authors' code. Images are corrupted at the
    size they have; the released ImageNet-C was further saved as JPEG of quality 85.

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
        TypeError: ``images`` is no NumPy array.
        KeyError: An unknown name.
        ValueError: Images of another kind, an unknown severity or family, or a number of indices
            that is not the number of images.
        FileNotFoundError: The textures of ``frost`` are absent or altered.
    """
    corruption = load(name)
    count, height, width, _ = check_images(images).shape
    parameters = corruption.parameters(severity, resolve_family(family, height, width))
    keys = range(count) if indices is None else indices
    if len(keys) != count:
        raise ValueError(f"expected one index per image, got {len(keys)} for {count} images")
    result = np.empty(images.shape, dtype=np.uint8)
    step = max(1, PIXELS_AT_ONCE // (height * width))
    for start in range(0, count, step):
        block = np.ascontiguousarray(images[start : start + step])
        rngs = _rngs(corruption, seed, severity, keys[start : start + step])
        result[start : start + step] = corruption.apply(block, parameters, rngs, data_dir=data_dir)
    return result


def _rngs(
    corruption: Corruption, seed: int, severity: int, indices: Sequence[int]
) -> list[np.random.RandomState]:
    """One source of randomness per image; none where none is used."""
    if not corruption.stochastic:
        return []
    return [image_rng(seed, corruption.name, severity, index) for index in indices]
