"""`robench eval`."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import Console, verb

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("eval")(evaluate)


@verb(after_interrupt="Finished cells are saved; without --fresh the same command goes on.")
def evaluate(
    suite: Annotated[str, Opt(help="A suite, a set or folder:DIR; robench ls suites.")],
    checkpoints: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CKPT...]", help="Files, or timm:NAME, torchvision:NAME."),
    ] = None,
    model: Annotated[
        str | None, Opt(help="module:callable that makes the network; CKPT is passed to it.")
    ] = None,
    weights: Annotated[
        Path | None, Opt(help="Local weights of timm:NAME, torchvision:NAME.")
    ] = None,
    protocol: Annotated[
        str, Opt(help="strict, or paper: as the authors' code did; robench ls protocols.")
    ] = "strict",
    attack: Annotated[
        list[str] | None, Opt(help="One more attack on the clean set, as often as needed.")
    ] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    arch: Annotated[str | None, Opt(help="Of a checkpoint that does not say.")] = None,
    classes: Annotated[int | None, Opt(help="Of a checkpoint that does not say.")] = None,
    limit: Annotated[
        int | None, Opt(help="N images of each cell: the first of arrays, spread of pictures.")
    ] = None,
    precision: Annotated[str, Opt(help="fp32 or bf16; part of the passport.")] = "fp32",
    device: Annotated[str, Opt(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
    block: Annotated[
        int | None, Opt(help="Images per forward pass; default 500 up to 64 pixels, else 100.")
    ] = None,
    threads: Annotated[int | None, Opt(help="Intra-op threads.")] = None,
    workers: Annotated[int | None, Opt(help="Processes that read images.")] = None,
    out: Annotated[Path | None, Opt(help="Run folder; default: the checkpoint's.")] = None,
    fresh: Annotated[bool, Opt("--fresh", help="Discard what was measured before.")] = False,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Measure checkpoints on a suite; what is stored already is not measured again."""
    from robench import config as settings

    networks: list[str | None] = [*(checkpoints or [])]
    if not networks and model is None:
        raise typer.BadParameter("CKPT is missing: a file, timm:NAME, or --model module:callable.")
    if out and len(networks) > 1:
        raise typer.BadParameter("--out takes one checkpoint; several write beside themselves.")
    _check_protocol(protocol)
    values = {
        "suite": suite,
        "protocol": protocol,
        "attacks": attack or (),
        "data_dir": settings.data_dir(data_dir),
        "arch": arch,
        "classes": classes,
        "model": model,
        "weights": weights,
        "limit": limit,
        "precision": precision,
        "device": device,
        "block": block,
        "threads": threads,
        "workers": workers,
        "fresh": fresh,
    }
    configs = [
        settings.validated(
            settings.EvalConfig,
            {**values, "checkpoint": name, "out": out or settings.run_folder(str(name or model))},
            "evaluation",
        )
        for name in networks or [None]
    ]
    from robench.evaluate.run import evaluate_all

    with Console() as console:
        folders = evaluate_all(configs, console)
    if os.environ.get("RANK", "0") != "0":
        return
    from robench.protocols import POLICIES
    from robench.report.options import Options
    from robench.report.render import render
    from robench.report.table import compare

    options = Options(protocol=POLICIES[protocol], unlike=True)
    typer.echo(render(compare(folders, options), "rich"))
    runs = [str(folder.parent) for folder in folders]
    typer.echo(f"Next: {shlex.join(['robench', 'report', *runs])}")


def _check_protocol(name: str) -> None:
    """See that one can measure under it.

    Raises:
        InputError: It is one that results are compared with.
        UnknownNameError: No such protocol.
    """
    from robench.errors import InputError
    from robench.protocols import CATALOGUE, POLICIES
    from robench.registry import lookup

    if name in CATALOGUE:
        raise InputError(
            f"--protocol takes {' or '.join(POLICIES)}; whether results match {name} is told by "
            f"robench lint RUN --protocol {name}."
        )
    lookup(POLICIES, name, "protocol")
