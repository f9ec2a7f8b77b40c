"""What one process does for a set of picture files."""

import functools
import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from robench.datasets.making.drawing import Drawing
from robench.datasets.making.ledger import full_disk_is_named
from robench.datasets.making.pictures import Encoding, read_picture
from robench.datasets.making.recipes import Item
from robench.datasets.making.sources import Picture
from robench.files import TEMPORARY
from robench.types import Images


@dataclass(frozen=True)
class Chunk:
    """A task: the pictures ``start`` to ``stop - 1`` at all levels of an item."""

    item: Item
    start: int
    stop: int


@dataclass(frozen=True)
class Fragment:
    """What a task has done in one cell.

    Attributes:
        cell: Folder below the set.
        lines: Checksums as ``sha256sum`` writes them, one line a file.
        files: Number of them.
        bytes: Size of the files.
        drawn: Pictures or sequences that were not there before.
    """

    cell: str
    lines: bytes
    files: int
    bytes: int
    drawn: int

    def __add__(self, other: "Fragment") -> "Fragment":
        """This and what comes after it in the same cell."""
        return Fragment(
            self.cell,
            self.lines + other.lines,
            self.files + other.files,
            self.bytes + other.bytes,
            self.drawn + other.drawn,
        )


@dataclass(frozen=True)
class FolderWork:
    """Makes pictures and writes each atomically; those that are there to the end are left alone.

    Attributes:
        drawing: How pixels are drawn.
        source: Folder of the clean pictures.
        pictures: Its content, by index.
        prepare: How pictures are prepared.
        encoding: How they are stored.
        folder: Of the set.
    """

    drawing: Drawing
    source: Path
    pictures: tuple[Picture, ...]
    prepare: str
    encoding: Encoding
    folder: Path

    def __call__(self, chunk: Chunk) -> list[Fragment]:
        """Do a task; one fragment a level."""
        rows = [self._picture(chunk.item, index) for index in range(chunk.start, chunk.stop)]
        return [functools.reduce(Fragment.__add__, column) for column in zip(*rows, strict=True)]

    def cell(self, item: Item, level: int) -> str:
        """The folder of one severity, or of one perturbation."""
        return item.name if self.drawing.kind == "p" else f"{item.name}/{level}"

    def output(self, picture: Picture) -> str:
        """Below a cell: the file of a picture, or the folder of a sequence."""
        suffix = "" if self.drawing.kind == "p" else self.encoding.suffix
        return f"{picture.stem}{suffix}"

    def paths(self, item: Item, picture: Picture) -> list[str]:
        """Below a cell: the files of a picture, one, or the frames of a sequence in order."""
        output = self.output(picture)
        if self.drawing.kind != "p":
            return [output]
        numbers = range(self.drawing.frames(item))
        return [f"{output}/frame_{number:02d}{self.encoding.suffix}" for number in numbers]

    def clean(self, index: int) -> Images:
        """Read and prepare a picture (H, W, 3) uint8."""
        return read_picture(self.source / self.pictures[index].path, self.prepare)

    def contents(self, item: Item, level: int, index: int, clean: Images) -> dict[str, bytes]:
        """The files of one picture or sequence: path below the cell -> content."""
        made = self.drawing.draw(clean[None], item, level, [index])[0]
        frames = made if self.drawing.kind == "p" else made[None]
        paths = self.paths(item, self.pictures[index])
        return dict(zip(paths, map(self.encoding.encode, frames), strict=True))

    def _picture(self, item: Item, index: int) -> list[Fragment]:
        """All levels of one picture, which is decoded only if one of them is missing."""
        clean = functools.cache(partial(self.clean, index))
        fragments = []
        for level in item.levels:
            cell = self.cell(item, level)
            files = self._present(item, cell, self.pictures[index])
            drawn = not files
            if drawn:
                files = self.contents(item, level, index, clean())
                self._write(cell, self.pictures[index], files)
            fragments.append(_fragment(cell, files, int(drawn)))
        return fragments

    def _present(self, item: Item, cell: str, picture: Picture) -> dict[str, bytes]:
        """The files of a picture that was made before; none if one of them is not there to its end.

        What is in between is taken as it is: `robench data check` looks at it.
        """
        found = {}
        for name in self.paths(item, picture):
            path = self.folder / cell / name
            content = path.read_bytes() if path.is_file() else b""
            if not self.encoding.is_complete(content):
                return {}
            found[name] = content
        return found

    def _write(self, cell: str, picture: Picture, files: Mapping[str, bytes]) -> None:
        """Write under a temporary name and rename: the file, or the folder of frames at once."""
        path = self.folder / cell / self.output(picture)
        temporary = path.with_name(f".{path.name}{TEMPORARY}")
        with full_disk_is_named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.drawing.kind == "p":
                _write_frames(temporary, files)
            else:
                temporary.write_bytes(*files.values())
            _rename(temporary, path)


def _write_frames(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a sequence into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / Path(name).name).write_bytes(content)


def _rename(temporary: Path, path: Path) -> None:
    """Give a file or folder its name; in a folder that is there, only files of a name give way."""
    if not (temporary.is_dir() and path.is_dir()):
        temporary.replace(path)
        return
    for file in temporary.iterdir():
        file.replace(path / file.name)
    temporary.rmdir()


def _fragment(cell: str, files: Mapping[str, bytes], drawn: int) -> Fragment:
    """What to say of the files of one picture."""
    sums = ((hashlib.sha256(content).hexdigest(), name) for name, content in files.items())
    lines = b"".join(digest.encode() + b"  " + os.fsencode(name) + b"\n" for digest, name in sums)
    return Fragment(cell, lines, len(files), sum(map(len, files.values())), drawn)
