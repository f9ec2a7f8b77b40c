"""What is missing or damaged in a folder of arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corruptions import CORRUPTIONS
from robench.datasets.doctor.members import absent_members, move_or_make, remedy
from robench.datasets.doctor.report import Finding, Kind, count, some
from robench.datasets.manifest import NAME, Manifest
from robench.datasets.official import LABELS, SEVERITIES, Archive, open_array
from robench.datasets.sequence_layout import known_names
from robench.datasets.sequences import SequenceArchive
from robench.datasets.stored import check_folder
from robench.errors import InputError
from robench.types import EvalSet


@dataclass(frozen=True)
class Arrays:
    """A folder of arrays, opened but not read.

    Attributes:
        folder: The folder.
        arrays: Name -> array, of those that can be opened.
        broken: Name -> why it cannot.
        manifest: Of robench, where it made them.
    """

    folder: Path
    arrays: Mapping[str, NDArray[Any]]
    broken: Mapping[str, str]
    manifest: Manifest | None

    @property
    def sequences(self) -> bool:
        """Whether they hold sequences of frames."""
        return any(array.ndim == 5 for array in self.arrays.values())

    @property
    def labels(self) -> NDArray[Any] | None:
        """The content of ``labels.npy``."""
        path = self.folder / LABELS
        try:
            return open_array(path) if path.is_file() else None
        except InputError:
            return None

    @property
    def size(self) -> int:
        """How many clean images they were made of, as most of the files say; 0: unknown."""
        copies = 1 if self.sequences else SEVERITIES
        lengths = [len(array) for array in self.arrays.values() if array.ndim]
        if self.labels is not None and self.labels.ndim:
            lengths.append(len(self.labels))
        return max(lengths, key=lengths.count) // copies if lengths else 0


def array_findings(opened: Arrays, entry: EvalSet | None) -> Iterator[Finding]:
    """Faults and notes.

    Args:
        opened: The folder.
        entry: The set that it is; None for one that nobody published.
    """
    get = "make the set again with robench data make" if entry is None else remedy(entry)
    made = opened.manifest
    if made is not None:
        yield from _unfinished(opened.folder, made)
    elif entry is not None:
        yield from absent_members(entry, [*opened.arrays, *opened.broken])
        yield from _unknown_origin(opened, entry)
    yield from _labels(opened, get)
    for name, reason in opened.broken.items():
        yield Finding("damaged", f"{name}.npy cannot be read: {reason}", get)
    size = opened.size if entry is None else entry.size
    yield from _shapes(opened, size, get)
    yield from _others(opened)


def _unfinished(folder: Path, made: Manifest) -> Iterator[Finding]:
    """What robench was asked for and has not made, or has made and is gone."""
    again = move_or_make(folder, made.set)
    if made.missing:
        yield Finding("missing", f"asked for and not made yet: {some(made.missing)}", again)
    gone = [name for name in made.files if not (folder / name).is_file()]
    if gone:
        yield Finding("missing", f"listed in {NAME} and not there: {some(gone)}", again)


def _unknown_origin(opened: Arrays, entry: EvalSet) -> Iterator[Finding]:
    """Files of a set that nobody published need the manifest."""
    try:
        check_folder(entry, opened.folder, None)
    except InputError as error:
        said, _, mends = str(error).partition(". ")
        yield Finding("missing", said, mends)


def _labels(opened: Arrays, get: str) -> Iterator[Finding]:
    """``labels.npy``: there, and the same labels for every severity."""
    if not (opened.folder / LABELS).is_file():
        kind: Kind = "note" if opened.sequences else "missing"
        yield Finding(kind, f"{LABELS}, without which no number can be computed", get)
        return
    archive = SequenceArchive if opened.sequences else Archive
    try:
        archive(opened.folder, opened.size).labels()
    except InputError as error:
        yield Finding("damaged", str(error), get)


def _shapes(opened: Arrays, size: int, get: str) -> Iterator[Finding]:
    """Arrays of another shape."""
    rows = size * (1 if opened.sequences else SEVERITIES)
    for name, array in opened.arrays.items():
        inner = array.shape[2:] if array.ndim == 5 else array.shape[1:]
        if array.shape[:1] != (rows,) or inner != (32, 32, 3) or array.dtype != np.uint8:
            said = f"{name}.npy: {array.dtype} of shape {array.shape}, expected uint8 with "
            yield Finding("damaged", f"{said}{rows:,} rows of 32x32 pixels", get)


def _others(opened: Arrays) -> Iterator[Finding]:
    """A note on files of other names."""
    known = {"labels", *CORRUPTIONS, *known_names()}
    listed = () if opened.manifest is None else opened.manifest.files
    odd = [
        path.name
        for path in sorted(opened.folder.iterdir())
        if path.name[0] != "." and path.name not in (NAME, *listed) and path.stem not in known
    ]
    if odd:
        said = f"{count(len(odd), 'thing')} beside the arrays: {some(odd)}"
        yield Finding("note", said)
