"""`inventory`: which sets are here, how much of each, and what gets the others.

The work is bounded: of class folders all file names and sizes are read (at most 60,000 per set),
of corrupted sets of pictures the folders, and the files of one class of one cell. No picture and
no array is decoded or hashed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.measuring import Measured, measured
from robench.datasets.doctor.placing import located
from robench.datasets.doctor.purposes import purpose
from robench.datasets.doctor.report import quoted
from robench.datasets.making.recipes import RECIPES
from robench.datasets.manifest import read_manifest
from robench.datasets.presence import MADE
from robench.errors import InputError
from robench.types import EvalSet

State = Literal["here", "made", "drawn", "bundled", "absent", "unreadable"]


@dataclass(frozen=True)
class Row:
    """One set.

    Attributes:
        name: Of the set.
        role: Of the set.
        purpose: What it is for.
        state: ``here`` (published files, or files of the user's), ``made`` (by robench), ``drawn``
            (not stored, but it can be drawn from the clean set, which is here), ``bundled``,
            ``absent``, or ``unreadable``.
        said: The state in words.
        found: How much of it is there, in words.
        bytes: Size on disk; an estimate where ``about``.
        about: Whether it is one.
        complete: Whether everything that was counted is there.
        licence: As published.
        folder: Where it lies.
        command: What gets or makes it, where it is absent or can be drawn.
    """

    name: str
    role: str
    purpose: str
    state: State
    said: str
    found: str = ""
    bytes: int = 0
    about: bool = False
    complete: bool = False
    licence: str = ""
    folder: str = ""
    command: str = ""


def inventory(data_dir: Path) -> list[Row]:
    """A row for every set of the catalogue.

    Args:
        data_dir: The folder of data sets, which need not exist.
    """
    places = {entry.name: _place(entry, data_dir) for entry in DATASETS.values()}
    return [_row(entry, data_dir, places) for entry in DATASETS.values()]


def _place(entry: EvalSet, data_dir: Path) -> Path | str | None:
    """The folder of a set; None where it is not there, or why it cannot be told."""
    try:
        return located(entry, data_dir)
    except (InputError, OSError) as error:
        return str(error)


def _row(entry: EvalSet, data_dir: Path, places: dict[str, Path | str | None]) -> Row:
    place = places[entry.name]
    base = Row(entry.name, entry.role, purpose(entry), "absent", "absent", licence=entry.licence)
    if isinstance(place, str):
        command = f"robench data check {quoted(data_dir)}"
        return replace(base, state="unreadable", said=place, command=command)
    if place is not None:
        return _here(entry, place, base)
    if entry.folder is None:
        where = "scikit-learn" if entry.name in ("digits", "photos") else "drawn"
        expected = f"{entry.size:,} of {entry.size:,}"
        return replace(
            base, state="bundled", said=f"bundled ({where})", found=expected, complete=True
        )
    if _drawable(entry, places):
        command = f"robench data make {entry.name}" if entry.name in RECIPES else ""
        said = f"can be drawn from {entry.clean}"
        return replace(base, state="drawn", said=said, command=command)
    return replace(base, command=_command(entry))


def _drawable(entry: EvalSet, places: dict[str, Path | str | None]) -> bool:
    """Whether the clean set that it is made from is at hand."""
    if entry.role not in MADE or entry.clean is None:
        return False
    clean = places[entry.clean]
    return isinstance(clean, Path) or DATASETS[entry.clean].folder is None


def _here(entry: EvalSet, place: Path, base: Row) -> Row:
    try:
        manifest = read_manifest(place) if entry.role in MADE else None
        found: Measured = measured(entry, place)
    except (InputError, OSError) as error:
        said = f"here, but unreadable: {error}"
        command = f"robench data check {quoted(place)}"
        return replace(base, state="unreadable", said=said, folder=str(place), command=command)
    made = manifest is not None
    said = f"made by robench, seed {manifest.seed}" if manifest else "here, published"
    return replace(
        base,
        state="made" if made else "here",
        said=said,
        found=found.said,
        bytes=found.bytes,
        about=found.about,
        complete=found.complete,
        folder=str(place),
        command="" if found.complete else f"robench data check {quoted(place)}",
    )


def _command(entry: EvalSet) -> str:
    """What gets an absent set."""
    if entry.name == "cifar100-tiny":
        return "nobody publishes it; cifar100 is the complete set"
    if not entry.published:
        return f"robench data get {entry.clean}"
    if entry.name == "imagenet-c-lite":
        return "robench data get imagenet-c"
    return f"robench data get {entry.name}"
