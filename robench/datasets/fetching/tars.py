"""Reading tar files from front to back, never trusting what they say of themselves."""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from robench.datasets.fetching.limits import Budget, RefusedError
from robench.datasets.fetching.members import CHUNK, Member

HEADER = 2**16
"""Bytes of an extended header (a long name, attributes), which `tarfile` reads as one piece."""

BLOCK = 512
_FILTER = getattr(tarfile, "data_filter", None)  # of Python 3.11.4 and later


class Forward:
    """A stream that `tarfile` reads from front to back, and no more of than is allowed.

    Without it, a header could have gigabytes read into memory, or lead back to an earlier place.

    Attributes:
        last: What was read last.
    """

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._place, self._most = stream, 0, most
        self.last = b""

    def tell(self) -> int:
        """The place, in bytes unpacked."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """A header.

        Raises:
            RefusedError: It is longer than any real one.
        """
        if not 0 <= size <= HEADER:
            raise RefusedError(f"a header of {size} bytes")
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end.

        Raises:
            RefusedError: Damaged, or more than allowed.
        """
        try:
            found = self._stream.read(size)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise RefusedError(f"it is damaged: {error}") from error
        self._place += len(found)
        if self._place > self._most:
            raise RefusedError("it unpacks to more than is allowed, headers included")
        self.last = found
        return found

    def seek(self, place: int, whence: int = 0) -> int:
        """Go on to a place.

        Raises:
            RefusedError: It lies behind.
        """
        if whence or place < self._place:
            raise RefusedError("a header leads back into what was read")
        while self._place < place and self.take(min(CHUNK, place - self._place)):
            pass
        return self._place


def tar_members(path: Path, budget: Budget) -> Iterator[Member]:
    """The files and folders of a tar file, plain or packed with gzip, bzip2 or xz, in order.

    Raises:
        RefusedError: Damaged, too large, or with members that are neither files nor folders.
    """
    most = 2 * budget.limits.size + BLOCK * 4 * 10**4 + HEADER
    with _unpacked(path) as stream:
        source = Forward(stream, most)
        try:
            yield from _members(source)
        except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
            if isinstance(error, RefusedError):
                raise
            raise RefusedError(f"it is damaged: {error}") from error
        if source.last.strip(b"\0"):
            raise RefusedError(f"it is damaged after {source.tell()} bytes (unpacked)")


def _members(source: Forward) -> Iterator[Member]:
    with tarfile.TarFile(fileobj=source, mode="r", errorlevel=2) as tar:  # type: ignore[arg-type]
        while (found := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # it would keep all of them
            _refuse_others(found)
            yield Member(found.name, found.isdir(), found.size, _content(source, found))
            source.last = b""


def _refuse_others(found: tarfile.TarInfo) -> None:
    """Refuse what is neither file nor folder, and what Python's own filter refuses."""
    if found.issym() or found.islnk():
        raise RefusedError(f"{found.name!r} is a link to {found.linkname!r}")
    if not (found.isdir() or found.isreg()) or found.issparse():
        raise RefusedError(f"{found.name!r} is neither a plain file nor a folder")
    if _FILTER is not None and not found.name.startswith("/"):
        try:
            _FILTER(found, "/nowhere")
        except tarfile.FilterError as error:
            raise RefusedError(str(error)) from error


def _content(source: Forward, found: tarfile.TarInfo) -> Iterator[bytes]:
    source.seek(found.offset_data)
    left = found.size
    while left:
        piece = source.take(min(CHUNK, left))
        if not piece:
            raise RefusedError(f"it ends in the middle of {found.name!r}")
        left -= len(piece)
        yield piece


def _unpacked(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        head = file.read(6)
    if head.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(path))
    if head.startswith(b"BZh"):
        return bz2.open(path)
    if head.startswith(b"\xfd7zXZ"):
        return lzma.open(path)
    return path.open("rb")
