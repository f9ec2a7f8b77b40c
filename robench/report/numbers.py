"""One number of a comparison: its value, its error, and its difference to the first run."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from robench.metrics.averaging import Key, Weights, aggregate, weights_of
from robench.metrics.paired import losses_per_image, mean_stderr
from robench.report.column import Column
from robench.report.results import RunResults
from robench.types import Cell, Floats, Record

LEVEL = 0.05
FEWEST = 30  # images; below, intervals are too narrow to speak of better and worse


@dataclass(frozen=True)
class Difference:
    """A run minus the first run, on the images and cells that both have.

    Attributes:
        value: Fraction; negative means fewer errors than the first run.
        low: Lower end of the paired 95 % bootstrap interval; ``high`` the upper end.
        high: Upper end.
        cells: Cells that both have with the same inputs.
        p: Two-sided p-value, adjusted for all pairs of runs in the column where these are alike.
    """

    value: float
    low: float
    high: float
    cells: int
    p: float = 1.0

    @property
    def resolved(self) -> bool:
        """Whether the runs differ at 5 %, after the correction."""
        return self.p < LEVEL


@dataclass(frozen=True)
class Number:
    """One number of the table.

    Attributes:
        value: A fraction, or nats and the like.
        stderr: Standard error over images, or standard deviation over seeds; None where it is not
            known.
        n: Images per cell (the fewest).
        have: Cells that went in; ``expected`` make it complete.
        expected: Cells of the complete number.
        whole: Images of a complete cell.
        note: Letter of the footnote that says what was measured.
        difference: To the first run; None where the images are not the same.
        seeds: Runs behind it, which differ in their seed.
        bound: Whether ``stderr`` is an upper bound.
    """

    value: float
    stderr: float | None
    n: int
    have: int
    expected: int
    whole: int = 0
    note: str = ""
    difference: Difference | None = None
    seeds: int = 1
    bound: bool = False

    @property
    def complete(self) -> bool:
        """Whether it may bear its column's name."""
        return self.have == self.expected


def apart(a: Number, b: Number) -> bool:
    """Whether two numbers differ by more than two standard errors, as if unpaired.

    Never where so few images were measured that the errors themselves cannot be known.
    """
    if a.stderr is None or b.stderr is None or min(a.n, b.n) < FEWEST:
        return False
    return abs(a.value - b.value) > 2 * float(np.hypot(a.stderr, b.stderr))


def members(run: RunResults, column: Column) -> list[Record]:
    """The records that a number is made of, in the order of the column's cells."""
    keys = [(cell, column.metric) for cell in column.cells]
    return [run.numbers[key] for key in keys if key in run.numbers]


def clean_record(run: RunResults, column: Column) -> Record | None:
    """The clean error that a relative aggregate takes into account."""
    return run.numbers.get((column.clean, column.metric)) if column.clean else None


def make_number(run: RunResults, column: Column) -> Number | None:
    """One number, without footnote and difference; None where it cannot be had."""
    records = members(run, column)
    value = _value(run, column, records) if records else None
    if value is None:
        return None
    stderr, bound = _stderr(run, column, records)
    return Number(
        value=value,
        stderr=stderr,
        bound=bound,
        n=min(record.n for record in records),
        have=len(records),
        expected=len(column.cells),
        whole=max(record.n_expected for record in records),
    )


def _value(run: RunResults, column: Column, records: Sequence[Record]) -> float | None:
    """The mean or aggregate of some cells."""
    if column.definition is None:
        return float(np.mean([record.value for record in records]))
    clean = clean_record(run, column)
    values = {key_of(record.cell): record.value for record in records}
    base = clean.value if clean else None
    return aggregate(column.definition, values, base, column.constants).value


def key_of(cell: Cell) -> Key:
    """How an aggregate calls a cell."""
    return cell.corruption, cell.severity or cell.difficulty


def weights_for(column: Column, records: Sequence[Record]) -> Weights | None:
    """What each cell counts for in the column's number; None for a plain mean."""
    if column.definition is None:
        return None
    keys = [key_of(record.cell) for record in records]
    return weights_of(column.definition, keys, column.constants)


def per_image(
    run: RunResults, column: Column, records: Sequence[Record], weights: Weights | None
) -> Floats | None:
    """(N,) what each image adds to a number, which is their mean up to a constant.

    Images are clusters: all cells of one image go into one value. None where that was not kept for
    all cells, or where these do not hold the same images.
    """
    clean = clean_record(run, column)
    cells = _kept(run, records)
    own = run.losses(clean) if clean else None
    if cells is None or (clean and (own is None or len(own) != cells.shape[1])):
        return None
    return losses_per_image(cells, weights, own)


def _kept(run: RunResults, records: Sequence[Record]) -> Floats | None:
    """(cells, N) what each image adds to each cell."""
    found = [losses for record in records if (losses := run.losses(record)) is not None]
    same = len(found) == len(records) and len({len(losses) for losses in found}) == 1
    return np.stack(found) if same and len(found[0]) > 1 else None


def _stderr(
    run: RunResults, column: Column, records: Sequence[Record]
) -> tuple[float | None, bool]:
    """Standard error over images, and whether it is an upper bound.

    Where it is known what each image adds, images are clusters. Else cells of unlike sets count as
    independent, and the errors of cells that share images are added up, which is an upper bound.
    """
    definition = column.definition
    if len(column.cells) == 1 and definition is None:
        return records[0].stderr, False
    if definition is not None and definition.error is not None:
        return (definition.error if len(records) == len(column.cells) else None), False
    weights = weights_for(column, records)
    if column.per_image:
        losses = per_image(run, column, records, weights)
        if losses is not None:
            return mean_stderr(losses), False
    bound = _bound(run, column, records, weights)
    return bound, bound is not None and len(records) > 1 and not column.independent


def _bound(
    run: RunResults, column: Column, records: Sequence[Record], weights: Weights | None
) -> float | None:
    """Standard error from those of the cells; the clean error counts as one of other images."""
    errors = [record.stderr for record in records if record.stderr is not None]
    if len(errors) < len(records):
        return None
    factors = weights.cells if weights else np.full(len(errors), 1 / len(errors))
    if column.independent:
        return math.hypot(*(factors * errors))
    clean = clean_record(run, column)
    if clean is None or weights is None:
        return float(np.abs(factors) @ errors)
    cells = _kept(run, records)
    of_cells = (
        float(np.abs(factors) @ errors)
        if cells is None
        else mean_stderr(losses_per_image(cells, factors))
    )
    return None if clean.stderr is None else math.hypot(of_cells, weights.clean * clean.stderr)


def common(a: RunResults, b: RunResults, column: Column) -> Iterator[tuple[Record, Record]]:
    """Records of both runs for the cells that both have."""
    left = {record.cell: record for record in members(a, column)}
    right = {record.cell: record for record in members(b, column)}
    yield from ((left[cell], right[cell]) for cell in left if cell in right)
