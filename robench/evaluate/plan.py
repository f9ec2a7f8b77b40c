"""What a suite means for the data at hand: the cells to measure, and those that cannot be yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from robench.attacks import literal
from robench.datasets import DATASETS, available, check, is_present, why_absent
from robench.types import Cell, Suite


@dataclass(frozen=True)
class Plan:
    """The cells of a suite.

    Attributes:
        cells: To be measured, in order; the clean set first.
        missing: What the suite names but this machine or this version cannot measure, in words.
    """

    cells: tuple[Cell, ...]
    missing: tuple[str, ...]


def make_plan(suite: Suite, data_dir: Path) -> Plan:
    """List the cells of a suite.

    Raises:
        InputError: The clean set is missing; the message says what mends it.
    """
    clean = suite.clean or ""
    check(DATASETS[clean], data_dir)
    cells = [Cell(clean), *_corrupted(suite, data_dir), *_perturbed(suite, data_dir)]
    cells += [Cell(name, against=clean) for name in suite.anomalies if _here(name, data_dir)]
    cells += [Cell(clean, attack=literal(name)) for name in suite.attacks]
    return Plan(tuple(cells), tuple(_missing(suite, data_dir)))


def _here(name: str, data_dir: Path) -> bool:
    """Whether the images of an anomaly set can be had."""
    return is_present(DATASETS[name], data_dir)


def _corrupted(suite: Suite, data_dir: Path) -> Iterator[Cell]:
    """Cells of the corruptions that are on disk or can be made."""
    for grid in suite.grids:
        have = available(DATASETS[grid.evalset], data_dir)
        for corruption in grid.corruptions:
            if corruption in have:
                yield from (Cell(grid.evalset, corruption, level) for level in grid.severities)


def _perturbed(suite: Suite, data_dir: Path) -> Iterator[Cell]:
    """Sequences that are on disk or can be made."""
    for sequences in suite.sequences:
        have = available(DATASETS[sequences.evalset], data_dir)
        for name in sequences.perturbations:
            if name in have:
                yield from (
                    Cell(sequences.evalset, name, difficulty=level)
                    for level in sequences.difficulties
                )


def _missing(suite: Suite, data_dir: Path) -> Iterator[str]:
    """What the plan leaves out."""
    for grid in suite.grids:
        have = available(DATASETS[grid.evalset], data_dir)
        for name in grid.corruptions:
            if name not in have:
                yield f"{grid.evalset}: {why_absent(name, data_dir)}"
    for name in suite.anomalies:
        if not _here(name, data_dir):
            yield f"anomaly set {name}: not in {data_dir}"
