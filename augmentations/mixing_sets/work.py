"""The working files of a mixing set: pictures in order, each of them complete."""

import errno
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.folder import (
    MANIFEST,
    WORK,
    Facts,
    file_names,
    is_intact,
    publish,
    read_manifest,
    read_object,
    write_object,
)
from augmentations.mixing_sets.growing import GrowingArray
from augmentations.mixing_sets.quality import SMALL_SIDE, Picture

_IDENTITY = "order.json"
Made = tuple[Picture, Picture, int]
"""A picture, the same shrunk to 36 pixels, and the number of its attempt, from 0."""


class Work:
    """What is there of a set; it goes on from there, and from the complete set of equal order.

    The folder must be held (see ``folder.held``).

    Args:
        folder: Of the set.
        order: All that decides the pictures, in JSON types. What was made by another is dropped.
        size: Side of the pictures.
    """

    def __init__(self, folder: Path, order: Facts, size: int) -> None:
        self._folder, self._home, self._order = folder, folder / WORK, dict(order)
        self._names = file_names(size)
        self._rows = (size, size, 3), (SMALL_SIDE, SMALL_SIDE, 3), ()
        if _object_or_none(self._home / _IDENTITY) != self._order:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home.mkdir()
            write_object(self._home / _IDENTITY, self._order)
        self._open()
        complete = published(folder, order)
        if complete > len(self):
            self.close()
            for name in self._names:  # the attempts last: they say how many pictures there are
                shutil.copyfile(folder / name, self._home / name)
            self._open()

    def _open(self) -> None:
        """Open the files, cut to what all of them hold."""
        self._arrays = [
            GrowingArray(self._home / name, row, dtype)
            for name, row, dtype in zip(
                self._names, self._rows, (np.uint8, np.uint8, np.uint32), strict=True
            )
        ]
        self.cut(min(map(len, self._arrays)))

    def __len__(self) -> int:
        """Pictures that are there."""
        return len(self._arrays[-1])

    @property
    def small(self) -> Picture:
        """The small pictures: (len, 36, 36, 3) uint8."""
        return self._arrays[1].read()

    @property
    def attempts(self) -> NDArray[np.uint32]:
        """Which attempt each picture was: (len,)."""
        return self._arrays[2].read()

    def append(self, made: Sequence[Made]) -> None:
        """Add pictures and wait until they are on the disk."""
        large, small, attempts = zip(*made, strict=True)
        columns = np.stack(large), np.stack(small), np.array(attempts, np.uint32)
        for array, column in zip(self._arrays, columns, strict=True):
            array.append(column)

    def cut(self, n: int) -> None:
        """Keep the first ``n`` pictures."""
        for array in reversed(self._arrays):
            array.cut(n)

    def finish(self, facts: Facts) -> None:
        """Make it the set of the folder.

        Args:
            facts: What the manifest says beside the order and the files.
        """
        files = {name: array.seal() for name, array in zip(self._names, self._arrays, strict=True)}
        self.close()
        write_object(self._home / MANIFEST, {**self._order, **facts, "files": files})
        publish(self._folder)

    def close(self) -> None:
        """Close the files; what is in them stays."""
        for array in self._arrays:
            array.close()


def published(folder: Path, order: Facts) -> int:
    """Pictures in the complete set of a folder; 0 where its order is another or it is damaged."""
    manifest = _object_or_none(folder / MANIFEST) or {}
    if not order.items() <= manifest.items() or not is_intact(folder, manifest):
        return 0
    return int(manifest["n"])


def check_space(folder: Path, n: int, size: int) -> None:
    """Refuse at once what would fill the disk after hours.

    Raises:
        OSError: ``n`` pictures do not fit beside what is there, working files apart.
    """
    needed = n * (size**2 + SMALL_SIDE**2) * 3
    names = (folder / WORK / name for name in file_names(size))
    needed -= sum(path.stat().st_size for path in names if path.exists())
    free = shutil.disk_usage(folder).free
    if free < needed:
        text = f"the set needs {needed / 1e6:.0f} MB more, {free / 1e6:.0f} MB are free"
        raise OSError(errno.ENOSPC, text, str(folder))


def check_folder(folder: Path, identity: Facts) -> None:
    """Refuse a folder that holds something else.

    Raises:
        ValueError: It does; the message says what.
    """
    if not folder.is_dir():
        return
    try:
        manifest = read_manifest(folder)
    except FileNotFoundError:
        own_names = {WORK, *file_names(identity["size"])}
        names = {each.name for each in folder.iterdir() if each.name[0] != "."} - own_names
        if names:
            text = f"{folder} is no mixing set and holds {min(names)}: choose another folder"
            raise ValueError(text) from None
        return
    except ValueError:
        return  # damaged: it is made again
    own: dict[str, Any] = {key: manifest.get(key) for key in ("name", "size", "seed", "networks")}
    other = {key: value for key, value in own.items() if value != identity[key]}
    if other:
        text = ", ".join(f"{key} {value!r}" for key, value in other.items())
        raise ValueError(f"{folder} holds another mixing set ({text}): choose another folder")


def _object_or_none(path: Path) -> dict[str, Any] | None:
    """A JSON object, or None where it is absent or damaged."""
    try:
        return read_object(path)
    except (OSError, ValueError):
        return None
