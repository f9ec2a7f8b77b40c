"""`robench mixing-set`: make and show sets of pictures to mix in."""

import typer

from robench.cli.mixing_set import make, show


def register(app: typer.Typer) -> None:
    """Add the verbs as ``robench mixing-set ...``."""
    group = typer.Typer(no_args_is_help=True, help="Make and show sets of pictures to mix in.")
    for module in (make, show):
        module.register(group)
    app.add_typer(group, name="mixing-set")
