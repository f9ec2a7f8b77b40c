"""A comparison as text: for terminals, papers, spreadsheets and programs."""

import csv
import io
import json
import textwrap
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from robench.registry import lookup
from robench.report.column import TABLE, Column
from robench.report.numbers import Number
from robench.report.table import Comparison

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
LINE = 100  # characters; remarks below a table are at least as wide
_LATEX = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "±": r"$\pm$",
    MINUS: "$-$",
}
FIELDS = (
    *("run", "column", "title", "metric", "unit", "direction", "value", "stderr", "n"),
    *("cells", "cells_expected", "complete", "note", "difference", "low", "high"),
)


def digits(value: float, column: Column) -> str:
    """A value as shown: percent with one decimal, other numbers with three."""
    return f"{100 * value:.1f}" if column.percent else f"{value:.3f}"


def cell_text(number: Number | None, column: Column) -> str:
    """``21.3 ± 0.9`` with its footnote letter, and how complete it is where that is not all."""
    if number is None:
        return NOTHING
    text = digits(number.value, column)
    if number.stderr is not None:
        text += f" ± {digits(number.stderr, column)}"
    if says_partial(number, column):
        text += f" ({number.have}/{number.expected})"
    return f"{text} {number.note}".rstrip()


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
    return f"{value} [{low}, {high}]{over}"


def _signed(value: float, column: Column) -> str:
    """With a real minus sign."""
    text = digits(abs(value), column)
    zero = float(text) == 0
    return text if zero else ("+" if value > 0 else MINUS) + text


def header(column: Column, comparison: Comparison) -> str:
    """Title, direction, unit, and a mark where the numbers below are unlike."""
    mark = " !" if column.key in comparison.flagged else ""
    return f"{column.title} {column.arrow}{' %' if column.percent else ''}{mark}"


def remarks(comparison: Comparison) -> list[str]:
    """Everything that belongs under a table of headline numbers."""
    shown = comparison.section(*TABLE)
    keys = {column.key for column in shown}
    used = {number.note for (_, key), number in comparison.numbers.items() if key in keys}
    lines = [f"Warning: {text}" for text in comparison.warnings]
    notes = comparison.footnotes.items()
    lines += [f"{letter}: {text}" for letter, text in notes if letter in used]
    predicted = any(column.definition and column.definition.error for column in shown)
    but = ", of a prediction its error on other networks" if predicted else ""
    lines.append(f"± is one standard error over images{but}; [ ] is a paired 95 % interval.")
    lines += [*comparison.floors, *comparison.hidden]
    return lines


def _headline(comparison: Comparison) -> list[list[str]]:
    """Header row, then one row per run, then the differences to the first."""
    columns = comparison.section(*TABLE)
    rows = [["run", *(header(column, comparison) for column in columns)]]
    for row, title in enumerate(comparison.runs):
        numbers = [comparison.numbers.get((row, column.key)) for column in columns]
        pairs = list(zip(numbers, columns, strict=True))
        rows.append([title, *(cell_text(*pair) for pair in pairs)])
        gaps = [difference_text(*pair) for pair in pairs]
        if any(gaps):
            rows.append([f"  {title} {MINUS} {comparison.runs[0]}", *gaps])
    return rows


def as_rich(comparison: Comparison) -> Table:
    """A table that fits a terminal: one line per number, one column per run."""
    heads, *lines = zip(*_headline(comparison), strict=True)
    caption = escape("\n".join(remarks(comparison)))
    table = Table(caption=caption, caption_justify="left")
    for head in heads:
        table.add_column(escape(head), justify="right" if table.columns else "left")
    for line in lines:
        table.add_row(*map(escape, line))
    return table


def as_terminal(comparison: Comparison) -> str:
    """`as_rich` as plain text, as wide as it needs to be, with its remarks below."""
    table = as_rich(comparison)
    table.caption = None
    out = io.StringIO()
    wide = Console(file=out, width=10_000, color_system=None)
    console = Console(file=out, width=max(table.__rich_measure__(wide, wide.options).maximum, 60))
    console.print(table)
    below = [textwrap.fill(line, max(console.width, LINE)) for line in remarks(comparison)]
    return "\n".join([out.getvalue().rstrip("\n"), *below])


def as_markdown(comparison: Comparison) -> str:
    """A GitHub table, then the footnotes."""
    rows = [[_markdown(text) for text in row] for row in _headline(comparison)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|---" + "|--:" * (len(rows[0]) - 1) + "|")
    notes = [f"- {_markdown(text)}" for text in remarks(comparison)]
    return "\n".join([*lines, "", *notes])


def _markdown(text: str) -> str:
    """Names are text, not markup."""
    text = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").strip()
    for sign in "|*_`[]":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")


def as_latex(comparison: Comparison) -> str:
    """A booktabs table with the footnotes below it."""
    rows = [[_latex(text.strip()) for text in row] for row in _headline(comparison)]
    lines = [" & ".join(row) + r" \\" for row in rows]
    notes = [rf"{_latex(text)}\par" for text in remarks(comparison)]
    return "\n".join(
        [
            rf"\begin{{tabular}}{{l{'r' * (len(rows[0]) - 1)}}}",
            r"\toprule",
            lines[0],
            r"\midrule",
            *lines[1:],
            r"\bottomrule",
            r"\end{tabular}",
            r"\par\smallskip{\footnotesize\raggedright",
            *notes,
            "}",
        ]
    )


def _latex(text: str) -> str:
    """Every character that LaTeX would read as a command."""
    return "".join(_LATEX.get(sign, sign) for sign in text.replace("\n", " "))


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
            "stderr": number.stderr,
            "n": number.n,
            "cells": number.have,
            "cells_expected": number.expected,
            "complete": number.complete,
            "note": number.note,
            "difference": number.difference.value if number.difference else None,
            "low": number.difference.low if number.difference else None,
            "high": number.difference.high if number.difference else None,
        }
        for column in comparison.columns
        for row in range(len(comparison.runs))
        if (number := comparison.numbers.get((row, column.key)))
    ]


def as_csv(comparison: Comparison) -> str:
    """One line per number; nothing is rounded, absent values are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_lines(comparison))
    return out.getvalue().rstrip("\n")


def as_json(comparison: Comparison) -> str:
    """Numbers with footnotes, definitions and warnings."""
    plain = {
        "runs": list(comparison.runs),
        "numbers": _lines(comparison),
        "footnotes": dict(comparison.footnotes),
        "definitions": dict(comparison.definitions),
        "warnings": list(comparison.warnings),
    }
    return json.dumps(plain, indent=1, allow_nan=False)


FORMATS: dict[str, Callable[[Comparison], str]] = {
    "rich": as_terminal,
    "markdown": as_markdown,
    "latex": as_latex,
    "csv": as_csv,
    "json": as_json,
}


def render(comparison: Comparison, format_: str) -> str:
    """Text in one of `FORMATS`.

    Raises:
        UnknownNameError: No such format.
    """
    return lookup(FORMATS, format_, "format")(comparison)
