"""A comparison as text: for terminals, papers, spreadsheets and programs."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from robench.registry import lookup
from robench.report.column import TABLE, Column, Section
from robench.report.comparison import Comparison
from robench.report.numbers import Number
from robench.report.tables import MINUS, TEXTS, csv_text

TIES = (
    "Tie groups, the best first; within braces no pair differs at 5 % (McNemar's exact test for "
    "one cell; for means the difference over its standard error, images as clusters; Holm's "
    "correction over the pairs of a column, not over columns):"
)
SHOWN: tuple[Section, ...] = (*TABLE, "attack")  # sections of tables in text
ACROSS = 4  # with more runs than this, tables for people show tie groups and no differences
NOTHING = "\N{EN DASH}"
FIELDS = (
    *("run", "column", "title", "metric", "unit", "direction", "value", "stderr", "n"),
    *("n_expected", "cells", "cells_expected", "complete", "note", "seeds", "rank"),
    *("difference", "low", "high", "p_holm", "std", "stderr_is_bound", "unlike"),
)


def digits(value: float, column: Column) -> str:
    """A value as shown: percent with one decimal, other numbers with three."""
    text = f"{100 * value:.1f}" if column.percent else f"{value:.3f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", MINUS)


def cell_text(number: Number | None, column: Column) -> str:
    """``21.3 ± 0.9`` with its footnote letter, and how complete it is where that is not all."""
    if number is None:
        return NOTHING
    text = digits(number.value, column)
    if number.stderr is not None:
        text += f" {sign_of(number)} {digits(number.stderr, column)}"
    if number.seeds > 1:
        text += f" ({number.seeds})"
    if says_partial(number, column):
        text += f" ({number.have}/{number.expected})"
    return f"{text} {number.note}".rstrip()


def sign_of(number: Number) -> str:
    """Plus or minus, or at most that."""
    return "±≤" if number.bound else "±"


def says_partial(number: Number, column: Column) -> bool:
    """Whether a number needs its own ``40/75``: the column's title does not say it for all."""
    return not number.complete and f" {number.have}/{number.expected} " not in column.title


def difference_text(number: Number | None, column: Column) -> str:
    """``-1.8 [-2.4, -1.1]``, the difference to the first run with its 95 % interval."""
    if number is None or number.difference is None:
        return ""
    d = number.difference
    low, value, high = (_signed(part, column) for part in (d.low, d.value, d.high))
    over = (
        "" if number.difference.cells == number.have else f" over {number.difference.cells} cells"
    )
    star = "*" if d.resolved else ""
    return f"{value} [{low}, {high}]{star}{over}"


def _signed(value: float, column: Column) -> str:
    """With a real minus sign."""
    text = digits(abs(value), column)
    zero = not text.strip("0.")
    return text if zero else ("+" if value > 0 else MINUS) + text


def header(column: Column, comparison: Comparison) -> str:
    """Title, direction, unit, and a mark where the numbers below are unlike."""
    mark = " !" if column.key in comparison.flagged else ""
    return f"{column.title} {column.arrow}{' %' if column.percent else ''}{mark}"


def remarks(comparison: Comparison) -> list[str]:
    """Everything that belongs under a table of headline numbers."""
    shown = comparison.section(*SHOWN)
    keys = {column.key for column in shown}
    used = {number.note for (_, key), number in comparison.numbers.items() if key in keys}
    lines = [f"Warning: {text}" for text in comparison.warnings]
    lines += [f"Caution: {text}" for text in comparison.cautions]
    notes = comparison.footnotes.items()
    lines += [f"{letter}: {text}" for letter, text in notes if letter in used]
    lines += [plus_minus(comparison), *tie_lines(comparison)]
    lines += standing_lines(comparison)
    return [*lines, *comparison.floors, *comparison.hidden]


def plus_minus(comparison: Comparison) -> str:
    """What the signs in a table mean."""
    if comparison.spread:
        return "± is the standard deviation (n - 1) over seeds, in ( ) how many; no ±: one seed."
    shown = comparison.section(*SHOWN)
    predicted = any(column.definition and column.definition.error for column in shown)
    but = ", of a prediction its error on other networks" if predicted else ""
    text = f"± is one standard error over images (other seeds are another matter){but}"
    if any(number.bound for number in comparison.numbers.values()):
        text += "; ±≤ at most that, the errors of the cells added up"
    if not any(number.difference for number in comparison.numbers.values()):
        return f"{text}."
    return (
        f"{text}; [ ] is a paired 95 % bootstrap interval, not corrected; * differs at 5 % after "
        f"Holm's correction over the pairs of its column."
    )


def standing_lines(comparison: Comparison) -> list[str]:
    """Where the runs stand among published networks, and which these are."""
    sources = dict.fromkeys(
        f"Published on {standing.evalset}: {standing.source}." for standing in comparison.standings
    )
    return [*(standing.text for standing in comparison.standings), *sources]


def tie_lines(comparison: Comparison) -> list[str]:
    """One line per grouping of the runs, with the columns that have it."""
    found: dict[str, list[str]] = {}
    for column in comparison.section(*SHOWN):
        ties = comparison.ties.get(column.key)
        if ties:
            named = (", ".join(comparison.runs[row] for row in group) for group in ties.groups)
            found.setdefault(" ".join(f"{{{names}}}" for names in named), []).append(column.title)
    lines = [f"  {groups}: {'; '.join(titles)}" for groups, titles in found.items()]
    return [TIES, *lines] if lines else []


def headline_rows(comparison: Comparison) -> list[list[str]]:
    """Header row, then one row per run, then the differences to the first."""
    columns = comparison.section(*SHOWN)
    rows = [["run", *(header(column, comparison) for column in columns)]]
    for row, title in enumerate(comparison.runs):
        numbers = [comparison.numbers.get((row, column.key)) for column in columns]
        pairs = list(zip(numbers, columns, strict=True))
        rows.append([title, *(cell_text(*pair) for pair in pairs)])
        gaps = [difference_text(*pair) for pair in pairs]
        if any(gaps) and len(comparison.runs) <= ACROSS:
            rows.append([f"  {title} {MINUS} {comparison.runs[0]}", *gaps])
    return rows


def _lines(comparison: Comparison) -> list[dict[str, str | float | int | bool | None]]:
    """One plain dict per number, all sections; fractions, not percent."""
    return [
        {
            "run": comparison.runs[row],
            "column": column.key,
            "title": column.title,
            "metric": column.metric,
            "unit": "fraction" if column.percent else "number",
            "direction": "higher" if column.higher_is_better else "lower",
            "value": number.value,
            "stderr": None if comparison.spread else number.stderr,
            "n": number.n,
            "n_expected": number.whole,
            "cells": number.have,
            "cells_expected": number.expected,
            "complete": number.complete,
            "note": number.note,
            "seeds": number.seeds,
            "rank": ties.ranks.get(row) if (ties := comparison.ties.get(column.key)) else None,
            "difference": number.difference.value if number.difference else None,
            "low": number.difference.low if number.difference else None,
            "high": number.difference.high if number.difference else None,
            "p_holm": number.difference.p if number.difference else None,
            "std": number.stderr if comparison.spread else None,
            "stderr_is_bound": number.bound,
            "unlike": column.key in comparison.flagged,
        }
        for column in comparison.columns
        for row in range(len(comparison.runs))
        if (number := comparison.numbers.get((row, column.key)))
    ]


def as_csv(comparison: Comparison) -> str:
    """One line per number; nothing is rounded, absent values are empty."""
    return csv_text(FIELDS, _lines(comparison))


def as_json(comparison: Comparison) -> str:
    """Numbers with footnotes, definitions and warnings."""
    plain = {
        "runs": list(comparison.runs),
        "numbers": _lines(comparison),
        "footnotes": dict(comparison.footnotes),
        "definitions": dict(comparison.definitions),
        "warnings": list(comparison.warnings),
        "cautions": list(comparison.cautions),
        "remarks": [*comparison.floors, *comparison.hidden],
        "ties": {key: [list(group) for group in t.groups] for key, t in comparison.ties.items()},
        "standings": [asdict(standing) for standing in comparison.standings],
    }
    return json.dumps(plain, indent=1, allow_nan=False)


DATA: dict[str, Callable[[Comparison], str]] = {"csv": as_csv, "json": as_json}
FORMATS = (*TEXTS, *DATA)


def render(comparison: Comparison, format_: str) -> str:
    """Text in one of `FORMATS`.

    Raises:
        UnknownNameError: No such format.
    """
    rows, notes = headline_rows(comparison), remarks(comparison)
    texts = {name: partial(text, rows, notes) for name, text in TEXTS.items()}
    data = {name: partial(text, comparison) for name, text in DATA.items()}
    return lookup({**texts, **data}, format_, "format")()
