"""`robench report`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("report")(report)


@verb
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders under runs/.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The page.")] = Path("report.html"),
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Write one self-contained HTML page about one or more evaluated runs."""
    from robench.report.page import write_report

    typer.echo(str(write_report(runs, out, title)))
