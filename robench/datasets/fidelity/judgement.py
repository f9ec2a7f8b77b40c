"""Whether a cell of a published file is what robench makes, and why it may differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from robench.datasets.fidelity.measures import Differences

Kind: TypeAlias = Literal[
    "equal", "to the byte", "other draws", "jpeg library", "other opencv", "second jpeg pass"
]

REASONS: Mapping[Kind, str] = {
    "equal": "no random numbers: within 2 levels and 0.25 in the mean (other libraries round)",
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
EQUAL_MEAN = 0.25  # the released CIFAR-10-C image differs by at most 0.13 in the mean
JPEG_LEVELS = 3.0
JPEG_BIAS = 0.5
JPEG_STRENGTH = 0.02
Z_LIMIT = 5.0
MUCH = 4.0
"""A severity matches much better when its distance is so many times smaller."""


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
    if "to the byte" in kinds:
        return gap.largest == 0
    return gap.largest <= EQUAL_LEVELS and gap.mean <= EQUAL_MEAN


def better_severity(distances: Mapping[int, float], own: int) -> int | None:
    """The severity whose pictures match much better than those of ``own``, if there is one.

    Args:
        distances: Severity -> distance of the published cell to it, in levels.
        own: The severity that the cell is said to have.
    """
    best = min(distances, key=lambda severity: distances[severity])
    return best if best != own and distances[best] * MUCH < distances[own] else None
