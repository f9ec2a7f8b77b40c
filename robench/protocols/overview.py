"""The protocols as tables, for the documentation and for `robench ls protocols`."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from robench.protocols import CATALOGUE, POLICIES, PROTOCOLS
from robench.protocols.base import Protocol, Rule
from robench.protocols.policies import ORDER

WIDTH = 118
MARK = "*"
LEGEND = "*: numbers differ; (*): the authors' code differs, and robench does not repeat it"
_HANGING: dict[str, Any] = {
    "initial_indent": "  ",
    "subsequent_indent": "      ",
    "break_on_hyphens": False,
}


@dataclass(frozen=True)
class Row:
    """One aspect under both policies.

    Attributes:
        aspect: What is chosen.
        strict: The choice, in words.
        paper: Likewise.
        source: Whose code makes the choice of ``paper``.
        differs: Whether the two choices are unlike, so that numbers are.
        described: Whether they are unlike in words alone: the authors' code differs in a way that
            changes no number here, or that robench tells of and does not repeat.
    """

    aspect: str
    strict: str
    paper: str
    source: str
    differs: bool
    described: bool

    @property
    def mark(self) -> str:
        """``*`` where numbers differ, ``(*)`` where the authors' code alone does."""
        return MARK if self.differs else f"({MARK})" if self.described else ""


def rows() -> list[Row]:
    """Every difference between ``strict`` and ``paper``, and what they share."""
    return [_row(aspect) for aspect in ORDER]


def _row(aspect: str) -> Row:
    strict, paper = (_about(POLICIES[name], aspect) for name in ("strict", "paper"))
    left, right = ("; ".join(dict.fromkeys(r.text for r in rules)) for rules in (strict, paper))
    sources = "; ".join(dict.fromkeys(one.source for one in paper if one.source))
    plain = [[rule.to_plain() for rule in rules] for rules in (strict, paper)]
    return Row(aspect, left, right, sources, plain[0] != plain[1], left != right)


def _about(protocol: Protocol, aspect: str) -> list[Rule]:
    return [rule for rule in protocol.rules if rule.aspect == aspect]


def line_of(rule: Rule) -> str:
    """A rule in one line: ``constants (imagenet-c): ...``."""
    text = rule.text if rule.words else f"{rule.value}"
    return f"{rule.aspect} ({', '.join(rule.sets)}): {text}"


def policies_markdown() -> str:
    """The table of `rows`."""
    head = ("", "aspect", "strict", "paper", "who does what paper does")
    cells = [(row.mark, row.aspect, row.strict, row.paper, row.source) for row in rows()]
    return _markdown([head, *cells])


def catalogue_markdown() -> str:
    """The rules of every protocol of the catalogue, a table for each."""
    return "\n".join(_section(protocol) for protocol in CATALOGUE.values())


def names_markdown() -> str:
    """All protocols with id, title and paper."""
    head = ("name", "id", "what it is", "who measures so")
    cells = [(f"`{p.name}`", f"`{p.id}`", p.title, p.paper) for p in PROTOCOLS.values()]
    return _markdown([head, *cells])


def _section(protocol: Protocol) -> str:
    head = ("aspect", "sets", "choice", "source")
    cells = [
        (rule.aspect, " ".join(f"`{name}`" for name in rule.sets), rule.text, rule.source)
        for rule in protocol.rules
    ]
    title = f"{protocol.title} ({protocol.paper})"
    return f"### `{protocol.name}`\n\n{title[0].upper()}{title[1:]}.\n\n{_markdown([head, *cells])}"


def _markdown(table: Sequence[Sequence[str]]) -> str:
    """The first row is the head."""
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in table]
    return "\n".join([lines[0], "|" + "---|" * len(table[0]), *lines[1:]]) + "\n"


def to_text() -> str:
    """Names, the table of both policies, and the catalogue, at most `WIDTH` characters wide."""
    names = [f"{p.name:15} {p.id}  {p.title}" for p in PROTOCOLS.values()]
    marked = f"strict and paper, choice by choice ({LEGEND})"
    return "\n".join([*names, "", marked, "", *_table_text(), *_catalogue_text()])


def _table_text() -> list[str]:
    """Four columns."""
    widths = (26, 30, 32, 25)
    head = ("", "strict", "paper", "who does so")
    body = [(f"{row.mark:3} {row.aspect}", row.strict, row.paper, row.source) for row in rows()]
    lines = []
    for cells in (head, *body):
        lines += [*_side_by_side(cells, widths), ""]
    return lines


def _side_by_side(cells: Iterable[str], widths: Sequence[int]) -> list[str]:
    """Wrapped cells of one row."""
    wrapped = [
        textwrap.wrap(cell, width, drop_whitespace=True, subsequent_indent="  " if n == 0 else "")
        for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    height = max(map(len, wrapped))
    padded = [[*column, *[""] * (height - len(column))] for column in wrapped]
    return [
        "  ".join(f"{part:{width}}" for part, width in zip(line, widths, strict=True)).rstrip()
        for line in zip(*padded, strict=True)
    ]


def _catalogue_text() -> list[str]:
    """The rules, a line each."""
    lines = []
    for protocol in CATALOGUE.values():
        lines += textwrap.wrap(f"{protocol.name}: {protocol.title} ({protocol.paper})", WIDTH)
        for rule in protocol.rules:
            lines += textwrap.wrap(line_of(rule), WIDTH, **_HANGING)
        lines += [""]
    return lines[:-1]
