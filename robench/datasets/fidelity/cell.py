"""One cell of the fidelity card: regenerate its pictures and judge the differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from corruptions import corrupt, load
from corruptions.base import Family
from robench.datasets.fidelity.folders import Pictures
from robench.datasets.fidelity.judgement import CellFidelity, Kind, agrees, better_severity
from robench.datasets.fidelity.measures import (
    PAIRED_FROM,
    Strength,
    differences,
    strength,
    z_score,
)
from robench.datasets.fidelity.pictures import second_pass
from robench.datasets.official import SEVERITIES
from robench.types import Images

SURE_LEVELS = 1.0
"""Below this mean difference no other severity is tried."""
DRAWS = 12
"""Draws that stand for the spread where there are few images."""


@dataclass(frozen=True)
class Maker:
    """How published pictures came about, as far as it is known.

    Attributes:
        data_dir: The folder of data sets, which holds the textures of ``frost``.
        seed: Of the regenerated pictures.
        own: robench made the folder with this seed.
        other_jpeg: It did so with another JPEG library than today's.
    """

    data_dir: Path
    seed: int = 0
    own: bool = False
    other_jpeg: bool = False


@dataclass(frozen=True)
class CellCheck:
    """A published cell, and what is needed to make it again.

    Attributes:
        corruption: Its name.
        severity: 1 to 5.
        pictures: Published and clean ones.
        family: Whose severities it has.
        maker: Where it comes from.
    """

    corruption: str
    severity: int
    pictures: Pictures
    family: Family
    maker: Maker

    def made(self, severity: int, draw: int = 0) -> list[Images]:
        """The clean pictures corrupted here; ``draw`` counts on from the seed."""
        made: dict[int, Images] = {}
        for rows in self._same_size:
            images = corrupt(
                np.stack([self.pictures.clean[row] for row in rows]),
                self.corruption,
                severity,
                family=self.family,
                seed=self.maker.seed + draw,
                indices=[self.pictures.indices[row] for row in rows],
                data_dir=self.maker.data_dir,
            )
            made.update(zip(rows, images, strict=True))
        return [
            second_pass(made[row]) if lossy else made[row]
            for row, lossy in enumerate(self.pictures.lossy)
        ]

    @cached_property
    def _same_size(self) -> Sequence[Sequence[int]]:
        """The rows of the pictures of each size."""
        found: dict[tuple[int, ...], list[int]] = {}
        for row, picture in enumerate(self.pictures.clean):
            found.setdefault(picture.shape, []).append(row)
        return tuple(found.values())

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """What is expected of the differences."""
        elastic = self.corruption == "elastic_transform"
        jpeg = self.corruption == "jpeg_compression"
        lossy = any(self.pictures.lossy)
        kinds: dict[Kind, bool] = {
            "other draws": load(self.corruption).stochastic,
            "jpeg library": jpeg,
            "other opencv": elastic,
            "second jpeg pass": lossy,
        }
        if self.maker.own:
            kinds = {"jpeg library": (jpeg or lossy) and self.maker.other_jpeg}
        found: tuple[Kind, ...] = tuple(kind for kind, there in kinds.items() if there)
        return found or (("to the byte",) if self.maker.own else ("equal",))

    def row(self) -> CellFidelity:
        """Compare and judge."""
        made = self.made(self.severity)
        gap = differences(self.pictures.published, made)
        theirs, ours = (self._strength(images) for images in (self.pictures.published, made))
        z = self._z(theirs, ours) if "other draws" in self.kinds else None
        change, base = float(theirs.change.mean()), float(ours.change.mean())
        good = agrees(self.kinds, gap, z, change / base if base else None)
        other = None
        if not good or (z is None and gap.mean > SURE_LEVELS):
            other = better_severity(self._distances(theirs), self.severity)
        return CellFidelity(
            corruption=self.corruption,
            severity=self.severity,
            n=len(made),
            differences=gap,
            change_published=change,
            change_made=base,
            z=z,
            expected=self.kinds,
            as_expected=good and other is None,
            matches_severity=other,
        )

    def _strength(self, images: Sequence[Images]) -> Strength:
        return strength(images, self.pictures.clean)

    def _z(self, published: Strength, first: Strength) -> float:
        """With few images the spread is that of further draws."""
        more = 0 if len(published.change) >= PAIRED_FROM else DRAWS - 1
        draws = [self._strength(self.made(self.severity, draw)) for draw in range(1, more + 1)]
        return z_score(published, [first, *draws])

    def _distances(self, published: Strength) -> dict[int, float]:
        """Severity -> distance in strength where pixels are drawn, else in pixels."""
        distances = {}
        for severity in range(1, SEVERITIES + 1):
            made = self.made(severity)
            if "other draws" in self.kinds:
                change = float(self._strength(made).change.mean())
                distances[severity] = abs(float(published.change.mean()) - change)
            else:
                distances[severity] = differences(self.pictures.published, made).mean
        return distances
