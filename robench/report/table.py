"""Runs side by side: every number with its error, what it is, and what it may be compared with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from robench.metrics.aggregates import AGGREGATES, remark_of
from robench.metrics.constants import CONSTANTS
from robench.report.cautions import cautions
from robench.report.column import Column, title_of
from robench.report.columns import make_columns
from robench.report.comparison import Comparison
from robench.report.effective import Standing, standings
from robench.report.identity import conventions
from robench.report.likeness import (
    Numbers,
    footnotes,
    refuse,
    shortened,
    unlike_rows,
    warnings,
)
from robench.report.numbers import Number, make_number, members
from robench.report.options import Options
from robench.report.pairs import Ties, compare_rows, why_unpaired
from robench.report.results import RunResults, load_runs
from robench.report.seeds import over_seeds

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def compare(runs: Sequence[Path], options: Options | None = None) -> Comparison:
    """Read run folders and put them side by side.

    Args:
        runs: The folders; the first is what the others are compared with.
        options: How.

    Raises:
        InputError: No run, a run without results, or a damaged one; or unlike numbers in one
            column, which were not allowed.
    """
    asked = options or Options()
    found = load_runs(runs, asked.protocol, alone=asked.alone)
    comparison = compare_results(found, asked)
    return over_seeds(comparison, found)[0] if asked.seeds else comparison


def compare_results(runs: Sequence[RunResults], options: Options | None = None) -> Comparison:
    """Put runs that are read already side by side, a row for each; errors as for `compare`."""
    asked = options or Options()
    columns, numbers = _numbers(runs, make_columns(runs, asked))
    unlikes = {column.key: list(unlike_rows(runs, numbers, column)) for column in columns}
    if not asked.unlike:
        refuse(runs, columns, numbers, unlikes)
    notes = footnotes(runs, columns, numbers, unlikes)
    flagged = frozenset(key for key, found in unlikes.items() if found)
    pairs = [column for column in columns if asked.paired]
    numbers, ties = _paired(runs, pairs, numbers, flagged)
    numbers = {
        place: replace(number, note=LETTERS[notes[place][0] % 26] * (notes[place][0] // 26 + 1))
        for place, number in numbers.items()
    }
    columns = [_retitled(column, numbers) for column in columns]
    placed = tuple(standings(runs, asked.references))
    return Comparison(
        runs=tuple(run.title for run in runs),
        columns=tuple(columns),
        numbers=numbers,
        footnotes={numbers[place].note: text for place, (_, text) in notes.items()},
        definitions=dict(_definitions(runs, columns)),
        warnings=(*warnings(runs, columns, numbers, unlikes), *_remarks(columns, numbers)),
        flagged=flagged,
        floors=tuple(_floors(runs)),
        hidden=(
            *_hidden(runs, asked),
            *_unpaired(runs, pairs, numbers, ties, flagged),
            *_unused(columns, placed, asked),
        ),
        ties=ties,
        cautions=tuple(cautions(runs)),
        standings=placed,
    )


def _numbers(
    runs: Sequence[RunResults], columns: Sequence[Column]
) -> tuple[list[Column], dict[tuple[int, str], Number]]:
    """All numbers, and the columns that have any."""
    numbers = {
        (row, column.key): number
        for column in columns
        for row, run in enumerate(runs)
        if (number := make_number(run, column))
    }
    present = {key for _, key in numbers}
    return [column for column in columns if column.key in present], numbers


def _paired(
    runs: Sequence[RunResults], columns: Sequence[Column], numbers: Numbers, flagged: frozenset[str]
) -> tuple[dict[tuple[int, str], Number], dict[str, Ties]]:
    """The numbers with their differences to the first run, and the ties of each column."""
    found, ties = dict(numbers), {}
    for column in columns:
        keys = ((row, column.key) for row in range(len(runs)))
        rows = {key[0]: numbers[key] for key in keys if key in numbers}
        gaps, tied = compare_rows(runs, column, rows, alike=column.key not in flagged)
        for row, gap in gaps.items():
            found[row, column.key] = replace(rows[row], difference=gap)
        if tied is not None:
            ties[column.key] = tied
    return found, ties


def _definitions(
    runs: Sequence[RunResults], columns: Sequence[Column]
) -> Iterator[tuple[str, str]]:
    """Choices inside each metric; `unlike` tells where runs do not share them."""
    for column in columns:
        record = next((run, r) for run in runs for r in members(run, column))
        chosen = {k: v for k, v in conventions(*record).items() if k != "inside"}
        texts = [f"{k.replace('_', ' ')} {v}" for k, v in chosen.items()]
        texts += _normaliser(column)
        yield column.key, ", ".join(texts)


def _normaliser(column: Column) -> Iterator[str]:
    """What an aggregate is divided by, and its version."""
    definition = column.definition
    if definition and definition.name in AGGREGATES:
        yield f"aggregate {definition.name} version {definition.version}"
    if definition and definition.constants:
        reference = column.constants or CONSTANTS[definition.constants]
        doubt = "" if reference.verified else ", unverified"
        yield f"divided by {reference.name} ({reference.source}{doubt})"


def _remarks(columns: Sequence[Column], numbers: Numbers) -> Iterator[str]:
    """What must be said of aggregates wherever they are shown."""
    complete = {key for (_, key), number in numbers.items() if number.complete}
    defined = ((c, c.definition) for c in columns if c.definition)
    said = (
        remark_of(definition, column.constants)
        for column, definition in defined
        if definition.constants or column.key in complete
    )
    yield from dict.fromkeys(filter(None, said))


def _retitled(column: Column, numbers: Numbers) -> Column:
    """A mean with cells missing does not bear its name, and one over few images says how many."""
    mine = [number for (_, key), number in numbers.items() if key == column.key]
    if not column.incomplete or all(number.complete for number in mine):
        return replace(column, title=f"{column.title}{_few(column, mine)}")
    have = sorted({number.have for number in mine})
    label = f"{'-'.join(map(str, (have[0], have[-1]) if have[1:] else have))}/{len(column.cells)}"
    title = column.incomplete.format(f"{label} {column.unit}")
    return replace(column, title=f"{title}{_few(column, mine)}")


def _few(column: Column, mine: Sequence[Number]) -> str:
    """What is added to the name of an aggregate that was measured on some of the images."""
    if column.section != "headline" or column.definition is None:
        return ""
    if all(number.n >= number.whole for number in mine):
        return ""
    counts = dict.fromkeys(f"{n.n:,} of {n.whole:,}" for n in mine)
    return f" ({' / '.join(counts)} images)"


def _hidden(runs: Sequence[RunResults], asked: Options) -> Iterator[str]:
    """What the runs hold otherwise than one might think, in words."""
    for run in runs:
        if run.hidden:
            yield f"{run.title}: {run.hidden} numbers of other passes in its store are not shown."
        if run.foreign:
            yield (
                f"{run.title}: {', '.join(run.foreign)} was not measured under the protocol "
                f"{asked.protocol.name}; what is shown was measured under another."
            )


def _unused(columns: Sequence[Column], placed: Sequence[Standing], asked: Options) -> Iterator[str]:
    """Files of the user's that fit nothing that was measured."""
    used = {column.constants.name for column in columns if column.constants}
    for metric, constants in asked.constants.items():
        if constants.name not in used:
            yield f"Constants {constants.name} are not used: no {metric} of ImageNet-P is here."
    if asked.references and not placed:
        sets = ", ".join(asked.references)
        yield f"References are not used: no run has the clean error and that of one of {sets}."


def _unpaired(
    runs: Sequence[RunResults],
    columns: Sequence[Column],
    numbers: Numbers,
    ties: Mapping[str, Ties],
    flagged: frozenset[str],
) -> Iterator[str]:
    """Which runs have neither differences nor ties in columns where others may, and why."""
    found: dict[tuple[str, str], list[str]] = {}
    for column in columns:
        rows = [row for row in range(len(runs)) if (row, column.key) in numbers]
        paired = ties[column.key].ranks if column.key in ties else {}
        if column.per_image and column.key not in flagged and len(rows) > 1:
            for row in (row for row in rows if row not in paired):
                place = runs[row].title, why_unpaired(runs[row], column)
                found.setdefault(place, []).append(column.title)
    for (title, why), titles in found.items():
        yield f"{title} is not paired, {why}: {shortened(titles)}."


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
