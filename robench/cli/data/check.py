"""`robench data check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robench.cli.console import Console, comma_separated, verb

if TYPE_CHECKING:
    from robench.datasets.doctor.report import Diagnosis
    from robench.datasets.fidelity.card import Card

Opt = typer.Option


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("check")(check)


@verb(after_interrupt="Nothing was written.")
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Any folder of images or sets.")],
    clean: Annotated[
        str | None, Opt("--from", help="Clean set, folder of clean pictures, or .npy of images.")
    ] = None,
    data_dir: Annotated[Path | None, Opt(help="Default: $ROBENCH_DATA, then the cache.")] = None,
    limit: Annotated[int, Opt(help="Compare the first N images of each cell.")] = 100,
    only: Annotated[str, Opt(help="Compare these corruptions: a,b,c.")] = "",
    every: Annotated[
        bool, Opt("--all", help="Of a set made by robench, verify the checksum of every file.")
    ] = False,
    json_: Annotated[Path | None, Opt("--json", help="Write what was found there.")] = None,
    debug: Annotated[bool, Opt("--debug", hidden=True)] = False,
) -> None:
    """Say what a folder holds, what is missing or damaged, and the command that mends it.

    Corrupted files are also held against the same cells made here, where their clean images are
    at hand. Exit code 0: sound and complete; 1: something is missing, damaged or differs; 2:
    nothing was recognised.
    """
    from robench import config as settings
    from robench.cli.data.card_text import card_text
    from robench.cli.data.diagnosis_text import diagnosis_text
    from robench.datasets.doctor.comparing import Comparison, compare
    from robench.datasets.doctor.examine import examine

    place = settings.data_dir(data_dir)
    asked = Comparison(clean, limit, comma_separated(only), every)
    with Console() as console:
        found = examine(folder, place, console)
        card, why_not = compare(found, place, asked, console)
    typer.echo(diagnosis_text(found))
    if why_not:
        typer.echo(f"Pixels were not compared: {why_not}")
    if card is not None:
        typer.echo(f"\n{card_text(card)}")
    if json_:
        from robench.files import write_json

        write_json(json_, _plain(found, card, why_not))
    if found.faults or (card is not None and not card.as_expected):
        raise typer.Exit(1)


def _plain(found: "Diagnosis", card: "Card | None", why_not: str) -> dict[str, Any]:
    """Everything for programs; the keys of the card are there where pixels were compared."""
    from robench.cli.data.card_text import plain_card
    from robench.cli.data.diagnosis_text import plain_sections

    plain = {} if card is None else plain_card(card)
    plain |= {"folder": str(found.folder), "sections": plain_sections(found)}
    return plain | {"faults": found.faults, "not_compared_because": why_not}
