"""The files of a labelled set, and the blocks in which they are written."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robench.datasets.making.ledger import full_disk_is_named
from robench.datasets.making.recipes import Item
from robench.files import TEMPORARY

HEADER = 128  # bytes before the numbers of a .npy of these shapes
BLOCK_BYTES = 2**20  # what one task makes, about


@dataclass(frozen=True)
class File:
    """One file to be made: a row is an image or a sequence.

    Attributes:
        item: What is drawn.
        count: Clean images; there are as many rows per level.
        row: Shape of a row.
    """

    item: Item
    count: int
    row: tuple[int, ...]

    @property
    def name(self) -> str:
        """Below the folder of the set."""
        return f"{self.item.name}.npy"

    @property
    def temporary(self) -> str:
        """Where it is until it is finished."""
        return f".{self.name}{TEMPORARY}"

    @property
    def row_bytes(self) -> int:
        """Size of one row."""
        return int(np.prod(self.row))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.item.levels) * self.count

    @property
    def bytes(self) -> int:
        """Size of the file."""
        return HEADER + self.rows * self.row_bytes


@dataclass(frozen=True)
class Block:
    """A task: the images ``start`` to ``stop - 1`` at one of the levels."""

    file: File
    place: int
    start: int
    stop: int

    @property
    def is_last(self) -> bool:
        """Whether the file is finished with this one."""
        return self.place == len(self.file.item.levels) - 1 and self.stop == self.file.count


def blocks(folder: Path, files: Sequence[File]) -> Iterator[Block]:
    """The tasks of all files in order; a file gets its room when its turn comes.

    Raises:
        RunError: The disk is full.
    """
    for file in files:
        allocate(folder / file.temporary, file)
        step = max(1, BLOCK_BYTES // file.row_bytes)
        for place in range(len(file.item.levels)):
            for start in range(0, file.count, step):
                yield Block(file, place, start, min(start + step, file.count))


def allocate(path: Path, file: File) -> None:
    """Write the header and reserve the rest, so that a full disk shows now.

    Raises:
        RunError: It is full.
    """
    shape = (file.rows, *file.row)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with full_disk_is_named(path), path.open("wb") as opened:
        np.lib.format.write_array_header_1_0(opened, header)
        opened.truncate(file.bytes)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(opened.fileno(), 0, file.bytes)
