"""The command line: one small file a verb. Heavy imports happen only inside the verbs."""

import importlib.util
import sys
from pathlib import Path

import typer

from robench.cli import (
    bench,
    compare,
    data,
    demo,
    evaluate,
    lint,
    listing,
    mixing_set,
    report,
    score,
    train,
)

app = typer.Typer(
    name="robench",
    help="Train robust image classifiers, and measure them in a way that can be believed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (
    *(demo, train, evaluate, score, report, compare, lint, data, mixing_set, listing, bench),
):
    module.register(app)


def _version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"robench {version('robench')}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
    debug: bool = typer.Option(False, "--debug", help="Show the traceback of an error."),
) -> None:
    """Options before the verb."""


def main() -> None:
    """Entry point of the command ``robench``."""
    shadow = _shadowed()
    if shadow:
        typer.echo(shadow, err=True)
        sys.exit(2)
    app()


def _shadowed() -> str | None:
    """A message if one of the leaf packages is somebody else's file of the same name."""
    home = Path(__file__).resolve().parents[2]
    for name in ("augmentations", "corruptions"):
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin != home / name / "__init__.py":
            return (
                f"{origin or 'nothing'} shadows robench's own package {name!r}. Use the command "
                f"robench (or python -P -m robench), or rename or uninstall that module."
            )
    return None
