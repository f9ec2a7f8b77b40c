"""How near corrupted pictures are to those of a published file, cell by cell: arithmetic only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from robench.types import Floats, Images

Kind: TypeAlias = Literal[
    "equal", "to the byte", "other draws", "jpeg library", "other opencv", "second jpeg pass"
]

REASONS: Mapping[Kind, str] = {
    "equal": "no random numbers: within 2 levels, what other libraries round differently",
    "to the byte": "made by robench with the same seed: not one level may differ",
    "other draws": (
        "random numbers were never seeded by the authors, so pixels differ; the strength, taken "
        "over images, must agree (|z| < 5, false alarms in fewer than 1 card of 10,000)"
    ),
    "jpeg library": (
        "the published files come from another JPEG library: 1.2 to 2.1 levels on average in "
        "CIFAR-10-C against today's Pillow; at most 3 are allowed, and half a level of brightness"
    ),
    "other opencv": "OpenCV 4 and 5 warp with different precision: up to 3 levels in a pixel",
    "second jpeg pass": (
        "ImageNet-C is stored as JPEG of quality 85; the regenerated pictures went through the "
        "same here, by another library: at most 3 levels on average; with random numbers, strength "
        "within 2 % or |z| < 5; brightness within half a level"
    ),
}
"""Why published and regenerated pictures may differ."""

EQUAL_LEVELS = 2
JPEG_LEVELS = 3.0
JPEG_BIAS = 0.5
JPEG_STRENGTH = 0.02
Z_LIMIT = 5.0
PAIRED_FROM = 10
"""With fewer images, z is taken over draws instead of over images."""
LARGEST_Z = 37.0
"""The probability of a larger one is no longer a float."""
MUCH = 4.0
"""A severity matches much better when its distance is so many times smaller."""


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


@dataclass(frozen=True)
class CellFidelity:
    """One corruption at one severity: published against regenerated.

    Attributes:
        corruption: Its name.
        severity: 1 to 5.
        n: Images compared.
        differences: Of the pixels.
        change_published: Mean absolute change of the published pictures against the clean ones.
        change_made: The same of the regenerated ones.
        z: Difference in strength in standard errors, see `z_score`; None without randomness.
        expected: What may differ, keys of `REASONS`.
        as_expected: The verdict.
        matches_severity: Another severity that the published pictures match much better.
    """

    corruption: str
    severity: int
    n: int
    differences: Differences
    change_published: float
    change_made: float
    z: float | None
    expected: tuple[Kind, ...]
    as_expected: bool
    matches_severity: int | None = None

    @property
    def remark(self) -> str:
        """What is wrong, in words; empty where nothing is."""
        if self.as_expected:
            return ""
        if self.matches_severity:
            return f"matches severity {self.matches_severity}: are the files in the wrong order?"
        if self.z is not None:
            return "another strength"
        return "other pixels"

    @property
    def ratio(self) -> float | None:
        """Relative strength, 1 is equal; None where the regenerated pictures are the clean ones."""
        return self.change_published / self.change_made if self.change_made else None


def differences(published: Images, made: Images) -> Differences:
    """Compare pixels of two stacks (N, H, W, 3) uint8."""
    gap = published.astype(np.int16) - made
    square = float(np.mean(np.square(gap, dtype=np.float64)))
    psnr = float(10 * np.log10(255.0**2 / square)) if square else None
    size = np.abs(gap)
    return Differences(float(size.mean()), int(size.max()), float(gap.mean()), psnr)


def strength(images: Images, clean: Images) -> Strength:
    """Change of each image (N, H, W, 3) against its clean one."""
    gap = images.astype(np.int16) - clean
    inside = (1, 2, 3)
    return Strength(np.abs(gap).mean(axis=inside), gap.mean(axis=inside))


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


def agrees(kinds: tuple[Kind, ...], gap: Differences, z: float | None, ratio: float | None) -> bool:
    """Whether differences are of the kinds that are expected.

    Args:
        kinds: Keys of `REASONS`.
        gap: Of the pixels.
        z: Difference in strength, in standard errors; needed for "other draws".
        ratio: Relative strength; needed for "other draws" with "second jpeg pass".
    """
    if "other draws" in kinds:
        if z is not None and abs(z) < Z_LIMIT:
            return True
        near = ratio is not None and abs(ratio - 1) <= JPEG_STRENGTH
        return "second jpeg pass" in kinds and near and abs(gap.bias) <= JPEG_BIAS
    if "jpeg library" in kinds or "second jpeg pass" in kinds:
        return gap.mean <= JPEG_LEVELS and abs(gap.bias) <= JPEG_BIAS
    return gap.largest <= (0 if "to the byte" in kinds else EQUAL_LEVELS)


def better_severity(distances: Mapping[int, float], own: int) -> int | None:
    """The severity whose pictures match much better than those of ``own``, if there is one.

    Args:
        distances: Severity -> distance of the published cell to it, in levels.
        own: The severity that the cell is said to have.
    """
    best = min(distances, key=lambda severity: distances[severity])
    return best if best != own and distances[best] * MUCH < distances[own] else None
