"""How `compare` and `report` put runs side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from robench.report.options import Options

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders under runs/.")]
Unlike = Annotated[
    bool, typer.Option("--unlike", help="Let unlike numbers stand in one column, marked.")
]
Seeds = Annotated[
    bool, typer.Option("--seeds", help="Runs that differ in their seed alone become one row.")
]
ConstantsFile = Annotated[
    list[Path] | None,
    typer.Option(help="YAML of a reference network's numbers: for mT5D, or mFR."),
]
References = Annotated[
    Path | None,
    typer.Option(help="Published accuracies (timm's results-*.csv): for effective robustness."),
]


def make_options(
    protocol: str,
    constants: list[Path] | None,
    references: Path | None,
    *,
    unlike: bool,
    seeds: bool,
) -> "Options":
    """Read the files that a comparison is asked to use.

    Raises:
        UnknownNameError: No such protocol.
        InputError: A file cannot be read, or two of them hold constants of the same metric.
    """
    from robench.errors import InputError
    from robench.metrics.constants import read_constants
    from robench.protocols import POLICIES
    from robench.registry import lookup
    from robench.report.options import Options
    from robench.report.references import read_references

    found = [read_constants(path) for path in constants or ()]
    own = {one.metric: one for one in found}
    if len(own) < len(found):
        raise InputError("--constants: two files are of the same metric. Take one of them.")
    return Options(
        protocol=lookup(POLICIES, protocol, "protocol"),
        unlike=unlike,
        seeds=seeds,
        constants=own,
        references=read_references(references) if references else {},
    )
