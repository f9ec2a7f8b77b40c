"""Corrupted and perturbed cells drawn from clean images."""

from collections.abc import Callable
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


def sequence_reader(entry: EvalSet, cell: Cell, images: Images) -> Callable[..., Images]:
    """(start, stop) -> the sequences of those of the clean ``images`` (N, H, W, 3)."""

    def make(start: int, stop: int) -> Images:
        return perturb(
            images[start:stop],
            cell.corruption,
            family=entry.family,
            seed=SEED,
            indices=range(start, stop),
            difficulty=cell.difficulty,
        )

    return make


def reader(entry: EvalSet, cell: Cell, images: Images, data_dir: Path) -> Callable[..., Images]:
    """(start, stop) -> those of the clean ``images`` (N, H, W, 3), corrupted."""

    def make(start: int, stop: int) -> Images:
        return corrupt(
            images[start:stop],
            cell.corruption,
            cell.severity,
            family=entry.family,
            seed=SEED,
            indices=range(start, stop),
            data_dir=data_dir,
        )

    return make
