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
from robench.datasets.making.blocks import HEADER, Block, File, blocks
from robench.datasets.making.drawing import Drawing
from robench.datasets.making.ledger import Ledger, check_space, describe, full_disk_is_named
from robench.datasets.making.pool import in_order
from robench.datasets.making.recipes import Item
from robench.datasets.manifest import Stored
from robench.datasets.official import LABELS
from robench.files import TEMPORARY
from robench.progress import Progress
from robench.types import Images


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
        InputError: Files that the manifest does not know are where these are to be.
        RunError: The disk is or would be full, or a process was killed.
    """
    files = {file.name: file for file in (_file(drawing, data.images, item) for item in items)}
    ledger.refuse_foreign(files.keys())
    sound = {name for name in files if ledger.is_sound(name)}
    todo = [file for name, file in files.items() if name not in sound]
    needed = sum(file.bytes for file in todo)
    check_space(ledger.folder, needed + (data.images.nbytes + HEADER if todo else 0))
    ledger.begin(files.keys(), sound)
    ledger.write(LABELS, _npy(np.tile(data.labels, len(items[0].levels)).astype(np.uint8)))
    total = sum(file.rows for file in todo)
    progress.start("making", total)
    if todo:
        with _shared(ledger.folder, data.images) as clean:
            _draw(ledger, ArrayWork(drawing, ledger.folder, clean), todo, jobs, progress)
    return total


def _draw(
    ledger: Ledger, work: ArrayWork, files: Sequence[File], jobs: int, progress: Progress
) -> None:
    """Make files block by block."""
    with closing(in_order(work, blocks(ledger.folder, files), jobs)) as done:
        for block, _ in done:
            progress.advance(block.stop - block.start, block.file.item.name)
            if block.is_last:
                _finish(ledger, block.file)


def _file(drawing: Drawing, images: Images, item: Item) -> File:
    """Size one file; of a sequence by drawing the first."""
    row = images.shape[1:]
    if drawing.kind == "p":
        row = drawing.draw(images[:1], item, item.levels[0], [0]).shape[1:]
    return File(item, len(images), row)


def _finish(ledger: Ledger, file: File) -> None:
    """Flush a file to disk, give it its name and list it."""
    path = ledger.folder / file.temporary
    with full_disk_is_named(path):
        with path.open("r+b") as opened:
            os.fsync(opened.fileno())
        digest, size = describe(path)
        path.replace(ledger.folder / file.name)
    ledger.put(file.name, Stored(sha256=digest, bytes=size))


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
