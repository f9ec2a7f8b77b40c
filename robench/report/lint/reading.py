"""A file of results and its passports, read for checking: nothing is chosen, nothing left out."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

from robench.errors import InputError
from robench.store import Store, store_folder
from robench.types import Cell, Record


def is_number(value: object) -> TypeGuard[float]:
    """Whether something is a finite number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= sys.float_info.max


@dataclass(frozen=True)
class Number:
    """A record with its passport.

    Attributes:
        record: As written.
        passport: inputs, inputs_id, conventions and provenance; None where the store has lost it.
    """

    record: Record
    passport: Mapping[str, Any] | None

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the passport says of pixels and forward pass; empty without one."""
        return (self.passport or {}).get("inputs") or {}

    @property
    def conventions(self) -> Mapping[str, Any]:
        """What it says of the metric; empty without one."""
        return (self.passport or {}).get("conventions") or {}

    @property
    def lost(self) -> bool:
        """Whether nothing is left that says what was measured, so that nothing can be claimed."""
        return not self.inputs

    def part(self, name: str) -> Mapping[str, Any]:
        """A block of the inputs, such as ``source``; empty if it is not there."""
        found = self.inputs.get(name)
        return found if isinstance(found, Mapping) else {}

    @property
    def place(self) -> Cell:
        """The cell without what was done to it: no attack, no in-distribution partner."""
        return replace(self.record.cell, attack="", against="")

    @property
    def name(self) -> str:
        """For people: ``cifar10-c fog 3 error``."""
        parts = (str(value) for value in self.record.cell.to_dict().values())
        return " ".join([*parts, self.record.metric])


@dataclass(frozen=True)
class Results:
    """Everything that one file holds.

    Attributes:
        file: ``results.jsonl``.
        numbers: In the order of their writing.
        torn: Whether its last line has no end.
    """

    file: Path
    numbers: tuple[Number, ...]
    torn: bool = False

    @property
    def run(self) -> Path:
        """The run that it belongs to, as the other verbs take it."""
        folder = self.file.parent
        return folder.parent if folder.name == "eval" else folder


def read(path: Path) -> Results:
    """Read a run folder, its ``eval`` folder or a file of results.

    Raises:
        InputError: No such place, no results in it, no passports beside them, or damage.
    """
    store = _store(path)
    records = store.records()
    if not records:
        raise InputError(f"{path} holds no results. Expected a run, such as runs/demo/ipmix.")
    beside = store.folder / "passports.json"
    if not beside.exists():
        raise InputError(
            f"{beside} is missing. Without it nobody can say what the numbers of {store.results} "
            f"are; copy it from where they were measured."
        )
    try:
        passports: Mapping[str, Mapping[str, Any]] = store.passports()
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{beside} is damaged: {error!r}. Copy it again.") from error
    for line, record in enumerate(records, 1):
        _check_types(store.results, line, record)
    numbers = tuple(Number(record, passports.get(record.passport_id)) for record in records)
    torn = not store.results.read_bytes().endswith(b"\n")
    return Results(store.results, numbers, torn)


def _store(path: Path) -> Store:
    """The store that a path means; a file may have a name of its own."""
    if not path.is_file():
        return Store(store_folder(path))
    if path.suffix != ".jsonl":
        raise InputError(f"{path}: expected a run folder or its results.jsonl.")
    store = Store(path.parent)
    store.results = path
    return store


def _check_types(file: Path, line: int, record: Record) -> None:
    """Refuse what cannot even be compared.

    Raises:
        InputError: A name that is no text, or a place that is no number.
    """
    cell = record.cell
    texts = (cell.evalset, cell.corruption, cell.attack, cell.against, record.metric)
    whole = (cell.severity, cell.difficulty, record.version, record.n, record.n_expected)
    named = (*texts, record.passport_id, record.checkpoint)
    if not all(isinstance(one, str) for one in named):
        raise InputError(f"{file}, line {line} is damaged: expected names, got {named}.")
    if not all(isinstance(one, int) for one in whole):
        raise InputError(f"{file}, line {line} is damaged: expected whole numbers, got {whole}.")
