"""`robench compare`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb

FORMATS = ("rich", "markdown", "latex", "csv", "json")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("compare")(compare)


@verb
def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders under runs/.")],
    format_: Annotated[str, typer.Option("--format", help=" | ".join(FORMATS))] = "rich",
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Put runs side by side, with standard errors and what exactly each number is."""
    from robench.errors import UnknownNameError
    from robench.registry import unknown

    if format_ not in FORMATS:
        raise UnknownNameError(unknown(FORMATS, format_, "format"))
    from robench.report import render
    from robench.report.table import compare as make

    typer.echo(render.render(make(runs), format_))
