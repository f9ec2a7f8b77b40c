"""`robench data`: list, get, make, check and show data sets."""

import typer

from robench.cli.data import check, get, ls, make, show


def register(app: typer.Typer) -> None:
    """Add the verbs as ``robench data ...``."""
    group = typer.Typer(no_args_is_help=True, help="List, get, make, check and show data sets.")
    for module in (ls, get, make, check, show):
        module.register(group)
    app.add_typer(group, name="data")
