"""`robench train`."""

from pathlib import Path
from typing import Annotated

import typer

from robench.cli.console import Console, verb

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("train")(train)


@verb(after_interrupt="Finished epochs are saved; add --resume to go on from there.")
def train(
    aug: Annotated[str, Opt(help='Method, "ipmix(k=4)", or several, "augmix > mixup".')] = "ipmix",
    arch: Annotated[str, Opt(help="Architecture: robench ls archs, or any of timm's.")] = "wrn40_4",
    data: Annotated[
        str, Opt(help="cifar10, cifar100, cifar100-tiny, digits, or folder:DIR.")
    ] = "cifar10",
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    recipe: Annotated[str | None, Opt(help="Name or YAML file; default: fits --arch.")] = None,
    loss: Annotated[str, Opt(help="auto (the method's own), ce, jsd or bce_softmax.")] = "auto",
    mixing_set: Annotated[
        str | None, Opt(help="Name, or a folder of pictures or of a made set.")
    ] = None,
    mixing_n: Annotated[
        int | None, Opt(help="Of a named set; default: all of the longest made, else 1000.")
    ] = None,
    epochs: Annotated[int | None, Opt(help="Default: the recipe's.")] = None,
    subset: Annotated[int | None, Opt(help="Train on the first N images.")] = None,
    val: Annotated[float | None, Opt(help="Hold out this fraction of the training set.")] = None,
    seed: Annotated[int, Opt(help="Of every random number.")] = 0,
    device: Annotated[str, Opt(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
    precision: Annotated[str, Opt(help="fp32 or bf16.")] = "fp32",
    compile_: Annotated[bool, Opt("--compile", help="Use torch.compile.")] = False,
    tensorboard: Annotated[bool, Opt("--tensorboard", help="Curves too (an extra).")] = False,
    threads: Annotated[int | None, Opt(help="Intra-op threads; the result depends on it.")] = None,
    out: Annotated[Path | None, Opt(help="Default: a folder below runs/.")] = None,
    resume: Annotated[bool, Opt("--resume", help="Go on where a killed run stopped.")] = False,
    set_: Annotated[list[str] | None, Opt("--set", help="key=value of the recipe.")] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Train one network: crop, flip and augment in batches on the device, from keyed draws."""
    from robench import config as settings

    changes = settings.assignments(set_ or [])
    values = {
        "aug": aug,
        "arch": arch,
        "data": data,
        "data_dir": settings.data_dir(data_dir),
        "loss": loss,
        "mixing_set": mixing_set,
        "mixing_n": mixing_n,
        "epochs": epochs,
        "subset": subset,
        "val": val,
        "seed": seed,
        "device": device,
        "precision": precision,
        "compile": compile_,
        "tensorboard": tensorboard,
        "threads": threads,
        "out": out,
    }
    from robench.train.loop import train as run
    from robench.train.resolve import resolve

    config = resolve(values, recipe, changes)
    with Console() as console:
        path = run(config, resume=resume, progress=console)
    from robench.suites import SUITES

    suites = [name for name, suite in SUITES.items() if suite.clean == data]
    suites += [data] if data.startswith("folder:") else []
    typer.echo(str(path))
    if suites:
        typer.echo(f"Next: robench eval {path} --suite {suites[0]}")
