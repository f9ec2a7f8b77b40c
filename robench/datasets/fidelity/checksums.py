"""Whether the files of a set that robench made are still those of its manifest."""

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from robench.datasets.fidelity.folders import printable
from robench.datasets.manifest import SUMS, Manifest, Stored
from robench.files import file_sha256
from robench.progress import Progress


@dataclass(frozen=True)
class Verified:
    """What hashing found.

    Attributes:
        damaged: Files that are absent or have another SHA-256 than the manifest says.
        hashed: How many were looked at.
        listed: How many there are.
    """

    damaged: tuple[str, ...]
    hashed: int
    listed: int

    @property
    def said(self) -> str:
        """How much was looked at, in words."""
        more = "" if self.hashed == self.listed else "; --all without --only takes every one"
        return f"SHA-256 verified of {self.hashed} of {self.listed} files{more}."


def verify(
    folder: Path, manifest: Manifest, only: Sequence[str], limit: int | None, progress: Progress
) -> Verified:
    """Hash files and hold them against the manifest and its lists of checksums.

    Args:
        folder: The set.
        manifest: Of that set.
        only: Look at the files of these members; at all if empty.
        limit: Of a folder of pictures, look at the first so many pictures or sequences; at all if
            None. Arrays are single files and hashed whole.
        progress: Told of every file.
    """
    images = manifest.source.images
    chosen = {name: one for name, one in manifest.files.items() if _is_of(name, only)}
    progress.start("checksums", sum(1 + _first(one, images, limit) for one in chosen.values()))
    damaged, hashed = [], 0
    for path, digest in _files(folder, chosen, images, limit):
        hashed += 1
        if _sha256(path) != digest:
            damaged.append(printable(path.relative_to(folder)))
        progress.advance(note=path.name if path.name != SUMS else path.parent.name)
    listed = sum(1 + (one.pictures or 0) for one in manifest.files.values())
    return Verified(tuple(damaged), hashed, listed)


def _files(
    folder: Path, chosen: Mapping[str, Stored], images: int, limit: int | None
) -> Iterator[tuple[Path, str]]:
    """Every file of the manifest with its digest, a sound list before what it lists."""
    for name, stored in chosen.items():
        yield folder / name, stored.sha256
        if stored.pictures and _sha256(folder / name) == stored.sha256:
            yield from _lines(folder / name, _first(stored, images, limit))


def _is_of(name: str, only: Sequence[str]) -> bool:
    """Whether a file belongs to one of the members."""
    return not only or Path(name).parts[0].removesuffix(".npy") in only


def _first(stored: Stored, images: int, limit: int | None) -> int:
    """How many files of a list belong to the first pictures; every sequence has equally many."""
    pictures = stored.pictures or 0
    return pictures if limit is None else min(pictures, limit * (pictures // images))


def _lines(sums: Path, count: int) -> Iterator[tuple[Path, str]]:
    """The first files of a list, ``<sha256>  <path>`` a line as `sha256sum` has it."""
    with sums.open("rb") as file:
        for line in itertools.islice(file, count):
            digest, name = os.fsdecode(line.removesuffix(b"\n")).split("  ", 1)
            yield sums.parent / name, digest


def _sha256(path: Path) -> str | None:
    """The digest of a file; None if it is not there."""
    try:
        return file_sha256(path)
    except OSError:
        return None
