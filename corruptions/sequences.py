"""Perturbation sequences of Hendrycks & Dietterich, ICLR 2019: their names, and how to make them.

The code of a sequence is imported when it is first used.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from corruptions.base import Family, Images, image_rng, whole_number
from corruptions.batches import blocks, check_images, check_indices, check_seed
from corruptions.catalogue import load_entry

if TYPE_CHECKING:
    from corruptions.perturbations.base import Perturbation, Window

PERTURBATION_GROUPS: dict[str, tuple[str, ...]] = {
    "test": (
        *("gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow", "brightness"),
        *("translate", "rotate", "tilt", "scale"),
    ),
    "extra": ("speckle_noise", "gaussian_blur", "spatter", "shear"),
}
"""Every perturbation, in the official order; mFR is over test."""

PERTURBATIONS: dict[str, str] = {
    name: "corruptions.perturbations:PERTURBATIONS"
    for names in PERTURBATION_GROUPS.values()
    for name in names
}
"""Name -> ``module:attribute`` of the tuple that holds it."""

SHORT_SIDE: Final = 256
CROP: Final = 224
"""ImageNet-P: pictures are resized to that short side, and frames show that centre of them."""


def load_perturbation(name: str) -> "Perturbation":
    """Import the perturbation ``name``.

    Raises:
        KeyError: No such name; the message has the nearest ones and the whole list.
    """
    perturbation: Perturbation = load_entry(PERTURBATIONS, name, "perturbation")
    return perturbation


def perturb(  # noqa: PLR0913  all but the first two have defaults
    images: Images,
    name: str,
    *,
    family: str = "auto",
    seed: int = 0,
    indices: Sequence[int] | None = None,
    difficulty: int = 1,
    crop: int | str | None = "auto",
) -> Images:
    """Make the perturbation sequence of each image, the same in whatever batch it goes in.

    Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
    Perturbations", ICLR 2019, with the constants of the authors' code. CIFAR-P are these frames;
    the released ImageNet-P was further coded as video. Predictions are compared with that of frame
    0, the clean image, in the noise sequences, else from frame to frame.

    Args:
        images: (N, H, W, 3) uint8; never written to.
        name: One of ``PERTURBATIONS``.
        family: Whose constants: ``cifar``, ``imagenet``, or ``auto``, which goes by the size:
            ``cifar`` for 32x32, ``imagenet`` for 224x224 or a short side of 256.
        seed: Seed of the whole perturbed set.
        indices: The number of each image in its data set, which keys its randomness; 0 to N-1 by
            default.
        difficulty: 1, as the authors report, to 3. It sets the strength of ``gaussian_noise``,
            ``shot_noise`` and ``speckle_noise`` (``_2`` and ``_3`` in the archives). All other
            sequences have the same frames at every difficulty d, and are compared d frames apart.
        crop: Side of the centre square that the frames show, or None for whole pictures. ``auto``
            is as published: 224 for family ``imagenet`` and a short side of 256, else None. What
            moves the picture (``translate``, ``rotate``, ``tilt``, ``scale``, ``shear``,
            ``zoom_blur``) moves the whole of it before the crop; all else is done to the crop.

    Returns:
        (N, F, h, w, 3) uint8. F is 31, but for ``motion_blur`` (21) and ``translate`` (16) of
        family ``cifar`` and ``translate`` (41) of family ``imagenet``.

    Raises:
        TypeError: ``images`` is no NumPy array, or the seed or an index no integer.
        KeyError: An unknown name.
        ValueError: Images of another kind, an unknown family or difficulty, a crop larger than the
            images, or a number of indices that is not the number of images.
    """
    perturbation = load_perturbation(name)
    count, height, width, _ = check_images(images).shape
    known_family = _resolve_family(family, height, width)
    strength = perturbation.strength(difficulty, known_family)
    parameters = perturbation.strengths[known_family][strength - 1]
    window = _window(crop, known_family, height, width)
    key, keys = check_seed(seed), check_indices(indices, count)
    places = range(perturbation.frames[known_family])
    shape = (count, len(places), *(side.stop - side.start for side in window), 3)
    result = np.empty(shape, dtype=np.uint8)
    for block, some in blocks(images):
        drawing = keys[block] if perturbation.stochastic else ()
        rngs = [image_rng(key, f"{name}-p", strength, index) for index in drawing]
        frames = perturbation.apply(some, parameters, window, rngs)
        for place, frame in zip(places, frames, strict=True):
            result[block, place] = frame
    return result


def _resolve_family(family: str, height: int, width: int) -> Family:
    """The family of constants for images of this size."""
    if family == "auto":
        return _family_of_size(height, width)
    if family == "cifar":
        return "cifar"
    if family == "imagenet":
        return "imagenet"
    raise ValueError(
        f"family must be auto, cifar or imagenet; got {family!r} (sequences are published for tiny "
        f"and inception too, but are not offered)"
    )


def _family_of_size(height: int, width: int) -> Family:
    """The family whose published preparation gives images of this size."""
    if height == width == 32:
        return "cifar"
    if height == width == CROP or min(height, width) == SHORT_SIDE:
        return "imagenet"
    raise ValueError(
        f"family='auto' knows 32x32 (cifar), 224x224 (imagenet) and a short side of 256 (imagenet);"
        f" got {height}x{width} (height x width): name the family whose constants you want, cifar "
        f"or imagenet (tiny and inception are published too, but are not offered)"
    )


def _window(crop: int | str | None, family: Family, height: int, width: int) -> "Window":
    """Rows and columns of the centre square; torchvision rounds halves to the even pixel."""
    if crop == "auto":
        crop = CROP if family == "imagenet" and min(height, width) == SHORT_SIDE else None
    if crop is None:
        return slice(0, height), slice(0, width)
    side = whole_number(crop)
    if side is None or not 1 <= side <= min(height, width):
        raise ValueError(
            f"crop must be 'auto', None or a side of 1 to {min(height, width)} pixels for images "
            f"of {height}x{width} (height x width); got {crop!r}"
        )
    top, left = round((height - side) / 2), round((width - side) / 2)
    return slice(top, top + side), slice(left, left + side)
