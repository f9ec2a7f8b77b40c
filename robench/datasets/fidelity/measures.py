"""How far corrupted pictures lie from each other and from the clean ones: arithmetic only."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from robench.types import Floats, Images

PAIRED_FROM = 10
"""With fewer images, z is taken over draws instead of over images."""
LARGEST_Z = 37.0
"""The probability of a larger one is no longer a float."""


@dataclass(frozen=True)
class Differences:
    """Pixels of published minus regenerated pictures, in levels of 0 to 255.

    Attributes:
        mean: Mean absolute difference.
        largest: The largest one.
        bias: Mean signed difference.
        psnr: In decibels; None where the pictures are equal.
    """

    mean: float
    largest: int
    bias: float
    psnr: float | None


@dataclass(frozen=True)
class Strength:
    """How far pictures lie from the clean ones.

    Attributes:
        change: (N,) mean absolute difference of each picture, in levels.
        shift: (N,) mean signed difference, in levels.
    """

    change: Floats
    shift: Floats


def differences(published: Iterable[Images], made: Iterable[Images]) -> Differences:
    """Compare the pixels of pairs of pictures (H, W, 3) uint8; H and W may change with the pair."""
    pixels, absolute, signed, squared, largest = 0, 0, 0, 0, 0
    for theirs, ours in zip(published, made, strict=True):
        gap = theirs.astype(np.int32) - ours
        pixels += gap.size
        absolute += int(np.abs(gap).sum())
        signed += int(gap.sum())
        squared += int(np.square(gap).sum())
        largest = max(largest, int(np.abs(gap).max()))
    psnr = float(10 * np.log10(255.0**2 * pixels / squared)) if squared else None
    return Differences(absolute / pixels, largest, signed / pixels, psnr)


def strength(images: Iterable[Images], clean: Iterable[Images]) -> Strength:
    """Change of each image (H, W, 3) against its clean one."""
    gaps = [one.astype(np.int16) - other for one, other in zip(images, clean, strict=True)]
    change = np.array([np.abs(gap).mean() for gap in gaps])
    return Strength(change, np.array([gap.mean() for gap in gaps]))


def z_score(published: Strength, draws: list[Strength]) -> float:
    """How many standard errors the published strength is off: the worse of change and shift.

    From `PAIRED_FROM` images on, differences to the first draw are paired over images. With fewer,
    the published mean is held against the means of several draws, as one more of them. Student's
    t is turned into the normal deviate of the same probability.

    Args:
        published: N images.
        draws: At least 2 draws of the same images if N is below `PAIRED_FROM`, else 1 is enough.
    """
    change = _z(published.change, [draw.change for draw in draws])
    shift = _z(published.shift, [draw.shift for draw in draws])
    return max(change, shift, key=abs)


def _z(published: Floats, draws: list[Floats]) -> float:
    """The score of one quantity (N,)."""
    if len(published) >= PAIRED_FROM:
        gaps = published - draws[0]
        return _normal(float(gaps.mean()), gaps, 1 / len(gaps))
    means = np.array([draw.mean() for draw in draws])
    return _normal(float(published.mean() - means.mean()), means, 1 + 1 / len(means))


def _normal(gap: float, sample: NDArray[np.float64], factor: float) -> float:
    """Normal deviate of ``gap`` whose variance is ``factor`` times that of ``sample``."""
    error = float(np.sqrt(sample.var(ddof=1) * factor))
    if error == 0.0:
        return 0.0 if gap == 0.0 else float(np.copysign(LARGEST_Z, gap))
    tail = float(norm.isf(t.sf(abs(gap) / error, len(sample) - 1)))
    return float(np.copysign(min(tail, LARGEST_Z), gap))
