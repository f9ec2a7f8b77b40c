"""Corrupted and perturbed cells drawn from clean images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corruptions import GENERATOR_VERSION, GROUPS, assets_present, corrupt, load, perturb
from robench.types import Cell, EvalSet, Images

SEED = 0


def names(entry: EvalSet) -> tuple[str, ...]:
    """The corruptions of a set that robench can make, in the order of their list."""
    listed = (name for group in entry.groups for name in GROUPS[group])
    return tuple(name for name in listed if entry.family in load(name).severities)


def drawable(entry: EvalSet, data_dir: Path) -> frozenset[str]:
    """Those of `names` that can be made now: ``frost`` needs its textures in the data folder."""
    return frozenset(name for name in names(entry) if assets_present(name, data_dir))


def random_names(entry: EvalSet) -> frozenset[str]:
    """Those of `names` that draw random numbers and need nothing but the clean images."""
    known = (load(name) for name in names(entry))
    return frozenset(c.name for c in known if c.stochastic and c.assets is None)


def source(entry: EvalSet, seed: int = SEED, version: int = GENERATOR_VERSION) -> dict[str, Any]:
    """What a passport says of the pixels; the same whether they were stored or not."""
    return {
        "kind": "regenerated",
        "generator": "corruptions",
        "version": version,
        "seed": seed,
        "family": entry.family,
        "from": entry.clean,
    }


@dataclass(frozen=True)
class Drawn:
    """Draws one corruption of clean images held in memory.

    Attributes:
        images: Clean, (N, H, W, 3) uint8.
        family: Whose severities.
        cell: The corruption and its severity.
        data_dir: Where textures lie.
    """

    images: Images
    family: str
    cell: Cell
    data_dir: Path

    def __call__(self, start: int, stop: int) -> Images:
        """The images ``start`` to ``stop - 1``, corrupted."""
        return corrupt(
            self.images[start:stop],
            self.cell.corruption,
            self.cell.severity,
            family=self.family,
            seed=SEED,
            indices=range(start, stop),
            data_dir=self.data_dir,
        )


@dataclass(frozen=True)
class DrawnFilms:
    """Draws one perturbation of clean images held in memory.

    Attributes:
        images: Clean, (N, H, W, 3) uint8.
        family: Whose strengths.
        cell: The perturbation and its difficulty.
    """

    images: Images
    family: str
    cell: Cell

    def __call__(self, start: int, stop: int) -> Images:
        """The sequences ``start`` to ``stop - 1``, (stop - start, F, H, W, 3)."""
        return perturb(
            self.images[start:stop],
            self.cell.corruption,
            family=self.family,
            seed=SEED,
            indices=range(start, stop),
            difficulty=self.cell.difficulty,
        )
