"""Rows of text as a table: for terminals, Markdown and LaTeX."""

import csv
import io
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

MINUS = "\N{MINUS SIGN}"
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
Rows = Sequence[Sequence[str]]  # the first is the head


def as_rich(rows: Rows) -> Table:
    """A table that fits a terminal: the head goes down, a column for each further row."""
    heads, *lines = zip(*rows, strict=True)
    table = Table()
    for head in heads:
        table.add_column(escape(head), justify="right" if table.columns else "left")
    for line in lines:
        table.add_row(*map(escape, line))
    return table


def as_terminal(rows: Rows, notes: Sequence[str]) -> str:
    """`as_rich` as plain text, as wide as it needs to be, with its remarks below."""
    table = as_rich(rows)
    out = io.StringIO()
    wide = Console(file=out, width=10_000, color_system=None)
    console = Console(file=out, width=max(table.__rich_measure__(wide, wide.options).maximum, 60))
    console.print(table)
    below = [textwrap.fill(line, max(console.width, LINE)) for line in notes]
    return "\n".join([out.getvalue().rstrip("\n"), *below])


def as_markdown(rows: Rows, notes: Sequence[str]) -> str:
    """A GitHub table, then the remarks."""
    escaped = [[_markdown(text) for text in row] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    lines.insert(1, "|---" + "|--:" * (len(rows[0]) - 1) + "|")
    return "\n".join([*lines, "", *(f"- {_markdown(text)}" for text in notes)])


def _markdown(text: str) -> str:
    """Names are text, not markup."""
    text = text.replace("\\", "\\\\").replace("&", "&amp;").replace("<", "&lt;").strip()
    for sign in "|*_`[]":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")


def as_latex(rows: Rows, notes: Sequence[str]) -> str:
    """A booktabs table with the remarks below it."""
    escaped = [[_latex(text.strip()) for text in row] for row in rows]
    lines = [" & ".join(row) + r" \\" for row in escaped]
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
            *(rf"{_latex(text)}\par" for text in notes),
            "}",
        ]
    )


def _latex(text: str) -> str:
    """Every character that LaTeX would read as a command."""
    return "".join(_LATEX.get(sign, sign) for sign in text.replace("\n", " "))


def csv_text(fields: Sequence[str], lines: Iterable[Mapping[str, object]]) -> str:
    """A head and one line per mapping; absent values are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().rstrip("\n")


TEXTS: dict[str, Callable[[Rows, Sequence[str]], str]] = {
    "rich": as_terminal,
    "markdown": as_markdown,
    "latex": as_latex,
}
