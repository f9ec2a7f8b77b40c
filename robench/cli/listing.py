"""`robench ls`."""

from typing import Annotated

import typer

from robench.cli.console import verb

KINDS = (
    "augmentations",
    "mixing-sets",
    "corruptions",
    "perturbations",
    "made-sets",
    "archs",
    "datasets",
    "suites",
    "metrics",
    "attacks",
    "recipes",
    "protocols",
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ls")(listing)


@verb
def listing(
    kind: Annotated[str, typer.Argument(help="all | " + " | ".join(KINDS))] = "all",
    debug: Annotated[bool, typer.Option("--debug", hidden=True)] = False,
) -> None:
    """List the names of one kind, or of all; of protocols also every choice."""
    from robench.errors import UnknownNameError
    from robench.registry import unknown

    if kind == "all":
        for each in KINDS:
            typer.echo(f"{each}: {' '.join(_names(each))}")
        return
    if kind not in KINDS:
        raise UnknownNameError(unknown(KINDS, kind, "list"))
    if kind == "protocols":
        from robench.protocols.overview import to_text

        typer.echo(to_text())
        return
    for name in _names(kind):
        typer.echo(name)


def _names(kind: str) -> list[str]:
    """The names, in the order of their list."""
    if kind == "recipes":
        from robench.recipes import names

        return list(names())
    from robench.registry import load

    places = {
        "augmentations": "augmentations:METHODS",
        "mixing-sets": "augmentations.mixing_sets:MIXING_SETS",
        "corruptions": "corruptions:CORRUPTIONS",
        "perturbations": "corruptions:PERTURBATIONS",
        "made-sets": "robench.datasets.making:RECIPES",
        "archs": "robench.models:ARCHS",
        "datasets": "robench.datasets:DATASETS",
        "suites": "robench.suites:SUITES",
        "metrics": "robench.metrics:METRICS",
        "attacks": "robench.attacks:ATTACKS",
        "protocols": "robench.protocols:PROTOCOLS",
    }
    return list(load(places[kind]))
