"""Sets as one ``.npy`` a corruption, in the layout of CIFAR-10-C and CIFAR-10-P."""

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets.labelled import Labelled
from robench.datasets.making.drawing import Drawing
from robench.datasets.making.ledger import Ledger, check_space, describe, full_disk_is_named
from robench.datasets.making.manifest import Stored
from robench.datasets.making.pool import in_order
from robench.datasets.making.recipes import Item
from robench.datasets.official import LABELS
from robench.files import TEMPORARY
from robench.progress import Progress
from robench.types import Images

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
    def bytes(self) -> int:
        """Size of the file."""
        return HEADER + len(self.item.levels) * self.count * self.row_bytes


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


@dataclass(frozen=True)
class ArrayWork:
    """Draws one block and writes it to its place.

    Attributes:
        drawing: How.
        folder: Of the set.
        clean: A ``.npy`` of the clean images, which every process maps into memory.
    """

    drawing: Drawing
    folder: Path
    clean: Path

    def __call__(self, block: Block) -> None:
        """Do a task."""
        file, indices = block.file, range(block.start, block.stop)
        images = np.array(np.load(self.clean, mmap_mode="r")[block.start : block.stop])
        level = file.item.levels[block.place]
        made = self.drawing.draw(images, file.item, level, indices)
        path = self.folder / file.temporary
        with full_disk_is_named(path), path.open("r+b") as opened:
            opened.seek(HEADER + (block.place * file.count + block.start) * file.row_bytes)
            opened.write(np.ascontiguousarray(made).data)


def make_arrays(
    ledger: Ledger,
    drawing: Drawing,
    data: Labelled,
    items: Sequence[Item],
    jobs: int,
    progress: Progress,
) -> int:
    """Make what is not there yet.

    Args:
        ledger: Of the folder.
        drawing: How.
        data: The clean images, N.
        items: What.
        jobs: Processes.
        progress: Where to report to.

    Returns:
        How many images or sequences were drawn.

    Raises:
        RunError: The disk is or would be full, or a process was killed.
    """
    files = [_file(drawing, data.images, item) for item in items]
    todo = [file for file in files if not ledger.is_sound(file.name)]
    needed = sum(file.bytes for file in todo)
    check_space(ledger.folder, needed + (data.images.nbytes + HEADER if todo else 0))
    missing = {file.name for file in todo}
    ledger.begin({file.name for file in files}, set(ledger.manifest.files) - missing)
    ledger.write(LABELS, _npy(np.tile(data.labels, len(items[0].levels)).astype(np.uint8)))
    total = sum(len(file.item.levels) * file.count for file in todo)
    progress.start("making", total)
    if todo:
        with _shared(ledger.folder, data.images) as clean:
            work = ArrayWork(drawing, ledger.folder, clean)
            with closing(in_order(work, _blocks(ledger.folder, todo), jobs)) as done:
                for block, _ in done:
                    progress.advance(block.stop - block.start, block.file.item.name)
                    if block.is_last:
                        _finish(ledger, block.file)
    return total


def _file(drawing: Drawing, images: Images, item: Item) -> File:
    """Size one file; of a sequence by drawing the first."""
    row = images.shape[1:]
    if drawing.kind == "p":
        row = drawing.draw(images[:1], item, item.levels[0], [0]).shape[1:]
    return File(item, len(images), row)


def _blocks(folder: Path, files: Sequence[File]) -> Iterator[Block]:
    """The tasks of all files in order; a file gets its room when its turn comes."""
    for file in files:
        _allocate(folder / file.temporary, file)
        step = max(1, BLOCK_BYTES // file.row_bytes)
        for place in range(len(file.item.levels)):
            for start in range(0, file.count, step):
                yield Block(file, place, start, min(start + step, file.count))


def _allocate(path: Path, file: File) -> None:
    """Write the header and reserve the rest, so that a full disk shows now."""
    shape = (len(file.item.levels) * file.count, *file.row)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with full_disk_is_named(path), path.open("wb") as opened:
        np.lib.format.write_array_header_1_0(opened, header)
        opened.truncate(file.bytes)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(opened.fileno(), 0, file.bytes)


def _finish(ledger: Ledger, file: File) -> None:
    """Flush a file to disk, give it its name and list it."""
    path = ledger.folder / file.temporary
    with full_disk_is_named(path):
        with path.open("r+b") as opened:
            os.fsync(opened.fileno())
        digest, size = describe(path)
        path.replace(ledger.folder / file.name)
    ledger.put(file.name, Stored(sha256=digest, bytes=size), cell=file.name)


@contextmanager
def _shared(folder: Path, images: Images) -> Iterator[Path]:
    """The clean images in a file that all processes map, for as long as they are needed."""
    path = folder / f".clean.npy{TEMPORARY}"
    try:
        with full_disk_is_named(path), path.open("wb") as opened:
            np.save(opened, images)
        yield path
    finally:
        for temporary in folder.glob(f".*.npy{TEMPORARY}"):
            temporary.unlink()


def _npy(array: NDArray[np.uint8]) -> bytes:
    """The content of a ``.npy``."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()
