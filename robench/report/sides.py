"""Two protocols side by side: for every headline number the strict and the published one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from robench.metrics import METRICS
from robench.metrics.aggregates import AGGREGATES
from robench.protocols import PAPER, STRICT, Key
from robench.registry import canonical, lookup, parse_call
from robench.report.column import Column
from robench.report.comparison import Comparison
from robench.report.numbers import Number
from robench.report.options import Options
from robench.report.render import cell_text
from robench.report.table import compare
from robench.report.tables import TEXTS, csv_text
from robench.types import Cell

SAME = "="
NOTES = (
    "strict: what the papers define. paper: what the authors' code computes, slips included "
    "(robench ls protocols). = is the same number; an en dash was not measured under that "
    "protocol: robench eval ... --protocol NAME.",
    "± is one standard error over images.",
)


@dataclass(frozen=True)
class Side:
    """One number of one run under both protocols.

    Attributes:
        run: Title.
        column: The strict one.
        published: The column that the other protocol reports in its place; the same where the
            protocols agree, or differ in the pictures alone.
        strict: None where it was not measured.
        paper: Likewise.
        unlike: Whether runs are unlike under one of the protocols.
    """

    run: str
    column: Column
    published: Column
    strict: Number | None
    paper: Number | None
    unlike: bool = False

    @property
    def same(self) -> bool:
        """Whether both are one and the same number."""
        alike = self.column.key == self.published.key
        return alike and self.strict is not None and self.strict == self.paper


def compare_sides(
    runs: Sequence[Path], options: Options | None = None
) -> tuple[list[Side], Comparison]:
    """Read runs under both protocols.

    Returns:
        Every headline number, and the strict comparison.

    Raises:
        InputError: As for `robench.report.table.compare`; or runs that hold nothing of a protocol.
    """
    asked = replace(options or Options(), alone=True, paired=False)
    strict, paper = (compare(runs, replace(asked, protocol=one)) for one in (STRICT, PAPER))
    return list(_sides(strict, paper)), strict


def _sides(strict: Comparison, paper: Comparison) -> Iterator[Side]:
    """All runs of each headline column that is not itself the published form of another."""
    both = {column.key: column for one in (paper, strict) for column in one.columns}
    order = [c for c in both.values() if c.section in ("headline", "shift")]
    pairs = [(column, _published(column, both)) for column in order]
    taken = {other.key for column, other in pairs if other.key != column.key}
    for column, published in pairs:
        if column.key not in taken:
            for row, run in enumerate(strict.runs):
                one = _bare(strict.numbers.get((row, column.key)))
                other = _bare(paper.numbers.get((row, published.key)))
                unlike = column.key in strict.flagged or published.key in paper.flagged
                yield Side(run, column, published, one, other, unlike)


def _bare(number: Number | None) -> Number | None:
    """Without the footnote of its comparison."""
    return None if number is None else replace(number, note="")


def _published(column: Column, columns: Mapping[str, Column]) -> Column:
    """What the published protocol reports in place of a column; itself where that is the same."""
    name, _, evalset = column.key.partition("@")
    if column.cells[0].attack:
        return _recentred(column, columns)
    if f"{name}_published" not in {*METRICS, *AGGREGATES} or not _differ(evalset):
        return column
    key = f"{name}_published@{evalset}"
    return columns.get(key) or replace(column, key=key)


def _differ(evalset: str) -> bool:
    """Whether the protocols take another metric, or other cells, of a set."""
    keys: tuple[Key, ...] = ("metric", "cells")
    return any(STRICT.choice(key, evalset) != PAPER.choice(key, evalset) for key in keys)


def _recentred(column: Column, columns: Mapping[str, Column]) -> Column:
    """The same attack in the ball around its start; of other attacks, the attack itself."""
    cell = column.cells[0]
    name, arguments = parse_call(cell.attack)
    if name != "pgd" or "centre" in arguments:
        return column
    arguments |= {"centre": "start", "stop": "never"}
    found = next((c for c in columns.values() if _is(c.cells[0], cell, arguments)), None)
    return found or replace(column, key=f"{canonical(name, arguments)}@{cell.evalset}")


def _is(cell: Cell, other: Cell, arguments: Mapping[str, object]) -> bool:
    """Whether a cell is an attack of those arguments on the set of another one."""
    attacked = bool(cell.attack) and cell.evalset == other.evalset
    return attacked and parse_call(cell.attack) == ("pgd", arguments)


def rows_of(sides: Sequence[Side]) -> list[list[str]]:
    """A head and, for each run, its strict and its published numbers."""
    columns = list({side.column.key: side.column for side in sides}.values())
    marks = {side.column.key: " !" * side.unlike for side in sides}
    rows = [["number", *(f"{c.title} {c.arrow}{' %' * c.percent}{marks[c.key]}" for c in columns)]]
    for run in dict.fromkeys(side.run for side in sides):
        mine = {side.column.key: side for side in sides if side.run == run}
        rows.append([f"{run}, strict", *(cell_text(mine[c.key].strict, c) for c in columns)])
        rows.append([f"{run}, paper", *(_paper(mine[c.key]) for c in columns)])
    return rows


def _paper(side: Side) -> str:
    """The published number, or that it is the same; of how many images, if of others."""
    text = SAME if side.same else cell_text(side.paper, side.published)
    strict, paper = side.strict, side.paper
    if strict is None or paper is None or strict.n == paper.n:
        return text
    return f"{text} (n = {paper.n:,}, not {strict.n:,})"


def _plain(sides: Sequence[Side]) -> list[dict[str, object]]:
    """One plain dict per run and number; fractions, not percent."""
    return [
        {
            "run": side.run,
            "column": side.column.key,
            "published": side.published.key,
            "strict": side.strict.value if side.strict else None,
            "strict_stderr": side.strict.stderr if side.strict else None,
            "paper": side.paper.value if side.paper else None,
            "paper_stderr": side.paper.stderr if side.paper else None,
            "strict_n": side.strict.n if side.strict else None,
            "paper_n": side.paper.n if side.paper else None,
            "unlike": side.unlike,
        }
        for side in sides
    ]


def render_sides(sides: Sequence[Side], comparison: Comparison, format_: str) -> str:
    """Text in one of `robench.report.render.FORMATS`.

    Raises:
        UnknownNameError: No such format.
    """
    if format_ == "json":
        return json.dumps({"protocols": _plain(sides)}, indent=1, allow_nan=False)
    if format_ == "csv":
        lines = _plain(sides)
        return csv_text(list(lines[0]), lines)
    return lookup(TEXTS, format_, "format")(rows_of(sides), [*NOTES, *comparison.floors])
