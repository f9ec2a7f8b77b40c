"""`robench report`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb
from robench.cli.sides import ConstantsFile, References, Runs, Seeds, Unlike, make_options


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("report")(report)


@verb
def report(
    runs: Runs,
    out: Annotated[Path, typer.Option("-o", "--out", help="The page.")] = Path("report.html"),
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    protocol: Annotated[str, typer.Option(help="strict or paper.")] = "strict",
    unlike: Unlike = False,
    seeds: Seeds = False,
    constants: ConstantsFile = None,
    references: References = None,
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Write one self-contained HTML page about one or more evaluated runs."""
    from robench.report.page import write_report

    options = make_options(protocol, constants, references, unlike=unlike, seeds=seeds)
    typer.echo(str(write_report(runs, out, title, options)))
