"""`robench data`: get, make, check and show data sets."""

import typer

from robench.cli.data import check, get, make, show


def register(app: typer.Typer) -> None:
    """Add the verbs as ``robench data ...``."""
    group = typer.Typer(no_args_is_help=True, help="Get, make, check and show data sets.")
    for module in (get, make, check, show):
        module.register(group)
    app.add_typer(group, name="data")
