"""The folder of a set while it is made: held by one process, its manifest kept up to date."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path

from robench.datasets.manifest import (
    Manifest,
    Stored,
    differences,
    read_manifest,
    write_manifest,
)
from robench.errors import InputError, RunError
from robench.files import TEMPORARY, file_sha256, lock, room, write_atomic

_LOCK = ".lock"
_NAMED = 3  # files that a message names


def check_folder(folder: Path, wanted: Manifest) -> Manifest | None:
    """What a folder holds already, if it may be written into; nothing is changed.

    Args:
        folder: Need not exist.
        wanted: How the set is to be made.

    Returns:
        The manifest of the set there; None for a new or empty folder.

    Raises:
        InputError: Somebody else's files, or a set made in another way.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; expected a folder. Choose another --out.")
    present = read_manifest(folder)
    if present is None:
        content = sorted(folder.iterdir()) if folder.is_dir() else []
        foreign = [path.name for path in content if not _ours(path.name)]
        if foreign:
            raise InputError(
                f"{folder} holds files but no manifest of a set made by robench "
                f"({', '.join(foreign[:_NAMED])}; {len(foreign)} in all): nothing was written. "
                f"Choose another --out."
            )
        return None
    unlike = differences(present, wanted)
    if unlike:
        raise InputError(
            f"{folder} holds a set made in another way: {'; '.join(unlike)}. Choose another --out, "
            f"or delete the folder."
        )
    return present


def _ours(name: str) -> bool:
    """Whether a killed run leaves such a file before there is a manifest."""
    return name == _LOCK or name.endswith(TEMPORARY)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make a folder and hold it; a folder in which nothing came to be is taken away again.

    Raises:
        InputError: Another process is writing there.
        RunError: The folder cannot be made.
    """
    new = not folder.exists()
    with lock(folder):
        try:
            yield
        finally:
            if new and folder.is_dir() and {path.name for path in folder.iterdir()} <= {_LOCK}:
                (folder / _LOCK).unlink(missing_ok=True)
                with suppress(OSError):  # something has come to be after all
                    folder.rmdir()


class Ledger:
    """The manifest of a set while it is made.

    Args:
        folder: Held by this process.
        wanted: How the set is to be made.

    Raises:
        InputError: As `check_folder`.
    """

    def __init__(self, folder: Path, wanted: Manifest) -> None:
        self.folder = folder
        self.manifest = check_folder(folder, wanted) or wanted

    def is_sound(self, path: str) -> bool:
        """Whether a file is there as the manifest says."""
        listed = self.manifest.files.get(path)
        if listed is None or not (self.folder / path).is_file():
            return False
        return describe(self.folder / path) == (listed.sha256, listed.bytes)

    def refuse_foreign(self, cells: AbstractSet[str]) -> None:
        """See that what was never asked for does not exist yet: this program did not make it.

        Raises:
            InputError: Names what is there; nothing was written.
        """
        unknown = sorted(cells - set(self.manifest.cells))
        foreign = [cell for cell in unknown if os.path.lexists(self.folder / cell)]
        if foreign:
            more = f", ... ({len(foreign)} in all)" if len(foreign) > _NAMED else ""
            raise InputError(
                f"{self.folder} holds {', '.join(foreign[:_NAMED])}{more}, which its manifest does "
                f"not know: nothing was written. Move them away, or choose another --out."
            )

    def begin(self, cells: AbstractSet[str], finished: AbstractSet[str]) -> None:
        """Write what is asked for; the set is incomplete until all of that is listed by `put`.

        Args:
            cells: What this run is to see to.
            finished: Those of them that are there. Of what earlier runs were asked for, a cell
                stays finished while its file, or its list of checksums, exists.
        """
        present = self.manifest
        others = (cell for cell in present.cells if cell not in cells)
        there = {cell for cell in others if (self.folder / present.entry(cell)).is_file()}
        self._write(present.asking(cells, finished | there))

    def write(self, path: str, content: bytes) -> None:
        """Write a small file and list it."""
        write_atomic(self.folder / path, content)
        self.put(path, Stored(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content)))

    def put(self, path: str, stored: Stored) -> None:
        """List a file that is there; the cell is finished that it stands for."""
        self._write(self.manifest.with_file(path, stored))

    def _write(self, manifest: Manifest) -> None:
        if manifest != self.manifest or not (self.folder / "manifest.json").exists():
            write_manifest(self.folder, manifest)
            self.manifest = manifest


def describe(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file."""
    return file_sha256(path), path.stat().st_size


def check_space(folder: Path, needed: int) -> None:
    """Refuse at once what would fill the disk after hours.

    Raises:
        RunError: Names the bytes needed and those free.
    """
    free = free_space(folder)
    if free < needed:
        raise RunError(
            f"The set needs {_amount(needed)} more in {folder}, and {_amount(free)} are free "
            f"there. Make room, choose another --out, or make less with --only or --limit."
        )


def free_space(folder: Path) -> int:
    """Bytes free where a folder is or would be."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def _amount(count: int) -> str:
    """Bytes in words."""
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.2f} MB"


@contextmanager
def full_disk_is_named(path: Path) -> Iterator[None]:
    """Turn failures to write into a message that says how much room there is.

    Raises:
        RunError: In place of ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror or error}. {room(path)}") from error
