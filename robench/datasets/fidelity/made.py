"""Picture sets that robench made itself: their own list says which picture is which."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from robench.datasets.fidelity.folders import (
    Pictures,
    is_extra,
    printable,
    refuse_other_sizes,
)
from robench.datasets.fidelity.pictures import AS_STORED
from robench.datasets.making.folders import PICTURES
from robench.datasets.making.pictures import ENCODINGS, PREPARATIONS, read_picture
from robench.datasets.manifest import NAME, SUMS, Manifest
from robench.errors import InputError
from robench.types import Images


@dataclass(frozen=True)
class Row:
    """A line of the list of clean pictures.

    Attributes:
        index: What keys the randomness of the picture.
        sha256: Of the clean file.
        path: Below the folder of clean pictures.
    """

    index: int
    sha256: str
    path: Path


@dataclass(frozen=True)
class MadeFolder:
    """A set of pictures with its manifest; members as in `CorruptedFolder`.

    Attributes:
        folder: The set.
        clean: The folder it was made from.
        manifest: Of the set.
    """

    folder: Path
    clean: Path
    manifest: Manifest
    _prepared: dict[Path, Images] = field(default_factory=dict)

    @property
    def clean_name(self) -> str:
        """The folder of clean pictures."""
        return str(self.clean)

    @cached_property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """The cells that are finished and there."""
        found: dict[str, tuple[int, ...]] = {}
        for cell in sorted(self.manifest.cells):
            name, _, severity = cell.partition("/")
            if f"{cell}/{SUMS}" in self.manifest.files and (self.folder / cell).is_dir():
                found[name] = (*found.get(name, ()), int(severity))
        return found

    @property
    def extra(self) -> Sequence[str]:
        """What lies beside the corruptions; `pictures.tsv` is listed by the manifest."""
        known = {cell.partition("/")[0] for cell in self.manifest.cells}
        inside = sorted(self.folder.iterdir())
        return [printable(e.name) for e in inside if e.name not in known and is_extra(e)]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The clean pictures in the order of their indices.

        Raises:
            InputError: The list is not the one that the manifest names.
        """
        path = self.folder / PICTURES
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != self.manifest.source.sha256:
            raise InputError(
                f"{path} is absent or not the list of pictures that {self.folder / NAME} names "
                f"(SHA-256 {self.manifest.source.sha256[:12]}). Make the set again."
            )
        lines = (line.split(b"\t", 3) for line in content.split(b"\n")[1:] if line)
        return tuple(
            Row(int(index), sha256.decode(), Path(os.fsdecode(name)))
            for index, sha256, _, name in lines
        )

    def read(self, corruption: str, severity: int, limit: int) -> Pictures:
        """Those of the first pictures that are there; the others are damaged files.

        Raises:
            InputError: None is there, one is unreadable or of another size than its clean one, or
                a clean one is absent or not the one that the set was made from.
        """
        cell = self.folder / corruption / str(severity)
        encoding = ENCODINGS[str(self.manifest.format["kind"])]
        rows = self.rows[:limit]
        files = [cell / row.path.with_name(f"{row.path.stem}{encoding.suffix}") for row in rows]
        there = [(row, path) for row, path in zip(rows, files, strict=True) if path.is_file()]
        if not there:
            raise InputError(f"{cell}: the first {len(files)} pictures are gone. Make them again.")
        pictures = Pictures(
            published=[read_picture(path, AS_STORED) for _, path in there],
            clean=[self._clean(row) for row, _ in there],
            indices=[row.index for row, _ in there],
            lossy=[encoding.kind == "jpeg"] * len(there),
        )
        return refuse_other_sizes(cell, pictures)

    def _clean(self, row: Row) -> Images:
        """A clean picture, seen to be the right one and prepared once."""
        path = self.clean / row.path
        if path not in self._prepared:
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
                raise InputError(
                    f"{path} is absent or not the picture that {self.folder} was made from "
                    f"(SHA-256 {row.sha256[:12]}). Name the folder of clean pictures, "
                    f"{self.manifest.source.name}, with --from."
                )
            self._prepared[path] = read_picture(path, self.manifest.preparation)
        return self._prepared[path]


def open_made(folder: Path, clean: str | None, data_dir: Path, manifest: Manifest) -> MadeFolder:
    """Find the clean pictures of a set: those that are named, else of the manifest's name.

    Args:
        folder: The set.
        clean: The folder of clean pictures; None for the one of that name in ``data_dir``.
        data_dir: The folder of data sets.
        manifest: Of the set.

    Raises:
        InputError: No such folder, or a set of another robench.
    """
    name = manifest.source.name
    place = data_dir / name if clean is None else Path(clean)
    if not place.is_dir():
        raise InputError(
            f"{folder} holds pictures: name the folder of the clean ones, {name}, with --from; "
            f"there is no folder {place}."
        )
    if manifest.preparation not in PREPARATIONS or manifest.format.get("kind") not in ENCODINGS:
        raise InputError(
            f"{folder / NAME}: unknown preparation {manifest.preparation!r} or format "
            f"{manifest.format}; another version of robench made this set and can check it."
        )
    return MadeFolder(folder, place, manifest)
