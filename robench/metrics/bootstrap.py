"""Resampling of images with randomness that is keyed by words, so that errors reproduce."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.types import Floats

Array = NDArray[Any]


def source(*key: object) -> np.random.RandomState:
    """A generator whose stream depends on the key alone.

    numpy has frozen the streams of ``RandomState``; those of ``Generator`` may still change.
    """
    digest = hashlib.blake2b(repr(key).encode(), digest_size=16).digest()
    return np.random.RandomState(np.random.Philox(key=int.from_bytes(digest, "little")))


def standard_error(
    function: Callable[..., float], arrays: Sequence[Array], name: str, *, paired: bool
) -> float:
    """Bootstrap standard error over images, 100 resamples.

    Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 6.

    Args:
        function: The metric.
        arrays: Its arguments, first axis images.
        name: Key of the randomness.
        paired: Whether the arrays belong to different sets of images, each resampled by itself;
            otherwise one resample serves all.

    Returns:
        Standard deviation of the metric over resamples, in its unit.
    """
    values = [function(*sample) for sample in _resamples(arrays, name, paired=paired)]
    return float(np.std(values, ddof=1))


def resampled_means(values: Floats, resamples: int, *key: object) -> Floats:
    """Means (resamples,) of ``values`` (N,), drawn with replacement.

    How often each distinct value is drawn is multinomial; means over a few cells take few values,
    so this is far cheaper than drawing images one by one. The values go in the order of their
    first image, so that values of the other sign are drawn alike.
    """
    distinct, first, counts = np.unique(values, return_index=True, return_counts=True)
    order = np.argsort(first)
    shares = counts[order] / len(values)
    drawn = source(*key).multinomial(len(values), shares, size=resamples)
    means: Floats = drawn @ distinct[order] / len(values)
    return means


def _resamples(
    arrays: Sequence[Array], name: str, *, paired: bool, count: int = 100
) -> Iterator[list[Array]]:
    """Versions of the arrays with images drawn with replacement."""
    rng, total = source("standard error", name), len(arrays[0])
    if not paired and arrays[0].ndim == 1:
        # in order of confidence, so that the metric finds every resample already sorted
        order = np.argsort(arrays[0], kind="stable")
        arrays = [array[order] for array in arrays]
    for _ in range(count):
        if paired:
            yield [array[rng.randint(0, len(array), len(array))] for array in arrays]
        else:
            drawn = np.sort(rng.randint(0, total, total))
            yield [array[drawn] for array in arrays]
