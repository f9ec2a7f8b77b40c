"""Files that are never half-written, and folders that one process holds at a time."""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError, RunError

LONGEST = 240  # bytes of a file name, of the 255 that file systems take
TEMPORARY = ".robench-tmp"  # suffix of files that are not renamed yet
DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile)
"""What reading an ``.npz`` of ours raises where it is damaged."""
_HELD: weakref.WeakSet[io.TextIOWrapper] = weakref.WeakSet()


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its folder, flush it to disk and rename it.

    Raises:
        RunError: The disk is full or not writable; what was there before is untouched.
    """
    _replace(path, lambda file: file.write(content))


def _replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """`write_atomic` of what ``write`` puts into a file."""
    temporary = path.with_name(_temporary(path.name))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise RunError(f"Cannot write {path}: {error.strerror or error}. {room(path)}") from error


def _temporary(name: str) -> str:
    """A name for the file while it is written; a long one is replaced by its hash."""
    ending = f".{os.getpid()}{TEMPORARY}"
    if len(os.fsencode(name)) + len(ending) > LONGEST:
        name = hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()
    return f".{name}{ending}"


def write_json(path: Path, plain: object, indent: int | None = 1) -> None:
    """Write JSON atomically; NaN is refused."""
    text = json.dumps(plain, indent=indent, sort_keys=True, allow_nan=False)
    write_atomic(path, text.encode() + b"\n")


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an ``.npz`` atomically, array by array; errors as for `write_atomic`.

    It is not compressed: logits barely shrink, and it takes long.
    """
    _replace(path, lambda file: np.savez(file, **arrays))  # type: ignore[arg-type]  # of keywords


def room(path: Path) -> str:
    """How much space is left where ``path`` would be, in words."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        return "Choose another folder."
    return f"{free / 1e6:.0f} MB are free there; make room or choose another folder."


def lock(folder: Path) -> io.TextIOWrapper:
    """Make a folder and hold it for this process until the returned file is closed.

    It dies with this process: what is forked from it, such as workers that outlive a kill for some
    seconds, does not hold the lock.

    Raises:
        InputError: Another process is writing there.
        RunError: The folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder / ".lock").open("w")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError(
            f"Another process is writing to {folder}. Wait for it, or use another --out."
        ) from error
    except OSError as error:
        raise RunError(f"Cannot open {folder}: {error.strerror or error}.") from error
    drop_temporary(folder)
    _HELD.add(held)
    return held


def _let_go() -> None:
    """Close the locks that a forked process has got from its parent, which keeps them."""
    for held in list(_HELD):
        held.close()


os.register_at_fork(after_in_child=_let_go)


def drop_temporary(folder: Path) -> None:
    """Delete what a killed process did not get to rename; the lock says that nobody is writing."""
    for path in folder.glob(f".*{TEMPORARY}"):
        path.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """Hex digest of a file.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json(path: Path) -> Any:  # noqa: ANN401  JSON is what it is
    """Read JSON.

    Raises:
        InputError: Absent or damaged.
    """
    try:
        return json.loads(path.read_text())
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}. Delete it and run again.") from error
