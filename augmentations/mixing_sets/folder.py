"""A mixing set on disk.

    manifest.json  pictures-256.npy  pictures-36.npy  attempts.npy

The manifest is written last, so a set without one does not count. Beside them lie ``.lock``, and
``work/`` with the files of a set that is being made (see ``work.py``).
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from augmentations.mixing_sets.quality import SMALL_SIDE

MANIFEST, ATTEMPTS, WORK, LOCK = "manifest.json", "attempts.npy", "work", ".lock"
_MANIFEST_TYPES = {"title": str, "name": str, "size": int, "networks": str, "n": int, "files": dict}
Facts = Mapping[str, Any]


def pictures_name(side: int) -> str:
    """Name of the file of pictures of ``side`` pixels."""
    return f"pictures-{side}.npy"


def file_names(size: int) -> tuple[str, str, str]:
    """The files of a set: its pictures, the same shrunk, and which attempt each of them was."""
    return pictures_name(size), pictures_name(SMALL_SIDE), ATTEMPTS


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a set.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is damaged, or none of ours.
    """
    found = read_object(folder / MANIFEST)
    for key, kind in _MANIFEST_TYPES.items():
        if not isinstance(found.get(key), kind):
            raise ValueError(f"{folder / MANIFEST} has no entry {key!r}: make the set again")  # noqa: TRY004
    return found


def is_made(folder: Path) -> bool:
    """Whether a set was made in this folder; pictures with a manifest of their own are none."""
    return (folder / MANIFEST).exists() and (folder / ATTEMPTS).exists()


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        FileNotFoundError: No such file.
        ValueError: It is damaged.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}): make the set again") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} is damaged (expected an object): make the set again")  # noqa: TRY004
    return found


def write_object(path: Path, facts: Facts) -> None:
    """Write JSON under another name and rename it, so that it is there whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(facts, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def is_intact(folder: Path, manifest: Facts) -> bool:
    """Whether every file is, byte for byte, what the manifest says."""
    try:
        return all(
            _sha256(folder / name) == facts["sha256"] for name, facts in manifest["files"].items()
        )
    except (OSError, KeyError, TypeError, AttributeError):
        return False


def publish(folder: Path) -> None:
    """Put a set that is complete in ``work/`` in its place; nothing happens where there is none.

    The manifest goes last. Where a kill came in between, the next call does the rest.
    """
    work = folder / WORK
    if not (work / MANIFEST).exists():
        return
    for name in read_object(work / MANIFEST)["files"]:
        if (work / name).exists():
            (work / name).replace(folder / name)
    (work / MANIFEST).replace(folder / MANIFEST)
    shutil.rmtree(work)


@contextmanager
def held(folder: Path, *, wait: bool) -> Iterator[None]:
    """Make a folder and keep other processes from writing to it.

    Args:
        folder: Made when absent.
        wait: Whether to wait for a process that is at it.

    Raises:
        BlockingIOError: Another process is writing there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            text = "another process is making this set"
            raise BlockingIOError(error.errno, text, str(folder)) from error
        yield


def _sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
