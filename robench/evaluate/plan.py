"""What a suite means for the data at hand: the cells to measure, and those that cannot be yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from robench.attacks import literal
from robench.datasets import absent, available, find, is_stored, why_absent
from robench.errors import InputError
from robench.types import Cell, EvalSet, Suite


@dataclass(frozen=True)
class Plan:
    """The cells of a suite.

    Attributes:
        cells: To be measured, in order; the clean set first.
        missing: What the suite names but this machine or this version cannot measure, in words.
        notes: What is measured otherwise than one might think, in words.
        own: Sets that no list has.
    """

    cells: tuple[Cell, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()
    own: tuple[EvalSet, ...] = ()


def make_plan(suite: Suite, data_dir: Path) -> Plan:
    """List the cells of a suite.

    Of several sets those that are not there are listed, and the others measured.

    Raises:
        InputError: A set that is measured by itself is missing, or all sets of the suite are; the
            message says what mends it.
    """
    sets = [find(name, suite.own) for name in _names(suite)]
    gone = {entry.name: text for entry in sets if (text := absent(entry, data_dir))}
    _refuse(suite, sets, gone)
    missing = list(gone.values())
    cells: list[Cell] = []
    if suite.clean and suite.clean not in gone:
        cells.append(Cell(suite.clean))
    for name in suite.shifted:
        if name not in gone:
            cells += _shifted(find(name, suite.own), data_dir)
    cells += _corrupted(suite, data_dir, gone)
    cells += _perturbed(suite, data_dir, gone)
    if suite.clean and suite.clean not in gone:
        here = (name for name in suite.anomalies if name not in gone)
        cells += [Cell(name, against=suite.clean) for name in here]
        cells += [Cell(suite.clean, attack=literal(name)) for name in suite.attacks]
    missing += _undrawn(suite, data_dir, gone)
    return Plan(tuple(cells), tuple(missing), tuple(_notes(sets, data_dir, gone)), suite.own)


def _names(suite: Suite) -> list[str]:
    """All sets of a suite, the clean one first."""
    clean = [suite.clean] if suite.clean else []
    return [*clean, *suite.beside_clean, *suite.anomalies]


def _refuse(suite: Suite, sets: list[EvalSet], gone: dict[str, str]) -> None:
    """See that what the suite is about is there."""
    if suite.name in gone:
        raise InputError(gone[suite.name])
    needs_clean = suite.attacks and not (suite.grids or suite.shifted)
    if (suite.name.startswith("folder:") or needs_clean) and suite.clean in gone:
        raise InputError(gone[suite.clean or ""])
    measured = {entry.name for entry in sets} - {*gone, *suite.anomalies}
    if not measured:
        lines = [f"Nothing of {suite.name} is there.", *dict.fromkeys(gone.values())]
        raise InputError("\n".join(lines))


def _shifted(entry: EvalSet, data_dir: Path) -> Iterator[Cell]:
    """The one cell of a shifted set, or one for each kind of edit."""
    if entry.layout == "edits":
        yield from (Cell(entry.name, edit) for edit in sorted(available(entry, data_dir)))
    else:
        yield Cell(entry.name)


def _corrupted(suite: Suite, data_dir: Path, gone: dict[str, str]) -> Iterator[Cell]:
    """Cells of the corruptions that are on disk or can be made."""
    for grid in suite.grids:
        have = frozenset() if grid.evalset in gone else available(find(grid.evalset), data_dir)
        for corruption in grid.corruptions:
            if corruption in have:
                yield from (Cell(grid.evalset, corruption, level) for level in grid.severities)


def _perturbed(suite: Suite, data_dir: Path, gone: dict[str, str]) -> Iterator[Cell]:
    """Sequences that are on disk or can be made."""
    for one in suite.sequences:
        have = frozenset() if one.evalset in gone else available(find(one.evalset), data_dir)
        for name in one.perturbations:
            if name in have:
                yield from (Cell(one.evalset, name, difficulty=level) for level in one.difficulties)


def _undrawn(suite: Suite, data_dir: Path, gone: dict[str, str]) -> Iterator[str]:
    """Corruptions and perturbations that sets which are there lack."""
    wanted = [(grid.evalset, grid.corruptions) for grid in suite.grids]
    wanted += [(one.evalset, one.perturbations) for one in suite.sequences]
    for evalset, names in wanted:
        if evalset not in gone:
            entry = find(evalset)
            have = available(entry, data_dir)
            lacking = [name for name in names if name not in have]
            yield from (f"{evalset}: {why_absent(entry, name, data_dir)}" for name in lacking)


def _notes(sets: list[EvalSet], data_dir: Path, gone: dict[str, str]) -> Iterator[str]:
    """Sets that are published as files and drawn here."""
    for entry in sets:
        drawn = entry.clean and entry.published and entry.role in ("corrupted", "perturbed")
        if drawn and entry.name not in gone and not is_stored(entry, data_dir):
            yield (
                f"{entry.name}: drawn from {entry.clean} here; the published files are not in "
                f"{data_dir}."
            )
