"""Sets as one file a picture, in the layout of ImageNet-C; sequences as a folder of frames."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from robench.datasets.making.ledger import Ledger, describe, full_disk_is_named
from robench.datasets.making.pool import in_order
from robench.datasets.making.recipes import Item
from robench.datasets.making.sources import list_of
from robench.datasets.making.space import check_room
from robench.datasets.making.writing import Chunk, FolderWork, Fragment
from robench.datasets.manifest import SUMS, Stored
from robench.files import TEMPORARY
from robench.progress import Progress

PICTURES = "pictures.tsv"
CHUNK = {"c": 4, "c-bar": 4, "p": 1}  # pictures of one task: about a second's work


def make_folders(
    ledger: Ledger, work: FolderWork, items: Sequence[Item], jobs: int, progress: Progress
) -> int:
    """Make what is not there yet.

    A cell is a folder of pictures with one severity, or of sequences; when all of it is there, a
    list of checksums is written into it and the list is entered in the manifest.

    Args:
        ledger: Of the folder.
        work: How one picture is made.
        items: What.
        jobs: Processes.
        progress: Where to report to.

    Returns:
        How many pictures or sequences were drawn.

    Raises:
        InputError: A damaged picture, or files that the manifest does not know.
        RunError: The disk is or would be full, or a process was killed.
    """
    todo = _begin(ledger, work, items)
    progress.start("making", sum(len(item.levels) for item in todo) * len(work.pictures))
    lists, drawn = _Lists(ledger), 0
    with closing(in_order(work, _chunks(work, todo), jobs)) as done:
        for chunk, fragments in done:
            for fragment in fragments:
                lists.append(fragment)
                drawn += fragment.drawn
            progress.advance((chunk.stop - chunk.start) * len(fragments), chunk.item.name)
            if chunk.stop == len(work.pictures):
                lists.finish()
    return drawn


def _begin(ledger: Ledger, work: FolderWork, items: Sequence[Item]) -> list[Item]:
    """Find out what is left to be made, see that it fits, and write down what is asked for."""
    cells = {work.cell(item, level): item for item in items for level in item.levels}
    ledger.refuse_foreign(cells.keys())
    finished = {cell for cell, item in cells.items() if _is_finished(ledger, work, item, cell)}
    todo = [left for item in items if (left := _left(work, item, finished)).levels]
    check_room(work, todo)
    for cell, item in cells.items():
        if cell not in finished and _sums(cell) in ledger.manifest.files:
            _drop(work, item, cell)
    ledger.begin(cells.keys(), finished)
    ledger.write(PICTURES, list_of(work.pictures))
    return todo


def _drop(work: FolderWork, item: Item, cell: str) -> None:
    """Delete the pictures of a cell that was finished and is not sound any more: none is trusted.

    The manifest lists the cell until that is done, so that a killed run does the same once more.
    """
    folder = work.folder / cell
    with full_disk_is_named(folder):
        for picture in work.pictures:
            for name in work.paths(item, picture):
                (folder / name).unlink(missing_ok=True)


def _left(work: FolderWork, item: Item, finished: set[str]) -> Item:
    """The levels that are still to be made."""
    levels = tuple(level for level in item.levels if work.cell(item, level) not in finished)
    return replace(item, levels=levels)


def _chunks(work: FolderWork, items: Sequence[Item]) -> Iterator[Chunk]:
    """The tasks in order."""
    count, step = len(work.pictures), CHUNK[work.drawing.kind]
    for item in items:
        for start in range(0, count, step):
            yield Chunk(item, start, min(start + step, count))


def _sums(cell: str) -> str:
    """Where the checksums of a cell are."""
    return f"{cell}/{SUMS}"


def _is_finished(ledger: Ledger, work: FolderWork, item: Item, cell: str) -> bool:
    """Whether a cell has a sound list of all its pictures, and these have together its size.

    The content of pictures is not read: `sha256sum -c` and `robench data check` do that.
    """
    sums, folder = _sums(cell), ledger.folder / cell
    if not ledger.is_sound(sums):
        return False
    lines = (ledger.folder / sums).read_bytes().splitlines()
    listed = [os.fsdecode(line.partition(b"  ")[2]) for line in lines]
    if listed != [path for picture in work.pictures for path in work.paths(item, picture)]:
        return False
    try:
        size = sum((folder / path).stat().st_size for path in listed)
    except OSError:
        return False
    return size == ledger.manifest.files[sums].picture_bytes


@dataclass
class _Lists:
    """The lists of checksums that grow at present, in the order of the pictures."""

    ledger: Ledger
    growing: dict[str, Stored] = field(default_factory=dict)

    def append(self, fragment: Fragment) -> None:
        """Lengthen the list of a cell."""
        folder = self.ledger.folder / fragment.cell
        new = fragment.cell not in self.growing
        with full_disk_is_named(folder), (folder / _TEMPORARY).open("wb" if new else "ab") as file:
            file.write(fragment.lines)
        so_far = self.growing.get(fragment.cell)
        self.growing[fragment.cell] = Stored(
            sha256="",
            bytes=0,
            pictures=fragment.files + (so_far.pictures or 0 if so_far else 0),
            picture_bytes=fragment.bytes + (so_far.picture_bytes or 0 if so_far else 0),
        )

    def finish(self) -> None:
        """Flush the pictures to disk, then give their lists their names."""
        os.sync()
        for cell, stored in self.growing.items():
            folder = self.ledger.folder / cell
            with full_disk_is_named(folder):
                digest, size = describe(folder / _TEMPORARY)
                (folder / _TEMPORARY).replace(folder / SUMS)
            listed = stored.model_copy(update={"sha256": digest, "bytes": size})
            self.ledger.put(_sums(cell), listed)
        self.growing = {}


_TEMPORARY = f".{SUMS}{TEMPORARY}"
