"""Resampling of images with randomness that is keyed by words, so that errors reproduce."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.types import Floats

Array = NDArray[Any]
CHUNK = 2**20  # draws at a time, 8 MB of float64
KEPT = 2**27  # draws that are kept for the next column, half a byte each


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


class Resampler:
    """Bootstrap resamples of the same images for all models and all columns.

    Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 6. A resample is how often
    each of the N images was drawn, a function of the key, its number and N alone; all models see
    the same ones, so that their differences are paired. Sums are exact (losses are taken to some
    36 bits, so that no order of adding them rounds), hence equal rows have equal means, on every
    machine and however many rows there are.

    Args:
        n: Images.
        resamples: How many.
        key: Words that the randomness depends on.

    Raises:
        ValueError: No images or no resamples.
    """

    def __init__(self, n: int, resamples: int = 2000, *key: object) -> None:
        if n < 1 or resamples < 1:
            raise ValueError(f"expected images and resamples, got {n} and {resamples}")
        self.n, self.resamples, self._key = n, resamples, key
        self._kept: list[NDArray[np.uint8]] = []

    def means(self, values: Floats) -> Floats:
        """Means of each row over each resample.

        Memory: 60 MB for 50,000 images beside the values and the result.

        Args:
            values: (rows, N) finite.

        Returns:
            (resamples, rows).

        Raises:
            ValueError: Another number of images, or values that are not finite.
        """
        if values.ndim != 2 or values.shape[1] != self.n or not np.isfinite(values).all():
            raise ValueError(
                f"expected finite values (rows, {self.n}), got {values.shape}, or some are not"
            )
        unit = _unit(values)
        columns = np.rint(values.T / unit)
        parts = [_unpacked(counts, self.n) @ columns for counts in self._chunks()]
        means: Floats = np.concatenate(parts) * unit / self.n
        return means

    def _chunks(self) -> Iterator[NDArray[np.uint8]]:
        """Counts of some resamples, `_packed`; drawn once if there is room for them."""
        if self._kept:
            yield from self._kept
            return
        rng, made = source(*self._key, self.n), []
        step, room = max(1, CHUNK // self.n), self.resamples * self.n <= KEPT
        for start in range(0, self.resamples, step):
            rows = range(start, min(start + step, self.resamples))
            drawn = (rng.randint(0, self.n, self.n, dtype=np.int32) for _ in rows)
            counts = np.stack([_packed(np.bincount(d, minlength=self.n)) for d in drawn])
            if room:
                made.append(counts)
            yield counts
        self._kept = made


def _packed(counts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Two counts (N,) in a byte; of N images hardly one in 10^13 is drawn 16 times."""
    half = (len(counts) + 1) // 2
    small = np.zeros(2 * half, dtype=np.uint8)
    small[: len(counts)] = counts.clip(max=15)
    return np.bitwise_or(small[:half], np.left_shift(small[half:], 4), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8], n: int) -> Floats:
    """Counts (some resamples, N)."""
    half = packed.shape[1]
    counts = np.empty((len(packed), 2 * half))
    counts[:, :half], counts[:, half:] = packed & 15, packed >> 4
    return counts[:, :n]


@lru_cache(maxsize=2)
def resampler(n: int, resamples: int, *key: object) -> Resampler:
    """The `Resampler` of a key, kept for the next column with as many images."""
    return Resampler(n, resamples, *key)


def interval(draws: Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval: order statistics as far from either end, so that signs can change."""
    ordered = np.sort(draws)
    cut = max(1, round((1.0 - level) / 2.0 * (len(draws) + 1))) - 1
    return float(ordered[cut]), float(ordered[-1 - cut])


def _unit(values: Floats) -> Floats:
    """(rows,) powers of two to round to, so coarse that sums over N images are exact."""
    largest = np.abs(values).max(axis=1)
    bits = np.ceil(np.log2(np.where(largest > 0, largest, 1.0) * values.shape[1]))
    unit: Floats = np.exp2(bits - 52)
    return unit


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
