"""What a corrupted folder is to be held against: its cells, beside their clean pictures."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from robench.datasets.manifest import NAME
from robench.datasets.pictures import SUFFIXES
from robench.errors import InputError
from robench.types import Images


@dataclass(frozen=True)
class Pictures:
    """The images of one cell.

    Attributes:
        published: N pictures (H, W, 3) uint8, as stored; each of its own size.
        clean: The same images before corruption, each of the size of its partner.
        indices: The number of each in the whole set, which keys its randomness.
        lossy: Which of them are stored as JPEG.
    """

    published: Sequence[Images]
    clean: Sequence[Images]
    indices: Sequence[int]
    lossy: Sequence[bool]


class CorruptedFolder(Protocol):
    """A folder of any layout."""

    @property
    def clean_name(self) -> str:
        """Where the clean pictures come from, in words."""

    @property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """Corruption -> the severities that are there."""

    @property
    def extra(self) -> Sequence[str]:
        """What lies there and belongs to no cell."""

    def read(self, corruption: str, severity: int, limit: int) -> Pictures:
        """The first ``limit`` images of a cell."""


def is_shown(path: Path) -> bool:
    """Whether a name is not hidden; systems leave hidden files beside the pictures they copy."""
    return not path.name.startswith(".")


def is_extra(path: Path) -> bool:
    """Whether a file beside the corruptions is worth naming: not hidden, and not the manifest."""
    return path.name != NAME and is_shown(path)


def pictures_in(folder: Path) -> list[Path]:
    """The picture files that are not hidden, by name; none where there is no folder."""
    inside = folder.iterdir() if folder.is_dir() else ()
    return sorted(p for p in inside if p.suffix.lower() in SUFFIXES and is_shown(p) and p.is_file())


def printable(path: str | Path) -> str:
    """A name that can be written anywhere: bytes that are no UTF-8 stand there as hex digits."""
    return os.fsencode(path).decode(errors="backslashreplace")


def refuse_other_sizes(cell: Path, pictures: Pictures) -> Pictures:
    """The pictures, once each has the size of its clean one.

    Raises:
        InputError: Names the first two sizes that differ.
    """
    for theirs, clean in zip(pictures.published, pictures.clean, strict=True):
        if theirs.shape != clean.shape:
            expected, got = ("x".join(map(str, one.shape[:2])) for one in (clean, theirs))
            raise InputError(
                f"{cell}: expected pictures of the size of the clean ones, {expected}, got {got} "
                "(height x width). Name the right clean ones with --from, or get the files again."
            )
    return pictures
