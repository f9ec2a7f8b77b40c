"""`robench demo`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import Console, verb


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo")(demo)


@verb
def demo(
    out: Annotated[Path, typer.Option(help="Folder for both runs and the page.")] = Path(
        "runs/demo"
    ),
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Train with and without IPMix on scanned digits, measure both, write a page: minutes."""
    from robench.report.render import render
    from robench.report.table import compare
    from robench.studies.demo import METHODS
    from robench.studies.demo import demo as run

    with Console() as console:
        page = run(out, console)
    typer.echo(render(compare([out / name for name in METHODS]), "rich"))
    typer.echo(f"Report: {page}")
