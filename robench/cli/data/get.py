"""`robench data get`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import Console, verb

Opt = typer.Option
FROST = "frost"
GIGABYTE = 10**9


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("get")(get)


@verb(after_interrupt="What was downloaded is kept; the same command goes on from there.")
def get(
    name: Annotated[str, typer.Argument(metavar="SET", help="cifar10-c, imagenet-r, frost, ...")],
    url: Annotated[str | None, Opt(help="Address of an archive, http or https.")] = None,
    sha256: Annotated[str | None, Opt(help="Of that archive: 64 hexadecimal digits.")] = None,
    source: Annotated[
        str | None,
        Opt("--from", help="An archive that is here already; of frost also a wheel or a folder."),
    ] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    keep_archive: Annotated[
        bool, Opt("--keep-archive", help="Do not delete it once it is unpacked.")
    ] = False,
    max_size: Annotated[
        float | None, Opt(help="GB that it may unpack to; default: by its size.")
    ] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Put a data set that robench may not ship into the data folder.

    Nothing is downloaded from an address that is not known for certain or given; a set of several
    archives takes one call for each. A killed download goes on where it was.
    """
    from robench import config as settings
    from robench.errors import InputError

    folder, local = settings.data_dir(data_dir), _local(source)
    if name == FROST:
        if url or sha256:
            raise InputError("frost takes neither --url nor --sha256: its checksums are known.")
        _frost(local, folder)
        return
    _check_name(name)
    from robench.datasets import DATASETS
    from robench.datasets.fetching import Request, describe, get_set

    request = Request(
        name=name,
        data_dir=folder,
        url=url,
        source=local,
        sha256=sha256,
        keep_archive=keep_archive,
        max_size=_bytes(max_size),
    )
    typer.echo(describe(DATASETS[name]))
    with Console() as console:
        done = get_set(request, console)
    typer.echo(done)


def _check_name(name: str) -> None:
    """Fail with the nearest names."""
    from robench.datasets import DATASETS
    from robench.errors import UnknownNameError
    from robench.registry import unknown

    if name not in DATASETS:
        raise UnknownNameError(unknown((FROST, *DATASETS), name, "thing to get"))


def _bytes(size: float | None) -> int | None:
    """Gigabytes as bytes."""
    if size is not None and not 0 < size < float("inf"):
        raise typer.BadParameter(f"--max-size expects gigabytes, got {size}.")
    return None if size is None else int(size * GIGABYTE)


def _local(source: str | None) -> Path | None:
    """A path, which may be written as an address ``file://``."""
    if source is None or not source.startswith("file:"):
        return None if source is None else Path(source)
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return Path(url2pathname(urlsplit(source).path))


def _frost(source: Path | None, data_dir: Path) -> None:
    """The six textures."""
    from robench.datasets.frost import get_frost

    folder = get_frost(source, data_dir)
    typer.echo(f"{folder} holds the six frost textures; their licence is unknown: keep them here.")
