"""Runs side by side: every number with its error, what it is, and what it may be compared with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from robench.report.column import TABLE, Column, Section, title_of
from robench.report.columns import make_columns
from robench.report.identity import conventions, describe, unlike
from robench.report.numbers import Number, apart, common, make_number, members, paired
from robench.report.results import RunResults, load_runs
from robench.types import Cell

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Comparison:
    """What the renderers take.

    Attributes:
        runs: Titles, in the order given.
        columns: In their fixed order.
        numbers: By (row, column key); a number that is not there is not there.
        footnotes: Text by letter.
        definitions: Choices inside the metric by column key, where all runs share them.
        warnings: What must not be compared without a second thought, in words.
        flagged: Keys of columns whose numbers are unlike.
        floors: What a perfectly calibrated network would score, in words.
        hidden: What the runs hold and the table leaves out, in words.
    """

    runs: tuple[str, ...]
    columns: tuple[Column, ...]
    numbers: Mapping[tuple[int, str], Number]
    footnotes: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    flagged: frozenset[str] = frozenset()
    floors: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def section(self, *names: Section) -> list[Column]:
        """The columns of some sections."""
        return [column for column in self.columns if column.section in names]

    def best(self, column: Column) -> int | None:
        """Row that leads all others by more than two standard errors, where all are alike."""
        keys = [(row, column.key) for row in range(len(self.runs))]
        found = {key[0]: self.numbers[key] for key in keys if key in self.numbers}
        if column.key in self.flagged or len(found) < 2:
            return None
        sign = -1 if column.higher_is_better else 1
        first, *others = sorted(found, key=lambda row: sign * found[row].value)
        return first if all(apart(found[first], found[row]) for row in others) else None


def compare(runs: Sequence[Path]) -> Comparison:
    """Read run folders and put them side by side.

    Raises:
        InputError: No run, a run without results, or a damaged one.
    """
    return compare_results(load_runs(runs))


def compare_results(runs: Sequence[RunResults]) -> Comparison:
    """Put runs that are read already side by side."""
    columns = make_columns(runs)
    numbers: dict[tuple[int, str], Number] = {}
    for column in columns:
        for row, run in enumerate(runs):
            number = make_number(run, column)
            if number is not None:
                numbers[row, column.key] = replace(number, difference=paired(runs, row, column))
    unlikes = {column.key: list(_unlike(runs, numbers, column)) for column in columns}
    notes = _footnotes(runs, columns, numbers, unlikes)
    numbers = {
        place: replace(number, note=LETTERS[notes[place][0] % 26] * (notes[place][0] // 26 + 1))
        for place, number in numbers.items()
    }
    columns = [_retitled(column, numbers) for column in columns]
    return Comparison(
        runs=tuple(run.title for run in runs),
        columns=tuple(columns),
        numbers=numbers,
        footnotes={numbers[place].note: text for place, (_, text) in notes.items()},
        definitions=dict(_definitions(runs, columns)),
        warnings=(*_warnings(runs, columns, numbers, unlikes), *_predictions(columns, numbers)),
        flagged=frozenset(key for key, found in unlikes.items() if found),
        floors=tuple(_floors(runs)),
        hidden=tuple(
            f"{run.title}: {run.hidden} numbers of other passes in the same store are not shown."
            for run in runs
            if run.hidden
        ),
    )


def _unlike(
    runs: Sequence[RunResults], numbers: Mapping[tuple[int, str], Number], column: Column
) -> Iterator[tuple[int, str]]:
    """Rows whose number is not what the first number of the column is, and why."""
    rows = [row for row in range(len(runs)) if (row, column.key) in numbers]
    for row in rows[1:]:
        base = rows[0]
        reasons = dict.fromkeys(
            reason
            for a, b in common(runs[base], runs[row], column)
            for reason in unlike((runs[base], a), (runs[row], b))
        )
        yield from ((row, reason) for reason in reasons)
        if _cells(runs[base], column) != _cells(runs[row], column):
            have = [numbers[r, column.key].have for r in (base, row)]
            yield row, f"other {column.unit}: {have[0]} vs {have[1]} of {len(column.cells)}"


def _cells(run: RunResults, column: Column) -> set[Cell]:
    """Cells that went into a number."""
    return {record.cell for record in members(run, column)}


def _footnotes(
    runs: Sequence[RunResults],
    columns: Sequence[Column],
    numbers: Mapping[tuple[int, str], Number],
    unlikes: Mapping[str, list[tuple[int, str]]],
) -> dict[tuple[int, str], tuple[int, str]]:
    """Index and text of the footnote of every number; identical passports share one.

    A number that is unlike the first of its column never shares that one's footnote, even where
    the words about its inputs are the same.
    """
    index: dict[str, int] = {}
    found = {}
    for column in columns:
        reasons = unlikes[column.key]
        for row, run in enumerate(runs):
            if (row, column.key) not in numbers:
                continue
            text = describe(run, members(run, column))
            base = _first_row(column, numbers)
            mine = [reason for at, reason in reasons if at == row]
            if mine and text == describe(runs[base], members(runs[base], column)):
                text += f"; {'; '.join(mine)}"
            found[row, column.key] = index.setdefault(text, len(index)), text
    return found


def _definitions(
    runs: Sequence[RunResults], columns: Sequence[Column]
) -> Iterator[tuple[str, str]]:
    """Choices inside each metric; `unlike` tells where runs do not share them."""
    for column in columns:
        record = next((run, r) for run in runs for r in members(run, column))
        chosen = {k: v for k, v in conventions(*record).items() if k != "inside"}
        yield column.key, ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in chosen.items())


def _warnings(
    runs: Sequence[RunResults],
    columns: Sequence[Column],
    numbers: Mapping[tuple[int, str], Number],
    unlikes: Mapping[str, list[tuple[int, str]]],
) -> tuple[str, ...]:
    """One line per difference, with every column and every run that it concerns."""
    shown = [column for column in columns if column.section in TABLE]
    titles: dict[tuple[int, int, str], list[str]] = {}
    for column in shown:
        base = _first_row(column, numbers)
        for row, reason in unlikes[column.key]:
            titles.setdefault((base, row, reason), []).append(column.title)
    who: dict[tuple[str, int, str], list[str]] = {}
    for (base, row, reason), of_columns in titles.items():
        what = "every number" if len(of_columns) == len(shown) else "; ".join(of_columns)
        who.setdefault((what, base, reason), []).append(runs[row].title)
    return tuple(
        f"{what}: {reason} ({runs[base].title} vs {', '.join(names)})"
        for (what, base, reason), names in who.items()
    )


def _predictions(
    columns: Sequence[Column], numbers: Mapping[tuple[int, str], Number]
) -> Iterator[str]:
    """What must be said of numbers that are predicted."""
    complete = {key for (_, key), number in numbers.items() if number.complete}
    for column in columns:
        if column.definition and column.definition.remark and column.key in complete:
            yield column.definition.remark


def _first_row(column: Column, numbers: Mapping[tuple[int, str], Number]) -> int:
    """The run that the others in a column are checked against."""
    return min(row for row, key in numbers if key == column.key)


def _retitled(column: Column, numbers: Mapping[tuple[int, str], Number]) -> Column:
    """A mean with cells missing does not bear its name."""
    mine = [number for (_, key), number in numbers.items() if key == column.key]
    if not column.incomplete or all(number.complete for number in mine):
        return column
    have = sorted({number.have for number in mine})
    label = f"{'-'.join(map(str, (have[0], have[-1]) if have[1:] else have))}/{len(column.cells)}"
    title = column.incomplete.format(f"{label} {column.unit}")
    return replace(column, title=title)


def _floors(runs: Sequence[RunResults]) -> Iterator[str]:
    """Noise floors of the calibration errors of each run, in words; a line for each kind of set."""
    for run in runs:
        found = {r.cell.evalset: floor for r in run.numbers.values() if (floor := run.floor_of(r))}
        texts = {name: _floor_text(floor) for name, floor in found.items()}
        if texts:
            parts = "; ".join(f"{name}: {text}" for name, text in texts.items())
            yield (
                f"{run.title}: with its confidences a perfectly calibrated network would score "
                f"{parts}. Values near these say nothing."
            )


def _floor_text(floor: Mapping[str, float]) -> str:
    """``ECE 1.2 %, RMS 3.7 %``."""
    return ", ".join(f"{title_of(name)} {100 * value:.1f} %" for name, value in floor.items())
