"""One self-contained page about one or more runs; it loads nothing from anywhere."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from robench.files import write_atomic
from robench.report import figures, story
from robench.report.column import TABLE, Column, Section
from robench.report.comparison import Comparison
from robench.report.numbers import Number
from robench.report.options import Options
from robench.report.render import (
    ACROSS,
    NOTHING,
    difference_text,
    digits,
    plus_minus,
    says_partial,
    sign_of,
    standing_lines,
    tie_lines,
)
from robench.report.results import RunResults, load_runs
from robench.report.seeds import over_seeds
from robench.report.sides import Side, compare_sides, rows_of
from robench.report.svg import tint
from robench.report.table import compare_results

TABLES: tuple[tuple[Section, ...], ...] = (
    TABLE,
    ("severity",),
    ("corruption",),
    ("attack",),
    ("perturbation",),
    ("edit",),
    ("calibration",),
    ("anomaly",),
)  # in the order of the page


def write_report(
    runs: Sequence[Path], out: Path, title: str | None = None, options: Options | None = None
) -> Path:
    """Write the page.

    Args:
        runs: Run folders; the first is what the others are compared with.
        out: The file to write; it appears whole or not at all.
        title: Heading; made from the runs where None.
        options: How the runs are put side by side.

    Returns:
        ``out``.

    Raises:
        InputError: A run without results, or a damaged one; or unlike numbers in one column, which
            were not allowed.
        RunError: The page cannot be written.
    """
    asked = options or Options()
    found = load_runs(runs, asked.protocol)
    sides = [] if asked.seeds else compare_sides(runs, replace(asked, unlike=True))[0]
    write_atomic(out, render_page(found, title, asked, sides).encode())
    return out


def render_page(
    runs: Sequence[RunResults],
    title: str | None = None,
    options: Options | None = None,
    sides: Sequence[Side] = (),
) -> str:
    """The page as text; a pure function of the runs (``sides``: the same under both protocols)."""
    asked = options or Options()
    comparison, shown = compare_results(runs, asked), list(runs)
    if asked.seeds:
        comparison, shown = over_seeds(comparison, runs)
    environment = Environment(
        loader=PackageLoader("robench.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        number=comparison.numbers.get,
        digits=digits,
        difference=difference_text,
        partial=says_partial,
        sign=sign_of,
        verdict=_verdict,
        sizes=_sizes,
        notes=_notes,
        colour=tint,
        nothing=NOTHING,
    )
    template = environment.get_template("page.html.j2")
    content = {**_content(runs, comparison, title), **_figures(shown, comparison)}
    return template.render(**content, sides=_side_rows(sides)) + "\n"


def _content(
    runs: Sequence[RunResults], comparison: Comparison, title: str | None
) -> dict[str, Any]:
    """Everything the template shows."""
    names = " and ".join(comparison.runs) if len(runs) < 3 else f"{len(runs)} runs"
    return {
        "title": title or f"Robustness of {names}",
        "latest": max(record.time for run in runs for record in run.numbers.values()),
        "comparison": comparison,
        "table": TABLE,
        "outcome": story.outcome(comparison, each=len(comparison.runs) <= ACROSS),
        "across": len(comparison.runs) <= ACROSS,
        "signs": plus_minus(comparison),
        "ties": tie_lines(comparison),
        "standing": standing_lines(comparison),
        "missing": story.gaps(runs),
        "details": [
            {
                "title": run.title,
                "measured": story.measured(run),
                "commands": story.commands(run),
                "facts": story.facts(run),
            }
            for run in runs
        ],
    }


def _figures(runs: Sequence[RunResults], comparison: Comparison) -> dict[str, Any]:
    """Pictures, a line or a panel for each row of the comparison."""
    return {
        "gaps": Markup(figures.differences(comparison)),
        "severity": _safe(figures.severity_curves(runs, comparison)),
        "reliability": _safe(figures.reliability_diagrams(runs, comparison)),
        "curves": _safe(figures.robustness_curves(runs, comparison)),
        "training": _safe(figures.training_curves(runs)),
    }


def _side_rows(sides: Sequence[Side]) -> list[list[str]]:
    """The table of both protocols, where anything was measured under the published one."""
    other = any(side.paper is not None and not side.same for side in sides)
    return [list(row) for row in zip(*rows_of(sides), strict=True)] if other else []


def _safe(panels: Sequence[figures.Panel]) -> list[tuple[str, Markup]]:
    """Figures are markup that we have made and escaped; captions are text."""
    return [(caption, Markup(svg)) for caption, svg in panels]


def _verdict(number: Number, column: Column) -> str:
    """Style of a difference: whether it is resolved, and on which side."""
    d = number.difference
    if d is None or not d.resolved:
        return "open"
    return "better" if (d.value > 0) == column.higher_is_better else "worse"


def _sizes(column: Column, comparison: Comparison) -> str:
    """Images (and cells) behind a row: ``2,000 x 40``."""
    rows = range(len(comparison.runs))
    found = [
        comparison.numbers[r, column.key] for r in rows if (r, column.key) in comparison.numbers
    ]
    many = len(column.cells) > 1
    texts = [f"{n.n:,} x {n.have}" if many else f"{n.n:,}" for n in found]
    return " / ".join(dict.fromkeys(texts))


def _notes(comparison: Comparison, place: int) -> list[tuple[str, str]]:
    """Footnotes that the table of this place in `TABLES` is the first to use."""
    shown: set[str] = set()
    for sections in TABLES[: place + 1]:
        keys = {column.key for column in comparison.section(*sections)}
        new = {n.note for (_, key), n in comparison.numbers.items() if key in keys} - shown
        shown |= new
    return [(letter, text) for letter, text in comparison.footnotes.items() if letter in new]
