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
    """Makes pictures and writes each atomically; those that are there are left alone.

    Attributes:
        drawing: How pixels are drawn.
        source: Folder of the clean pictures.
        pictures: Its content, by index.
        prepare: How pictures are prepared.
        encoding: How they are stored.
        folder: Of the set.
        anew: Cells in which nothing is left alone.
    """

    drawing: Drawing
    source: Path
    pictures: tuple[Picture, ...]
    prepare: str
    encoding: Encoding
    folder: Path
    anew: frozenset[str] = frozenset()

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

    def clean(self, index: int) -> Images:
        """Read and prepare a picture (H, W, 3) uint8."""
        return read_picture(self.source / self.pictures[index].path, self.prepare)

    def contents(self, item: Item, level: int, index: int, clean: Images) -> dict[str, bytes]:
        """The files of one picture or sequence: path below the cell -> content."""
        made = self.drawing.draw(clean[None], item, level, [index])[0]
        output = self.output(self.pictures[index])
        if self.drawing.kind != "p":
            return {output: self.encoding.encode(made)}
        frames = (self.encoding.encode(frame) for frame in made)
        return {
            f"{output}/frame_{number:02d}{self.encoding.suffix}": content
            for number, content in enumerate(frames)
        }

    def _picture(self, item: Item, index: int) -> list[Fragment]:
        """All levels of one picture, which is decoded only if one of them is missing."""
        clean = functools.cache(partial(self.clean, index))
        fragments = []
        for level in item.levels:
            cell = self.cell(item, level)
            files = self._present(cell, self.pictures[index])
            drawn = not files
            if drawn:
                files = self.contents(item, level, index, clean())
                self._write(cell, self.pictures[index], files)
            fragments.append(_fragment(cell, files, int(drawn)))
        return fragments

    def _present(self, cell: str, picture: Picture) -> dict[str, bytes]:
        """The files of a picture that was made before; none if one was cut short."""
        path = self.folder / cell / self.output(picture)
        if cell in self.anew or not path.exists():
            return {}
        paths = sorted(path.iterdir()) if path.is_dir() else [path]
        found = {str(one.relative_to(self.folder / cell)): one.read_bytes() for one in paths}
        return found if all(map(self.encoding.is_complete, found.values())) else {}

    def _write(self, cell: str, picture: Picture, files: Mapping[str, bytes]) -> None:
        """Write under a temporary name and rename: the file, or the folder of frames at once."""
        path = self.folder / cell / self.output(picture)
        temporary = path.with_name(f".{path.name}{TEMPORARY}")
        with full_disk_is_named(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if self.drawing.kind == "p":
                _write_frames(temporary, files)
                shutil.rmtree(path, ignore_errors=True)
            else:
                temporary.write_bytes(*files.values())
            temporary.replace(path)


def _write_frames(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a sequence into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / Path(name).name).write_bytes(content)


def _fragment(cell: str, files: Mapping[str, bytes], drawn: int) -> Fragment:
    """What to say of the files of one picture."""
    sums = ((hashlib.sha256(content).hexdigest(), name) for name, content in files.items())
    lines = b"".join(digest.encode() + b"  " + os.fsencode(name) + b"\n" for digest, name in sums)
    return Fragment(cell, lines, len(files), sum(map(len, files.values())), drawn)
