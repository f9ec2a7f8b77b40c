"""The part of a file that was downloaded, and what it is a part of."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from robench.errors import InputError, RunError
from robench.files import read_json, room, write_json

SPARE = 64 * 2**20  # bytes that stay free


class Part:
    """``<name>.part`` with ``<name>.json`` beside it; whoever holds the folder's lock has it.

    Attributes:
        path: The bytes from the first on, without gaps.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._about = path.with_suffix(".json")

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def total(self) -> int | None:
        """Bytes of the whole file, where the server said so."""
        found = self._known().get("total")
        return found if isinstance(found, int) else None

    @property
    def validator(self) -> str | None:
        """What tells the server which version this is a part of; None: it cannot be continued."""
        found = self._known().get("validator")
        return found if isinstance(found, str) and self.size else None

    def forget(self) -> None:
        """Delete it.

        Raises:
            RunError: It cannot be deleted.
        """
        with _as_run_error(self.path):
            self.path.unlink(missing_ok=True)
            self._about.unlink(missing_ok=True)

    def begin(self, validator: str | None, total: int | None) -> None:
        """Begin again, with what the server says of the file.

        Raises:
            RunError: Not writable.
        """
        self.forget()
        write_json(self._about, {"validator": validator, "total": total})

    @contextlib.contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Append to it; what was written stays, whatever happens next.

        Raises:
            RunError: Not writable.
        """
        with _as_run_error(self.path):
            file = self.path.open("ab", buffering=0)
        with file:
            yield file

    def append(self, file: IO[bytes], piece: bytes) -> None:
        """Write all of it.

        Raises:
            RunError: The disk is full.
        """
        with _as_run_error(self.path):
            left = memoryview(piece)
            while left:
                left = left[os.write(file.fileno(), left) :]

    def finish(self, path: Path) -> None:
        """Give it its name, now that it is what was wanted.

        Raises:
            RunError: Not writable.
        """
        with _as_run_error(path), self.path.open("rb+") as file:
            os.fsync(file.fileno())
            self.path.replace(path)
        self.forget()

    def _known(self) -> dict[str, Any]:
        try:
            found = read_json(self._about)
        except InputError:
            return {}  # absent or damaged
        return found if isinstance(found, dict) else {}


def require_space(path: Path, size: int) -> None:
    """Make sure that ``size`` more bytes fit beside a file, and some are left.

    Raises:
        RunError: They do not.
    """
    with _as_run_error(path):
        free = shutil.disk_usage(path.parent).free
    if size + SPARE > free:
        raise RunError(f"{path.parent} needs {size / 1e6:.0f} MB more. {room(path)}")


@contextlib.contextmanager
def _as_run_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror or error}. {room(path)}") from error
