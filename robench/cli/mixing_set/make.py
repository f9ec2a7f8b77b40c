"""`robench mixing-set make`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robench.cli.console import Console, verb

if TYPE_CHECKING:
    from torch import nn

    from augmentations.mixing_sets.order import Order

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("make")(make)


@verb
def make(
    name: Annotated[str, typer.Argument(help="One of: robench ls mixing-sets.")],
    n: Annotated[int, Opt("-n", min=1, help="Number of pictures.")],
    size: Annotated[int, Opt(min=64, help="Side in pixels; 36-px versions come with them.")] = 256,
    jobs: Annotated[int | None, Opt(min=1, help="Processes; default: the available cores.")] = None,
    seed: Annotated[int, Opt(min=0, help="Of every random number.")] = 0,
    out: Annotated[Path | None, Opt(help="Default: where training looks for NAME.")] = None,
    network: Annotated[
        list[str] | None,
        Opt(help="Checkpoint whose features feature-vis draws, or timm:NAME; can be repeated."),
    ] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Make a set of mixing pictures; a killed run goes on where it was.

    The first pictures of a set are the same whatever N is: asking for more
    goes on from what is there, and asking for fewer leaves it alone. Without
    --out the set lies in the cache, where robench train --mixing-set NAME
    takes the longest one of seed 0; with a --mixing-n of its own, training
    makes a set of just that many instead. A set made with --out DIR is trained
    with by --mixing-set DIR. Images of up to 32 pixels take the 36-pixel
    versions, larger ones the others.

    ipmix13k: orbit-trap fractals, IFS fractals and feature pictures as 6 to 3
    to 4; with -n 13000 it is the IPMix paper's mixture without pictures from
    the web. ipmix13k-nofv needs no networks: in place of the feature pictures
    it holds dead leaves, spectra and plasma as 2 to 1 to 1.
    """
    from augmentations.mixing_sets.build import build
    from augmentations.mixing_sets.folder import read_manifest
    from robench.config import CACHE
    from robench.datasets.making.pool import available_cores

    networks = [_network(each) for each in network or ()]
    order = _order(name, size, seed, networks)
    folder = out or CACHE / "mixing-sets" / order.title
    with Console() as console, _told():
        if order.needs_networks and not networks:
            console.say("The networks whose features are drawn are made first.")
        console.start(order.title, n)
        steps = _steps(console)
        jobs = jobs or available_cores()
        build(order, n, folder, networks=networks, jobs=jobs, progress=steps)
    typer.echo("\n".join(_summary(folder, read_manifest(folder))))


def _network(text: str) -> "nn.Module":
    """A network that takes images in [0, 1]."""
    from robench.models.load import load_model

    return load_model(text).model


def _order(name: str, size: int, seed: int, networks: Sequence["nn.Module"]) -> "Order":
    """What is to be made."""
    from augmentations.mixing_sets import MIXING_SETS
    from augmentations.mixing_sets.order import Order
    from robench.registry import lookup

    lookup(MIXING_SETS, name, "mixing set")
    with _told():
        if not networks:
            return Order(name, size, seed)
        from augmentations.mixing_sets.kinds.feature_networks import digest

        return Order(name, size, seed, digest(networks))


def _steps(console: Console) -> Callable[[int, int], None]:
    """Turn counts of what is done into steps."""
    before = 0

    def advance(done: int, total: int) -> None:
        nonlocal before
        console.advance(done - before)
        before = done

    return advance


@contextmanager
def _told() -> Iterator[None]:
    """Turn what goes wrong into messages of the command line."""
    from robench.errors import InputError, RunError

    try:
        yield
    except BlockingIOError as error:
        text = f"Another process is making {error.filename}. Wait for it, or use another --out."
        raise InputError(text) from error
    except ValueError as error:
        raise InputError(f"{error}.") from error
    except RuntimeError as error:
        raise RunError(f"{error}.") from error


def _summary(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What there is now, and where."""
    kinds = [
        f"  {kind}: {row['pictures']}, {row['accepted']:.0%} of {row['attempts']} candidates"
        for kind, row in manifest["kinds"].items()
    ]
    return [str(folder), f"{manifest['n']} pictures of {manifest['size']} pixels", *kinds]
