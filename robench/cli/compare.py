"""`robench compare`."""

from typing import Annotated

import typer

from robench.cli.console import verb
from robench.cli.sides import ConstantsFile, References, Runs, Seeds, Unlike, make_options

FORMATS = ("rich", "markdown", "latex", "csv", "json")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("compare")(compare)


@verb
def compare(
    runs: Runs,
    protocol: Annotated[
        str, typer.Option(help="strict, paper, or both: the two side by side.")
    ] = "strict",
    unlike: Unlike = False,
    seeds: Seeds = False,
    constants: ConstantsFile = None,
    references: References = None,
    format_: Annotated[str, typer.Option("--format", help=" | ".join(FORMATS))] = "rich",
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Put runs side by side, with standard errors, ties and what exactly each number is."""
    from robench.errors import InputError, UnknownNameError
    from robench.registry import unknown

    if format_ not in FORMATS:
        raise UnknownNameError(unknown(FORMATS, format_, "format"))
    both = protocol == "both"
    if both and seeds:
        raise InputError("--seeds and --protocol both do not go together: choose one protocol.")
    policy = "strict" if both else protocol
    options = make_options(policy, constants, references, unlike=unlike, seeds=seeds)
    if both:
        from robench.report.sides import compare_sides, render_sides

        typer.echo(render_sides(*compare_sides(runs, options), format_))
        return
    from robench.report import render
    from robench.report.table import compare as make

    typer.echo(render.render(make(runs, options), format_))
