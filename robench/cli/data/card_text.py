"""The fidelity card as text and as plain types."""

import io
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robench.datasets.fidelity.card import Card
    from robench.datasets.fidelity.judgement import CellFidelity

WIDTH = 118
_WRAP = textwrap.TextWrapper(  # paths stay whole
    WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
)
NOTHING = "\N{EN DASH}"
HEADINGS = ("corruption", "", "mean", "max", "PSNR", "file", "here", "ratio", "z", "expected", "")


def card_text(card: "Card") -> str:
    """The card for people."""
    parts = [f"{card.folder} against {card.clean}, severities of the family {card.family}"]
    parts += [_table(card.rows), LEGEND] if card.rows else []
    parts += [f"not compared: {line}" for line in card.not_compared]
    parts += [f"damaged: {name} is not what the manifest says" for name in card.damaged]
    parts += [*card.reasons, *card.remarks, _verdict(card)]
    wrapped = (part if "\n" in part else _WRAP.fill(part) for part in parts)
    return "\n".join(wrapped)


LEGEND = (
    "mean, max: absolute difference of the pixels in levels of 255; file, here: mean change "
    "against the clean images in the file and as made here; ratio: file/here; z: their difference, "
    "or that of the mean brightness where it is larger, in standard errors."
)


def _verdict(card: "Card") -> str:
    """One line on the whole."""
    wrong = [f"{row.corruption}-{row.severity}" for row in card.rows if not row.as_expected]
    if wrong:
        return f"{len(wrong)} of {len(card.rows)} cells differ: {', '.join(wrong)}."
    if card.damaged:
        return f"{len(card.damaged)} files are damaged."
    if not card.rows:
        return "No file is damaged."
    return f"All {len(card.rows)} cells are as expected."


def _table(rows: "tuple[CellFidelity, ...]") -> str:
    """The cells, a line each; the name of a corruption stands at its first."""
    from rich import box
    from rich.console import Console as Rich
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading in HEADINGS:
        right = heading not in {"corruption", "expected"} and heading != HEADINGS[-1]
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    table.columns[1].justify = "right"
    for before, row in zip((None, *rows), rows, strict=False):
        new = before is None or before.corruption != row.corruption
        table.add_row(*_cells(row, new))
    page = io.StringIO()
    Rich(file=page, width=10 * WIDTH, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _cells(row: "CellFidelity", new: bool) -> tuple[str, ...]:
    """One line of the table."""
    gap = row.differences
    return (
        row.corruption if new else "",
        str(row.severity),
        f"{gap.mean:.2f}",
        str(gap.largest),
        NOTHING if gap.psnr is None else f"{gap.psnr:.1f}",
        f"{row.change_published:.2f}",
        f"{row.change_made:.2f}",
        NOTHING if row.ratio is None else f"{row.ratio:.3f}",
        NOTHING if row.z is None else f"{row.z:+.1f}",
        ", ".join(row.expected),
        "as expected" if row.as_expected else f"DIFFERS: {row.remark}",
    )


def plain_card(card: "Card") -> dict[str, Any]:
    """The card for programs."""
    rows = [{**asdict(row), "ratio": row.ratio, "remark": row.remark} for row in card.rows]
    return {
        "folder": str(card.folder),
        "clean": card.clean,
        "family": card.family,
        "as_expected": card.as_expected,
        "rows": rows,
        "damaged": card.damaged,
        "not_compared": card.not_compared,
        "reasons": card.reasons,
        "remarks": card.remarks,
    }
