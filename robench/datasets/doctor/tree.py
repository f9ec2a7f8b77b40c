"""What lies in a folder of class folders: counted by names, sizes from the file system."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from robench.datasets.pictures import is_picture

GONE = -1
"""The size of a link to a file that is gone."""


@dataclass(frozen=True)
class ClassFolder:
    """One folder in it.

    Attributes:
        name: Of the folder.
        files: Name and bytes of every picture, by name.
        odd: Names of what is no picture and not hidden.
    """

    name: str
    files: tuple[tuple[str, int], ...]
    odd: tuple[str, ...]


@dataclass(frozen=True)
class Tree:
    """A folder of class folders.

    Attributes:
        root: The folder.
        folders: In it, by name; those without pictures too.
        loose: Names of the files beside them that are not hidden.
    """

    root: Path
    folders: tuple[ClassFolder, ...]
    loose: tuple[str, ...]

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Pictures of each folder that has any."""
        return {one.name: len(one.files) for one in self.folders if one.files}

    @property
    def total(self) -> int:
        """Pictures."""
        return sum(self.counts.values())

    @property
    def bytes(self) -> int:
        """Their size together."""
        return sum(max(0, size) for one in self.folders for _, size in one.files)

    @property
    def hollow(self) -> tuple[str, ...]:
        """Folders without a picture."""
        return tuple(one.name for one in self.folders if not one.files)

    def sizes(self) -> list[tuple[str, int]]:
        """Path below the root and bytes of every picture."""
        return [(f"{one.name}/{name}", size) for one in self.folders for name, size in one.files]

    def only(self, names: Sequence[str]) -> "Tree":
        """The same with some of the folders."""
        wanted = set(names)
        kept = tuple(one for one in self.folders if one.name in wanted)
        return Tree(self.root, kept, self.loose)


def scan_tree(root: Path) -> Tree:
    """List a folder of class folders; every picture is asked for its size, none is opened."""
    folders, files = names_in(root)
    inside = tuple(_class_folder(root / name, name) for name in folders)
    return Tree(root, inside, tuple(files))


def scan_counts(root: Path) -> dict[str, int]:
    """Pictures of each class folder that has any, by their names alone."""
    folders, _ = names_in(root)
    counts = {name: count_pictures(root / name) for name in folders}
    return {name: number for name, number in counts.items() if number}


def names_in(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the folders and of the files in a folder, sorted; hidden ones are left out."""
    folders: list[str] = []
    files: list[str] = []
    with os.scandir(folder) as inside:
        for one in inside:
            if not one.name.startswith("."):
                (folders if one.is_dir() else files).append(one.name)
    return sorted(folders), sorted(files)


def count_pictures(folder: Path) -> int:
    """How many files in a folder are pictures by their names."""
    with os.scandir(folder) as inside:
        return sum(is_picture(one.name) for one in inside)


def has_picture(folder: Path) -> bool:
    """Whether there is one, without listing them all."""
    with os.scandir(folder) as inside:
        return any(is_picture(one.name) and not one.is_dir() for one in inside)


def _class_folder(path: Path, name: str) -> ClassFolder:
    files, odd = [], []
    with os.scandir(path) as inside:
        for one in inside:
            if one.name.startswith("."):
                continue
            if is_picture(one.name) and not one.is_dir():
                files.append((one.name, _size(one)))
            else:
                odd.append(one.name)
    return ClassFolder(name, tuple(sorted(files)), tuple(sorted(odd)))


def _size(one: os.DirEntry[str]) -> int:
    try:
        return one.stat().st_size
    except OSError:
        return GONE
