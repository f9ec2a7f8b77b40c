"""`robench data make`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robench.cli.console import Console, comma_separated, verb

if TYPE_CHECKING:
    from robench.datasets.making import Made

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("make")(make)


@verb
def make(
    name: Annotated[str, typer.Argument(metavar="SET", help="cifar10-c, imagenet-p, c, ...")],
    source: Annotated[Path | None, Opt("--from", help="Folder of the clean images.")] = None,
    out: Annotated[Path | None, Opt(help="Default: in the data folder.")] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    only: Annotated[str | None, Opt(help="Members to make: a,b.")] = None,
    skip: Annotated[str | None, Opt(help="Members to leave out: a,b.")] = None,
    severities: Annotated[str, Opt(help="Of picture files: 1,3.")] = "1,2,3,4,5",
    family: Annotated[str | None, Opt(help="cifar, tiny, imagenet or inception.")] = None,
    keep_size: Annotated[bool, Opt("--keep-size", help="Do not scale one's own pictures.")] = False,
    file_format: Annotated[str | None, Opt("--format", help="jpeg (as published) or png.")] = None,
    seed: Annotated[int, Opt(help="Of every random number.")] = 0,
    jobs: Annotated[int | None, Opt(help="Processes; default: the available cores.")] = None,
    limit: Annotated[int | None, Opt(help="Only the first N images.")] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Make a whole benchmark set on disk from clean images; a killed run goes on where it was.

    Sets of CIFAR and digits become .npy files, all others folders of pictures.
    """
    from robench import config as settings
    from robench.datasets.making import Request, make_set

    request = Request(
        name=name,
        data_dir=settings.data_dir(data_dir),
        source=source,
        out=out,
        only=comma_separated(only),
        skip=comma_separated(skip),
        severities=_numbers(severities),
        family=family,
        keep_size=keep_size,
        file_format=file_format,
        seed=seed,
        limit=limit,
    )
    with Console() as console:
        made = make_set(request, jobs, console)
    typer.echo(_summary(made))


def _numbers(text: str) -> tuple[int, ...]:
    """Split ``1,3``."""
    parts = comma_separated(text)
    if not all(part.isdecimal() for part in parts):
        raise typer.BadParameter(f"--severities expects numbers such as 1,3, got {text!r}.")
    return tuple(int(part) for part in parts)


def _summary(made: "Made") -> str:
    """What was made, where, and how fast."""
    from robench.datasets.making import RECIPES

    manifest = made.manifest
    what = "sequences" if RECIPES[manifest.set].kind == "p" else "images"
    rate = f" ({made.drawn / made.seconds:.3g} {what}/s)" if made.drawn else ""
    lines = [
        str(made.folder),
        f"{made.files} files, {made.bytes / 1e6:.1f} MB",
        f"{made.drawn} {what} made in {made.seconds:.1f} s{rate}",
    ]
    if not manifest.complete:
        missing = ", ".join(manifest.missing)
        lines.append(f"Not complete: an earlier run also asked for {missing}.")
    return "\n".join(lines)
