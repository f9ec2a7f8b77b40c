"""What is read from archives of either kind, and how to tell the kinds apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from robench.datasets.fetching.limits import RefusedError

Kind = Literal["tar", "zip", "array"]
CHUNK = 2**20  # bytes
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".zip")
ARRAYS = (".npy", ".npz")

_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")  # gzip, bzip2, xz
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Member:
    """A file or a folder in an archive.

    Attributes:
        name: As in the archive, not to be trusted.
        folder: Whether it is a folder.
        size: Bytes, as the archive says.
        content: The bytes of a file, piece by piece; to be read before the next member is asked
            for.
    """

    name: str
    folder: bool
    size: int
    content: Iterator[bytes]


def kind_of(path: Path, name: str) -> Kind:
    """What a file is, by its first bytes (a packed one is taken for a tar).

    Args:
        path: The file.
        name: What it is called; ``.npz`` files are zip files by content.

    Raises:
        RefusedError: Neither an archive nor an array.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if name.lower().endswith(ARRAYS) and head.startswith((b"\x93NUMPY", *_ZIP)):
        return "array"
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_PACKED) or _is_tar(head):
        return "tar"
    page = "; it looks like a web page" if head.lstrip()[:1] == b"<" else ""
    raise RefusedError(
        f"it is neither a tar (plain, gzip, bzip2 or xz) nor a zip file nor an array{page}"
    )


def suffix_of(name: str) -> str:
    """The ending of an archive's name, empty if it has none."""
    return next((end for end in ARCHIVES if name.lower().endswith(end)), "")


def _is_tar(head: bytes) -> bool:
    """Whether a header's checksum, six octal digits at 148, is that of the header."""
    if len(head) < 512:
        return False
    try:
        stated = int(head[148:156].strip(b"\0 "), 8)
    except ValueError:
        return False
    return stated == sum(head[:148]) + 8 * 0x20 + sum(head[156:])
