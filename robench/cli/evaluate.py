"""`robench eval`."""

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
    checkpoints: Annotated[list[Path], typer.Argument(metavar="CKPT...", help="Checkpoint files.")],
    suite: Annotated[str, Opt(help="What to measure: robench ls suites.")],
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    arch: Annotated[str | None, Opt(help="Of a checkpoint that does not say.")] = None,
    classes: Annotated[int | None, Opt(help="Of a checkpoint that does not say.")] = None,
    limit: Annotated[int | None, Opt(help="Only the first N images of each cell.")] = None,
    precision: Annotated[str, Opt(help="fp32 or bf16; part of the passport.")] = "fp32",
    device: Annotated[str, Opt(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
    block: Annotated[int, Opt(help="Images per forward pass.")] = 500,
    threads: Annotated[int | None, Opt(help="Intra-op threads.")] = None,
    out: Annotated[Path | None, Opt(help="Run folder; default: the checkpoint's.")] = None,
    fresh: Annotated[bool, Opt("--fresh", help="Discard what was measured before.")] = False,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Measure checkpoints on a suite; what is stored already is not measured again."""
    from robench import config as settings

    if out and len(checkpoints) > 1:
        raise typer.BadParameter("--out takes one checkpoint; several write beside themselves.")
    values = {
        "suite": suite,
        "data_dir": settings.data_dir(data_dir),
        "arch": arch,
        "classes": classes,
        "limit": limit,
        "precision": precision,
        "device": device,
        "block": block,
        "threads": threads,
        "fresh": fresh,
    }
    configs = [
        settings.validated(
            settings.EvalConfig,
            {**values, "checkpoint": path, "out": out or settings.run_folder(path)},
            "evaluation",
        )
        for path in checkpoints
    ]
    from robench.evaluate.run import evaluate_all

    with Console() as console:
        folders = evaluate_all(configs, console)
    from robench.report.render import render
    from robench.report.table import compare

    typer.echo(render(compare(folders), "rich"))
    typer.echo(f"Next: robench report {' '.join(str(folder.parent) for folder in folders)}")
