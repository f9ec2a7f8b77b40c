"""`robench data check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robench.cli.console import Console, comma_separated, verb

if TYPE_CHECKING:
    from robench.datasets.fidelity.card import Card
    from robench.datasets.fidelity.judgement import CellFidelity

Opt = typer.Option
WIDTH = 118
NOTHING = "\N{EN DASH}"
HEADINGS = ("corruption", "", "mean", "max", "PSNR", "file", "here", "ratio", "z", "expected", "")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("check")(check)


@verb(after_interrupt="Nothing was written.")
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="CIFAR-10-C, ImageNet-C, ...")],
    clean: Annotated[
        str | None, Opt("--from", help="Clean set, folder of clean pictures, or .npy of images.")
    ] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    limit: Annotated[int, Opt(help="The first N images of each cell.")] = 100,
    only: Annotated[str, Opt(help="These corruptions: a,b,c.")] = "",
    every: Annotated[
        bool, Opt("--all", help="Of a set made by robench, verify the checksum of every file.")
    ] = False,
    json_: Annotated[Path | None, Opt("--json", help="Write the rows there.")] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Hold corrupted files against the same cells made here (exit code 1: a cell differs)."""
    from robench import config as settings
    from robench.datasets.fidelity.card import check_folder

    names = comma_separated(only)
    with Console() as console:
        card = check_folder(
            folder,
            settings.data_dir(data_dir),
            clean=clean,
            limit=limit,
            only=names,
            every=every,
            progress=console,
        )
    typer.echo(_text(card))
    if json_:
        from robench.files import write_json

        write_json(json_, _plain(card))
    if not card.as_expected:
        raise typer.Exit(1)


def _text(card: "Card") -> str:
    """The card for people."""
    import textwrap

    parts = [f"{card.folder} against {card.clean}, severities of the family {card.family}"]
    parts += [_table(card.rows), LEGEND] if card.rows else []
    parts += [f"not compared: {line}" for line in card.not_compared]
    parts += [f"damaged: {name} is not what the manifest says" for name in card.damaged]
    parts += [*card.reasons, *card.remarks, _verdict(card)]
    wrapped = (
        part if "\n" in part else textwrap.fill(part, WIDTH, subsequent_indent="  ")
        for part in parts
    )
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
    import io

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


def _plain(card: "Card") -> dict[str, Any]:
    """The card for programs."""
    from dataclasses import asdict

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
