"""One number of a comparison: its value, its error, and its difference to the first run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from robench.metrics.aggregates import (
    aggregate,
    cell_weights,
    clustered_stderr,
    paired_difference,
)
from robench.report.column import Column
from robench.report.identity import same_inputs
from robench.report.results import RunResults
from robench.types import Floats, Record

FEWEST = 30  # images; below, intervals are too narrow to speak of better and worse


@dataclass(frozen=True)
class Difference:
    """A run minus the first run, on the images and cells that both have.

    Attributes:
        value: Fraction; negative means fewer errors than the first run.
        low: Lower end of the paired 95 % bootstrap interval; ``high`` the upper end.
        high: Upper end.
        cells: Cells that both have with the same inputs.
    """

    value: float
    low: float
    high: float
    cells: int


@dataclass(frozen=True)
class Number:
    """One number of the table.

    Attributes:
        value: A fraction, or nats and the like.
        stderr: Standard error over images; None where it is not known.
        n: Images per cell (the fewest).
        have: Cells that went in; ``expected`` make it complete.
        expected: Cells of the complete number.
        note: Letter of the footnote that says what was measured.
        difference: To the first run; None where the images are not the same.
    """

    value: float
    stderr: float | None
    n: int
    have: int
    expected: int
    note: str = ""
    difference: Difference | None = None

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


def make_number(run: RunResults, column: Column) -> Number | None:
    """One number, without footnote and difference."""
    records = members(run, column)
    if not records:
        return None
    value = float(np.mean([record.value for record in records]))
    if column.definition is not None:
        values = {(r.cell.corruption, r.cell.severity): r.value for r in records}
        value = aggregate(column.definition, values).value or 0.0
    fewest = min(record.n for record in records)
    return Number(value, _stderr(run, column, records), fewest, len(records), len(column.cells))


def _stderr(run: RunResults, column: Column, records: list[Record]) -> float | None:
    """Standard error over images.

    Means of errors take images as clusters. Means of other metrics get the mean of the cells'
    errors, which is an upper bound, because the cells share images.
    """
    if len(column.cells) == 1:
        return records[0].stderr
    if column.definition is not None and column.definition.error is not None:
        return column.definition.error if len(records) == len(column.cells) else None
    if column.metric == "error":
        bits = _matrix([(run, record) for record in records])
        if bits is None or bits.shape[1] < 2:
            return None
        cells = [(record.cell.corruption, record.cell.severity) for record in records]
        weights = cell_weights(column.definition, cells) if column.definition else None
        return clustered_stderr(bits, weights)
    errors = [record.stderr for record in records]
    known = [error for error in errors if error is not None]
    return float(np.mean(known)) if len(known) == len(errors) else None


def _matrix(pairs: Sequence[tuple[RunResults, Record]]) -> Floats | None:
    """(cells, N) of right images, None where they are not kept or of unlike number."""
    bits = [run.bits(record) for run, record in pairs]
    kept = [row for row in bits if row is not None]
    if not kept or len(kept) < len(bits) or len({len(row) for row in kept}) > 1:
        return None
    return np.stack(kept).astype(np.float64)


def paired(runs: Sequence[RunResults], row: int, column: Column) -> Difference | None:
    """Difference to the first run over the cells that both measured with the same inputs."""
    if row == 0 or not column.per_image or column.section in ("calibration", "anomaly"):
        return None
    first, run = runs[0], runs[row]
    both = [(a, b) for a, b in common(first, run, column) if same_inputs((first, a), (run, b))]
    base = _matrix([(first, a) for a, _ in both])
    ours = _matrix([(run, b) for _, b in both])
    if base is None or ours is None or base.shape != ours.shape or base.shape[1] < FEWEST:
        return None
    value, _, low, high = paired_difference(ours, base, seed=0)
    return Difference(value, low, high, len(both))


def common(a: RunResults, b: RunResults, column: Column) -> Iterator[tuple[Record, Record]]:
    """Records of both runs for the cells that both have."""
    left = {record.cell: record for record in members(a, column)}
    right = {record.cell: record for record in members(b, column)}
    yield from ((left[cell], right[cell]) for cell in left if cell in right)
