"""What an archive may contain: how much, how many, and under which names."""

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

MEMBERS = 2_000_000
"""Files and folders of one archive; the four blurs of ImageNet-C at five severities are 1 M."""

FACTOR = 20
"""Bytes unpacked per byte of archive. Pictures barely shrink, arrays of them by 2 to 5."""

SLACK = 64 * 2**20
"""Bytes that may be unpacked whatever the archive's size."""

DEEPEST = 32  # folders in folders
LONGEST = 250  # bytes of one name; file systems take 255
JUNK = frozenset(("__MACOSX", ".DS_Store"))

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RefusedError(ValueError):
    """An archive holds what no data set needs; the message says what."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may unpack to.

    Attributes:
        size: Bytes.
        members: Files and folders.
    """

    size: int
    members: int = MEMBERS


def limits_for(archive_size: int, size: int | None = None) -> Limits:
    """The limits of an archive of so many bytes, unless the user allows ``size`` bytes."""
    return Limits(FACTOR * archive_size + SLACK if size is None else size)


class Budget:
    """What is left of the `Limits` while an archive, and those inside it, are unpacked."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._size = limits.size
        self._members = limits.members

    def member(self, size: int) -> None:
        """One more member, which says that it has ``size`` bytes.

        Raises:
            RefusedError: Too many, or too large.
        """
        self._members -= 1
        if self._members < 0:
            raise RefusedError(f"it has more than {self.limits.members} members")
        if size < 0:
            raise RefusedError(f"a member says that it has {size} bytes")
        if size > self._size:
            self._too_large()

    def spend(self, size: int) -> None:
        """So many bytes were unpacked.

        Raises:
            RefusedError: Too many together.
        """
        self._size -= size
        if self._size < 0:
            self._too_large()

    def _too_large(self) -> None:
        allowed = f"{self.limits.size / 1e9:.3g} GB"
        raise RefusedError(
            f"it unpacks to more than {allowed}, which is too much for its size; where that is "
            f"right, allow more with --max-size"
        )


class Names:
    """The names that were seen in an archive; each may come once, whatever its capitals."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: dict[str, str] = {}

    def admit(self, raw: str, *, folder: bool, below: PurePosixPath) -> PurePosixPath | None:
        """The path of a member, relative to the folder that it is unpacked in.

        Args:
            raw: As in the archive.
            folder: Whether it is a folder.
            below: Where the members of an archive inside the archive go.

        Returns:
            None for what is passed over: the root itself, and what macOS adds.

        Raises:
            RefusedError: It leaves the folder, could do so on another system, or is there already.
        """
        parts = _parts(raw)
        if not parts or parts[0] in JUNK or parts[-1] in JUNK or parts[-1].startswith("._"):
            return None
        path = below.joinpath(*parts)
        self._admit_folders(path if folder else path.parent, raw)
        if not folder:
            self._admit_file(path, raw)
        return path

    def forget(self, path: PurePosixPath) -> None:
        """An archive inside the archive was unpacked and deleted."""
        self._files.discard(_folded(path))

    def _admit_folders(self, path: PurePosixPath, raw: str) -> None:
        known = str(path)
        if self._folders.get(_folded(path)) == known:
            return
        for one in (path, *path.parents[:-1]):
            key = _folded(one)
            if key in self._files:
                raise RefusedError(f"{raw!r} lies below {str(one)!r}, which is a file")
            if self._folders.setdefault(key, str(one)) != str(one):
                raise RefusedError(f"{raw!r} and {self._folders[key]!r} differ in capitals only")

    def _admit_file(self, path: PurePosixPath, raw: str) -> None:
        key = _folded(path)
        if key in self._files or key in self._folders:
            raise RefusedError(f"{raw!r} is there twice, perhaps with other capitals")
        self._files.add(key)


def _parts(raw: str) -> list[str]:
    """The folders and the name of a member.

    Raises:
        RefusedError: Not a plain path downwards.
    """
    if raw.startswith("/") or _DRIVE.match(raw):
        raise RefusedError(f"{raw!r} is an absolute path")
    if "\\" in raw or _CONTROL.search(raw):
        raise RefusedError(f"{raw!r} has a backslash or a control character in its name")
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise RefusedError(f"{raw!r} leads out of its folder")
    if len(parts) > DEEPEST or any(len(os.fsencode(part)) > LONGEST for part in parts):
        raise RefusedError(f"{raw[:80]!r} is too long or too deep a path")
    return parts


def _folded(path: PurePosixPath) -> str:
    """A path as file systems see it that ignore capitals and the way that accents are written."""
    return unicodedata.normalize("NFC", str(path)).casefold()
