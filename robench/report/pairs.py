"""Runs against each other on the same images: differences, and which cannot be told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robench.metrics.paired import PairwiseResult, compare_all
from robench.metrics.significance import tie_groups
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

    Args:
        runs: All runs of the comparison.
        column: The column.
        rows: Its numbers by row.
        alike: Whether they are about the same inputs; without that there are no tie groups, and
            each difference is over the cells that are the same in both.
    """
    if not column.per_image or len(rows) < 2:
        return {}, None
    losses = _all_losses(runs, column, list(rows)) if alike else None
    if losses is None:
        found = {row: _apart(runs, row, column) for row in rows if row and 0 in rows}
        return {row: gap for row, gap in found.items() if gap is not None}, None
    result = compare_all(losses, exact=len(column.cells) == 1 and column.metric != "flip_rate")
    places = {row: place for place, row in enumerate(rows)}
    cells = {row: number.have for row, number in rows.items()}
    gaps = {
        row: _difference(result, place, places[0], cells[row])
        for row, place in places.items()
        if row and 0 in places
    }
    return gaps, _ties(result, column, rows)


def _all_losses(
    runs: Sequence[RunResults], column: Column, rows: Sequence[int]
) -> list[Floats] | None:
    """(N,) of each row; None where one is not known, or too few images were measured."""
    found = []
    for row in rows:
        records = members(runs[row], column)
        losses = per_image(runs[row], column, records, weights_for(column, records))
        if losses is None or len(losses) < FEWEST:
            return None
        found.append(losses)
    return found if len({len(losses) for losses in found}) == 1 else None


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
    return _difference(compare_all(known), 1, 0, len(both))


def _losses(run: RunResults, column: Column, records: Sequence[Record]) -> Floats | None:
    return per_image(run, column, records, weights_for(column, records))


def _same_clean(a: RunResults, b: RunResults, column: Column) -> bool:
    """Whether the clean errors of a relative aggregate are about the same images."""
    left, right = clean_record(a, column), clean_record(b, column)
    if left is None or right is None:
        return left is right
    return same_inputs((a, left), (b, right))
