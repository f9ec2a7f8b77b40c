"""`robench bench`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import verb


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("bench")(bench)


@verb
def bench(
    what: Annotated[str, typer.Argument(help="augmentations")],
    repeats: Annotated[
        int, typer.Option(min=1, help="Interleaved runs of each; medians count.")
    ] = 5,
    out: Annotated[Path | None, typer.Option(help="Write the rows as JSON lines.")] = None,
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Time robench against a named peer, in one run on this machine, one thread each."""
    from robench.errors import UnknownNameError
    from robench.registry import unknown

    if what != "augmentations":
        raise UnknownNameError(unknown(["augmentations"], what, "benchmark"))
    from robench.files import write_atomic
    from robench.studies.bench import augmentation_speed

    rows = [asdict(row) for row in augmentation_speed(repeats=repeats)]
    typer.echo(f"{rows[0]['cpu']}, torch {rows[0]['torch']}, one thread, {repeats} repeats")
    for row in rows:
        rate = f"{row['images_per_cpu_second']:,.0f} images per CPU-second"
        ratio = f", {row['speedup']:.1f}x the reference" if row["speedup"] else ""
        typer.echo(f"{row['case']}, {row['contestant']}, batch {row['batch']}: {rate}{ratio}")
    if out:
        write_atomic(out, "".join(json.dumps(row) + "\n" for row in rows).encode())
