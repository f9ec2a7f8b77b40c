"""`robench bench`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robench.cli.console import verb

if TYPE_CHECKING:
    from robench.studies.bench_corruptions import CorruptionSpeed


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("bench")(bench)


@verb
def bench(
    what: Annotated[
        str, typer.Argument(help="augmentations | mixing-sets | corruptions | evaluation | attacks")
    ],
    repeats: Annotated[
        int, typer.Option(min=1, help="Interleaved runs of each; medians count.")
    ] = 5,
    only: Annotated[
        str | None, typer.Option(help="Corruptions: only these benchmarks, cifar-c,imagenet-c,...")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Holds frost/. Default: $ROBENCH_DATA, then the cache.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the rows as JSON lines.")] = None,
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """Time robench on this machine with one thread, beside per-image restatements of peers."""
    from robench.errors import InputError, UnknownNameError
    from robench.files import write_atomic
    from robench.registry import unknown

    benches: Mapping[str, Callable[[], list[dict[str, Any]]]] = {
        "augmentations": lambda: _augmentations(repeats),
        "mixing-sets": lambda: _mixing_sets(repeats),
        "corruptions": lambda: _corruptions(repeats, only, data_dir),
        "evaluation": lambda: _evaluation(repeats),
        "attacks": lambda: _attacks(repeats),
    }
    if what not in benches:
        raise UnknownNameError(unknown(benches, what, "benchmark"))
    if only and what != "corruptions":
        raise InputError(f"--only chooses corruption benchmarks; {what} has no parts.")
    rows = benches[what]()
    if out:
        write_atomic(out, "".join(json.dumps(row) + "\n" for row in rows).encode())


def _augmentations(repeats: int) -> list[dict[str, Any]]:
    """Images per CPU-second of the methods."""
    from robench.studies.bench_augmentations import augmentation_speed

    rows = [asdict(row) for row in augmentation_speed(repeats=repeats)]
    typer.echo(f"{rows[0]['cpu']}, torch {rows[0]['torch']}, one thread, {repeats} repeats")
    for row in rows:
        rate = f"{row['images_per_cpu_second']:,.0f} images per CPU-second"
        ratio = f", {row['speedup']:.1f}x the reference" if row["speedup"] else ""
        where = f"{row['side']}x{row['side']}, batch {row['batch']}"
        typer.echo(f"{row['case']}, {where}, {row['contestant']}: {rate}{ratio}")
    return rows


def _mixing_sets(repeats: int) -> list[dict[str, Any]]:
    """Accepted pictures per CPU-second of the generators."""
    from robench.studies.bench_mixing_sets import mixing_set_speed

    rows = [asdict(row) for row in mixing_set_speed(repeats=repeats)]
    typer.echo(f"{rows[0]['cpu']}, {rows[0]['size']}x{rows[0]['size']}, {repeats} repeats")
    for row in rows:
        rate, share = row["accepted_per_cpu_second"], 100 * row["accepted_share"]
        typer.echo(f"{row['name']}, {row['loops']}: {rate:.1f} accepted a second ({share:.0f} %)")
    return rows


def _corruptions(repeats: int, only: str | None, data_dir: Path | None) -> list[dict[str, Any]]:
    """Milliseconds per image of every cell of the corruption benchmarks."""
    from robench import config
    from robench.errors import UnknownNameError
    from robench.registry import unknown
    from robench.studies.bench_corruptions import BENCHMARKS, corruption_speed

    wanted = [name.strip() for name in only.split(",")] if only else list(BENCHMARKS)
    for name in wanted:
        if name not in BENCHMARKS:
            raise UnknownNameError(unknown(BENCHMARKS, name, "corruption benchmark"))
    rows, absent = corruption_speed(repeats, wanted, data_dir=config.data_dir(data_dir))
    typer.echo(f"{rows[0].cpu}, {rows[0].versions}, one thread, {repeats} repeats; CPU ms an image")
    for name in wanted:
        _table([row for row in rows if row.benchmark == name])
    typer.echo(
        "* the authors' code on another machine: an order of magnitude, noisy by a factor of 2"
    )
    if absent:
        typer.echo(f"Not timed, for want of textures (robench data get frost): {', '.join(absent)}")
    return [asdict(row) for row in rows]


def _evaluation(repeats: int) -> list[dict[str, Any]]:
    """Images per CPU-second on the way from a file to the network."""
    from robench.studies.bench_evaluation import data_path_speed

    rows = data_path_speed(repeats)
    typer.echo(f"{rows[0].cpu}, torch {rows[0].torch}, one thread, {repeats} repeats")
    for row in rows:
        more = f", {row.ratio:.1f}x robench's time" if row.ratio else ""
        if row.overhead is not None:
            more = f", {100 * row.overhead:+.1f} % over the bare network"
        typer.echo(f"{row.case}: {row.images_per_cpu_second:,.0f} images per CPU-second{more}")
    return [asdict(row) for row in rows]


def _attacks(repeats: int) -> list[dict[str, Any]]:
    """Images per CPU-second of PGD-20, beside torchattacks."""
    from robench.studies.bench_attacks import SMALL_BATCH, attack_speed

    rows = attack_speed(repeats)
    typer.echo(f"{rows[0].cpu}, torch {rows[0].torch}, one thread, {repeats} repeats")
    for row in rows:
        typer.echo(
            f"{row.network}, {row.contestant}, batch {row.batch}: "
            f"{row.images_per_cpu_second:,.1f} images per CPU-second, {row.ratio:.2f}x torchattacks"
            f" ({row.ratio_small:.2f}x in batches of {SMALL_BATCH}), "
            f"{100 * row.fallen:.0f} % fallen"
        )
    return [asdict(row) for row in rows]


def _table(rows: "list[CorruptionSpeed]") -> None:
    """One line per corruption, and the sum."""
    first = rows[0]
    typer.echo(f"\n{first.benchmark}: {first.side}x{first.side}, batches of {first.batch}")
    for row in rows:
        cells = " ".join(f"{ms:8.3f}" for ms in row.milliseconds)
        ratio = (
            f", {row.reference_ratio:.0f}x the per-image reference" if row.reference_ratio else ""
        )
        typer.echo(
            f"{row.name:>32} {cells} = {row.total:8.2f} (official* {row.official:.1f}){ratio}"
        )
    total, official = sum(row.total for row in rows), sum(row.official for row in rows)
    typer.echo(f"{'sum':>32} {total:.2f} (official* {official:.0f})")
