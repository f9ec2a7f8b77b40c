"""`robench score`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("score")(score)


@verb
def score(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders under runs/.")],
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Compute what is not there from stored outputs, such as a new metric; needs no model."""
    from robench.evaluate.scoring import rescore

    for run in runs:
        new, skipped = rescore(run)
        for line in skipped:
            typer.echo(line, err=True)
        typer.echo(f"{run}: {new} new numbers")
