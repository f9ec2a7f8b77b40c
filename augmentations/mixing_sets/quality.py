"""Which candidates are worth mixing: structure at full size, structure at CIFAR size, no doubles.

Each measure is a pure function of a grey picture, (S, S) float32 in [0, 255]; its accepted range is
a ``Limit``, gathered per kind of picture in ``Limits``. Those of ``FULL_PICTURE`` were chosen by
eye on 256-px pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Grey = NDArray[np.float32]
SMALL_SIDE = 36
NEAR = 4  # average hashes that differ in at most so many of 64 bits are near-duplicates


def to_grey(picture: Picture) -> Grey:
    """ITU-R 601 luma of (S, S, 3) uint8: (S, S) float32 in [0, 255]."""
    weights = np.array((0.299, 0.587, 0.114), np.float32)
    return picture.astype(np.float32) @ weights


def shrink(picture: Picture, side: int) -> Picture:
    """Pillow's antialiased bilinear resize of (S, S, 3) uint8 to (side, side, 3) uint8."""
    if picture.shape[:2] == (side, side):
        return picture
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR))


def entropy(grey: Grey) -> float:
    """Entropy in bits of the 256-bin histogram; 8 is uniform."""
    counts = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    share = counts[counts > 0] / grey.size
    return float(-(share * np.log2(share)).sum())


def peak(grey: Grey) -> float:
    """Share of pixels in the fullest of 32 grey bins."""
    return float(np.bincount(grey.astype(np.uint8).ravel() >> 3).max() / grey.size)


def flatness(grey: Grey) -> float:
    """Share of the cells of an 8 x 8 grid whose standard deviation is below 4 grey levels."""
    cell = len(grey) // 8
    cells = grey[: 8 * cell, : 8 * cell].reshape(8, cell, 8, cell)
    return float((cells.std((1, 3)) < 4.0).mean())


def gradient(grey: Grey) -> float:
    """Mean of |d/dx| + |d/dy| in grey levels per pixel."""
    return float(np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean())


def fineness(grey: Grey) -> float:
    """Share of the variance at radial frequencies above 1/4 of the sampling frequency."""
    power = np.abs(np.fft.rfft2(grey - grey.mean())) ** 2
    power[:, 1 : (len(grey) + 1) // 2] *= 2  # columns that stand for their mirror image too
    fx, fy = np.fft.rfftfreq(len(grey)), np.fft.fftfreq(len(grey))
    fine = power[np.hypot(fx, fy[:, None]) > 0.25].sum()
    return float(fine / max(float(power.sum()), 1e-12))


def contrast(grey: Grey) -> float:
    """Standard deviation in grey levels."""
    return float(grey.std())


def coherence(grey: Grey) -> float:
    """How far one orientation rules (structure tensor): 0 not at all, 1 pure stripes."""
    dx, dy = np.diff(grey, axis=1)[1:], np.diff(grey, axis=0)[:, 1:]
    xx, yy, xy = float((dx * dx).mean()), float((dy * dy).mean()), float((dx * dy).mean())
    return float(np.hypot(xx - yy, 2 * xy) / max(xx + yy, 1e-12))


@dataclass(frozen=True)
class Limit:
    """A measure and the closed range in which a picture is accepted."""

    measure: Callable[[Grey], float]
    low: float = -np.inf
    high: float = np.inf

    def holds(self, grey: Grey) -> bool:
        """Whether the picture is accepted."""
        return self.low <= self.measure(grey) <= self.high


@dataclass(frozen=True)
class Limits:
    """What a kind of picture has to satisfy.

    Attributes:
        large: Of the picture at full size.
        small: Of the picture shrunk to 36 pixels.
        thumbnail: Of a rendering at 64 pixels or so, such that it rejects hardly anything that
            would pass at full size.
    """

    large: tuple[Limit, ...]
    small: tuple[Limit, ...]
    thumbnail: tuple[Limit, ...]


_LARGE = (
    Limit(entropy, low=4.5),  # nearly one colour
    Limit(flatness, high=0.35),  # a motif in a void
    Limit(peak, high=0.5),  # a void of one shade
    Limit(gradient, low=5.0),  # too smooth
    Limit(coherence, high=0.65),  # parallel stripes
    Limit(fineness, low=0.01, high=0.35),  # ramps; dust
)
_SMALL = (
    Limit(contrast, low=12.0),  # dust that averages to grey
    Limit(gradient, low=8.0),  # detail that does not survive the CIFAR scale
    Limit(coherence, high=0.65),  # stripes that dust hides at full size
)
# A thumbnail has steeper gradients and more fine detail than the full picture, so the upper limit
# of fineness says nothing there.
FULL_PICTURE = Limits(_LARGE, _SMALL, (*_LARGE[:-1], Limit(fineness, low=0.01)))
"""Colour pictures without a background."""


def fault(picture: Picture, limits: Limits = FULL_PICTURE) -> str | None:
    """Name of the first measure that rejects a picture.

    Args:
        picture: (S, S, 3) uint8, S at least 36.
        limits: What its kind has to satisfy.

    Returns:
        None for an accepted picture, otherwise for example ``entropy`` or ``small contrast``.
    """
    small = _first_fault(shrink(picture, SMALL_SIDE), limits.small)
    return f"small {small}" if small else _first_fault(picture, limits.large)


def is_hopeless(thumbnail: Picture, limits: Limits = FULL_PICTURE) -> bool:
    """Whether a picture need not be drawn large, judged from a rendering at 64 pixels or so.

    Args:
        thumbnail: (S, S, 3) uint8, S at least 36.
        limits: What its kind has to satisfy.
    """
    small = _first_fault(shrink(thumbnail, SMALL_SIDE), limits.small)
    return bool(small or _first_fault(thumbnail, limits.thumbnail))


def _first_fault(picture: Picture, limits: Sequence[Limit]) -> str | None:
    """Name of the first measure outside its limits."""
    grey = to_grey(picture)
    return next((limit.measure.__name__ for limit in limits if not limit.holds(grey)), None)


def average_hash(picture: Picture) -> int:
    """64 bits: which cells of the 8 x 8 thumbnail are brighter than their mean."""
    cells = Image.fromarray(picture).resize((8, 8), Image.Resampling.BOX)
    thumbnail = to_grey(np.asarray(cells))
    bits = np.packbits(thumbnail > thumbnail.mean())
    return int.from_bytes(bits.tobytes(), "big")


def is_near_duplicate(code: int, others: Sequence[int] | NDArray[np.uint64]) -> bool:
    """Whether an average hash lies within Hamming distance 4 of any of the others."""
    distance = np.bitwise_count(np.asarray(others, np.uint64) ^ np.uint64(code))
    return bool((distance <= NEAR).any())
