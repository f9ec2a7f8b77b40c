"""Out-of-distribution pictures, each drawn from a key of its own."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.types import Images

SIDE = 32
SEED = 0
VERSION = 1
"""Raised whenever the pixels change that a name and an index stand for."""

REMARKS: dict[str, dict[str, int | str]] = {"photos": {"crops_of": "2 photographs"}}
"""What a passport says beside seed and version; errors over images take crops as independent."""

Rng: TypeAlias = np.random.RandomState


def pictures(name: str, start: int, stop: int) -> Images:
    """Draw the pictures number ``start`` to ``stop - 1`` of a set.

    Args:
        name: One of `GENERATORS`.
        start: First number.
        stop: One more than the last; greater than ``start``.

    Returns:
        (stop - start, 32, 32, 3) uint8; a picture depends on its name and number alone.
    """
    draw = GENERATORS[name]
    return np.stack([draw(_rng(name, index)) for index in range(start, stop)])


def _rng(name: str, index: int) -> Rng:
    """The source of one picture; numpy has frozen the streams of ``RandomState``."""
    digest = hashlib.blake2b(f"{name}/{SEED}/{index}".encode(), digest_size=16).digest()
    return np.random.RandomState(np.random.Philox(key=int.from_bytes(digest, "little")))


def _to_bytes(values: NDArray[np.float64]) -> Images:
    """[0, 1] -> uint8, rounded."""
    return np.rint(values * 255.0).astype(np.uint8)


def gaussian(rng: Rng) -> Images:
    """Independent N(0, 0.5) values on the [-1, 1] scale, clipped; as Outlier Exposure has it."""
    noise = rng.normal(scale=0.5, size=(SIDE, SIDE, 3)).clip(-1.0, 1.0)
    return _to_bytes((noise + 1.0) / 2.0)


def rademacher(rng: Rng) -> Images:
    """Every value black or white with equal probability."""
    return _to_bytes((rng.random_sample((SIDE, SIDE, 3)) < 0.5).astype(np.float64))


def blobs(rng: Rng) -> Images:
    """Bernoulli(0.7) values under a Gaussian of 1.5, with what is below 0.75 set to 0.

    As in the authors' code, the Gaussian also runs across the three channels, which makes them
    alike: that is the set that published numbers are measured on.
    """
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415  slow to import

    field = (rng.random_sample((SIDE, SIDE, 3)) < 0.7).astype(np.float64)
    blurred = gaussian_filter(field, sigma=1.5, mode="nearest", truncate=4.0)
    return _to_bytes(np.where(blurred < 0.75, 0.0, blurred))


def photos(rng: Rng) -> Images:
    """A random square of one of scikit-learn's two photographs, reduced to 32x32 (bicubic).

    The side is log-uniform between 32 pixels and the height of the photograph.
    """
    photographs = _photographs()
    photo = photographs[rng.randint(len(photographs))]
    height, width, _ = photo.shape
    side = round(SIDE * (min(height, width) / SIDE) ** rng.random_sample())
    top, left = rng.randint(height - side + 1), rng.randint(width - side + 1)
    square = Image.fromarray(photo[top : top + side, left : left + side])
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


@lru_cache(maxsize=1)
def _photographs() -> tuple[Images, ...]:
    """Two (427, 640, 3) uint8."""
    from sklearn.datasets import load_sample_images  # noqa: PLC0415  slow to import

    return tuple(load_sample_images().images)


GENERATORS: dict[str, Callable[[Rng], Images]] = {
    "gaussian": gaussian,
    "rademacher": rademacher,
    "blobs": blobs,
    "photos": photos,
}
