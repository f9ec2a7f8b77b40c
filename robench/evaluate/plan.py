"""What a suite means for the data at hand: the cells to measure, and those that cannot be yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from robench.attacks import literal
from robench.datasets import DATASETS, available, check, is_present, why_absent
from robench.metrics.aggregates import SEVERITIES
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
    check(DATASETS[suite.clean], data_dir)
    cells = [Cell(suite.clean), *_corrupted(suite, data_dir), *_perturbed(suite, data_dir)]
    cells += [Cell(name, against=suite.clean) for name in suite.anomalies if _here(name, data_dir)]
    cells += [Cell(suite.clean, attack=literal(name)) for name in suite.attacks]
    return Plan(tuple(cells), tuple(_missing(suite, data_dir)))


def _here(name: str, data_dir: Path) -> bool:
    """Whether the images of an anomaly set can be had."""
    return is_present(DATASETS[name], data_dir)


def _corrupted(suite: Suite, data_dir: Path) -> Iterator[Cell]:
    """Cells of the corruptions that are on disk or can be made."""
    if suite.corrupted:
        have = available(DATASETS[suite.corrupted], data_dir)
        for corruption in suite.corruptions:
            if corruption in have:
                yield from (Cell(suite.corrupted, corruption, level) for level in SEVERITIES)


def _perturbed(suite: Suite, data_dir: Path) -> Iterator[Cell]:
    """Sequences that are on disk or can be made; difficulty 1 is what the authors report."""
    if suite.perturbed:
        have = available(DATASETS[suite.perturbed], data_dir)
        yield from (
            Cell(suite.perturbed, name, difficulty=1)
            for name in suite.perturbations
            if name in have
        )


def _missing(suite: Suite, data_dir: Path) -> Iterator[str]:
    """What the plan leaves out."""
    if suite.corrupted:
        have = available(DATASETS[suite.corrupted], data_dir)
        for name in suite.corruptions:
            if name not in have:
                yield f"{suite.corrupted}: {why_absent(name, data_dir)}"
    for name in suite.anomalies:
        if not _here(name, data_dir):
            yield f"anomaly set {name}: not in {data_dir}"
