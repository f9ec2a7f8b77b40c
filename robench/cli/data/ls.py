"""`robench data ls`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robench.cli.console import verb

if TYPE_CHECKING:
    from robench.datasets.doctor.inventory import Row

Opt = typer.Option
PREFIX = "robench data "
NARROWEST, USUAL, WIDEST = 100, 128, 160  # columns


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ls")(listing)


@verb(after_interrupt="Nothing was written.")
def listing(
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    json_: Annotated[bool, Opt("--json", help="The rows as JSON.")] = False,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """List the data sets: what is here, how much of it, its licence, and what it is for.

    Nothing is decoded. Of corrupted sets of pictures the cells are counted and their size is
    estimated from one class (marked ~); robench data check DIR looks closer.
    """
    from robench import config as settings
    from robench.datasets.doctor.inventory import inventory

    folder = settings.data_dir(data_dir)
    rows = inventory(folder)
    if json_:
        import json
        from dataclasses import asdict

        plain = {"data_dir": str(folder), "sets": [asdict(row) for row in rows]}
        typer.echo(json.dumps(plain, indent=1))
        return
    typer.echo(_text(folder, rows))


def _text(folder: Path, rows: "list[Row]") -> str:
    """The table, and what it adds up to."""
    import shutil

    width = shutil.get_terminal_size((USUAL, 0)).columns
    states = [row.state for row in rows]
    here, drawn = states.count("here") + states.count("made"), states.count("drawn")
    total = _size(sum(row.bytes for row in rows if row.name != "imagenet-c-lite"), about=False)
    exists = "" if folder.is_dir() else " (no such folder yet)"
    return "\n".join(
        (
            f"{folder}{exists}",
            _table(rows, min(max(width, NARROWEST), WIDEST)),
            "",
            f"{here} sets on disk ({total or 'nothing'}), {drawn} can be drawn from clean images, "
            f"{states.count('bundled')} bundled, {states.count('absent')} absent.",
            "get SET and make SET stand for robench data get SET and robench data make SET.",
        )
    )


def _table(rows: "list[Row]", width: int) -> str:
    """The sets, by role; long cells are folded."""
    import io

    from rich import box
    from rich.console import Console as Rich
    from rich.table import Table

    from robench.datasets.doctor.purposes import ROLES

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column("set", no_wrap=True)
    table.add_column("what for", overflow="fold", max_width=33)
    table.add_column("state", overflow="fold", ratio=1)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("licence", overflow="fold", max_width=16)
    for role, words in ROLES.items():
        members = [row for row in rows if row.role == role]
        kind, _, meaning = words.partition(": ")
        table.add_row(f"{kind.upper()}", meaning)
        for row in members:
            size = _size(row.bytes, about=row.about)
            table.add_row(row.name, row.purpose, _state(row), size, row.licence or "not known")
        table.add_section()
    page = io.StringIO()
    Rich(file=page, width=width, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().rstrip().splitlines())


def _state(row: "Row") -> str:
    """Where it is, how much of it, or how to get it."""
    command = row.command.removeprefix(PREFIX)
    if row.state in ("absent", "drawn"):
        return f"{row.said}: {command}"
    incomplete = "" if row.complete or not row.found else ", not complete"
    return ": ".join(part for part in (row.said, row.found) if part) + incomplete


def _size(size: int, *, about: bool) -> str:
    """``1.2 GB``; empty for nothing."""
    if not size:
        return ""
    value, unit = next(
        (size / scale, unit)
        for scale, unit in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B"))
        if size >= scale
    )
    return f"{'~' if about else ''}{value:.3g} {unit}"
