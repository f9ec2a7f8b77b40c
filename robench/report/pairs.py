"""Runs against each other on the same images: differences, and which cannot be told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from robench.metrics.paired import PairwiseResult, compare_all
from robench.metrics.significance import holm, tie_groups
from robench.report.column import Column
from robench.report.identity import same_inputs
from robench.report.numbers import (
    FEWEST,
    LEVEL,
    Difference,
    Number,
    clean_record,
    common,
    members,
    per_image,
    weights_for,
)
from robench.report.results import RunResults
from robench.types import Floats, Record


@dataclass(frozen=True)
class Ties:
    """Rows of a column that cannot be told apart.

    Attributes:
        groups: Maximal sets of rows between which no pair differs, the best rows first.
        ranks: By row: 1 and the number of rows that are better beyond doubt.
    """

    groups: tuple[tuple[int, ...], ...]
    ranks: Mapping[int, int]


def compare_rows(
    runs: Sequence[RunResults], column: Column, rows: Mapping[int, Number], *, alike: bool
) -> tuple[dict[int, Difference], Ties | None]:
    """Differences of a column's rows to the first run, and its tie groups.

    Rows of which it is not known what each image added are left out.

    Args:
        runs: All runs of the comparison.
        column: The column.
        rows: Its numbers by row.
        alike: Whether they are about the same inputs; without that there are no tie groups, and
            each difference is over the cells that are the same in both.
    """
    if not column.per_image or len(rows) < 2:
        return {}, None
    if not alike:
        return _unlike(runs, column, [row for row in rows if row and 0 in rows]), None
    losses = _all_losses(runs, column, list(rows))
    if len(losses) < 2:
        return {}, None
    result = compare_all(list(losses.values()), exact=_exact(column))
    places = {row: place for place, row in enumerate(losses)}
    gaps = {
        row: _difference(result, place, places[0], rows[row].have)
        for row, place in places.items()
        if row and 0 in places
    }
    return gaps, _ties(result, column, {row: rows[row] for row in losses})


def _exact(column: Column) -> bool:
    """Whether it is one cell of rights and wrongs, for McNemar's test."""
    return len(column.cells) == 1 and column.metric != "flip_rate"


def _all_losses(
    runs: Sequence[RunResults], column: Column, rows: Sequence[int]
) -> dict[int, Floats]:
    """(N,) of each row that has them, of enough images and as many as the first such row."""
    found: dict[int, Floats] = {}
    for row in rows:
        losses = _losses(runs[row], column, members(runs[row], column))
        if losses is not None and len(losses) >= FEWEST:
            same = not found or len(losses) == len(next(iter(found.values())))
            found |= {row: losses} if same else {}
    return found


def why_unpaired(run: RunResults, column: Column) -> str:
    """Why a run has neither difference nor ties in a column where others may."""
    losses = _losses(run, column, members(run, column))
    if losses is None:
        return "because what each image added was not kept (robench score makes it, from outputs)"
    if len(losses) < FEWEST:
        return f"because it has fewer than {FEWEST} images"
    return "because no other run has as many images"


def _difference(result: PairwiseResult, row: int, base: int, cells: int) -> Difference:
    """One pair of a result."""
    return Difference(
        value=float(result.difference[row, base]),
        low=float(result.low[row, base]),
        high=float(result.high[row, base]),
        cells=cells,
        p=float(result.p_adjusted[row, base]),
    )


def _ties(result: PairwiseResult, column: Column, rows: Mapping[int, Number]) -> Ties:
    """Groups of rows, from the pairs."""
    apart = result.p_adjusted < LEVEL
    values = [number.value for number in rows.values()]
    order = list(rows)
    groups = tie_groups(values, apart, higher_is_better=column.higher_is_better)
    better = -result.difference if column.higher_is_better else result.difference
    beaten = (apart & (better > 0)).sum(axis=1)
    return Ties(
        groups=tuple(tuple(order[place] for place in group) for group in groups),
        ranks={row: 1 + int(count) for row, count in zip(order, beaten, strict=True)},
    )


def _unlike(
    runs: Sequence[RunResults], column: Column, rows: Sequence[int]
) -> dict[int, Difference]:
    """Differences to the first run over what is the same in both; Holm's correction over these."""
    found = {row: gap for row in rows if (gap := _apart(runs, row, column)) is not None}
    adjusted = holm([gap.p for gap in found.values()])
    return {
        row: replace(gap, p=float(p)) for (row, gap), p in zip(found.items(), adjusted, strict=True)
    }


def _apart(runs: Sequence[RunResults], row: int, column: Column) -> Difference | None:
    """Difference to the first run over the cells that both measured with the same inputs."""
    first, run = runs[0], runs[row]
    both = [(a, b) for a, b in common(first, run, column) if same_inputs((first, a), (run, b))]
    if not both or not _same_clean(first, run, column):
        return None
    pair = [_losses(first, column, [a for a, _ in both])]
    pair.append(_losses(run, column, [b for _, b in both]))
    known = [losses for losses in pair if losses is not None]
    if len(known) < 2 or len(known[0]) != len(known[1]) or len(known[0]) < FEWEST:
        return None
    return _difference(compare_all(known, exact=_exact(column)), 1, 0, len(both))


def _losses(run: RunResults, column: Column, records: Sequence[Record]) -> Floats | None:
    return per_image(run, column, records, weights_for(column, records))


def _same_clean(a: RunResults, b: RunResults, column: Column) -> bool:
    """Whether the clean errors of a relative aggregate are about the same images."""
    left, right = clean_record(a, column), clean_record(b, column)
    if left is None or right is None:
        return left is right
    return same_inputs((a, left), (b, right))
