"""Reading zip files, never trusting what they say of themselves."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from robench.datasets.fetching.limits import RefusedError
from robench.datasets.fetching.members import CHUNK, Member

PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others are rare, and a few bytes of theirs can fill the memory in one step."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError)


def zip_members(path: Path) -> Iterator[Member]:
    """The files and folders of a zip file, in the order of its list.

    Raises:
        RefusedError: Damaged, encrypted, or with members that are neither files nor folders.
    """
    try:
        pack = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise RefusedError(f"it is damaged: {error}") from error
    with pack:
        for info in pack.infolist():
            _refuse_others(info)
            content = _content(pack, info)
            yield Member(info.orig_filename, info.is_dir(), info.file_size, content)


def _refuse_others(info: zipfile.ZipInfo) -> None:
    """Refuse what is neither file nor folder, or cannot be read safely."""
    name = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise RefusedError(f"{name!r} is a link")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise RefusedError(f"{name!r} is neither a plain file nor a folder")
    if info.flag_bits & 1:
        raise RefusedError(
            f"{name!r} is encrypted; unpack the archive by hand, with the password that its "
            f"publishers give, into the data folder"
        )
    if info.compress_type not in PACKINGS:
        raise RefusedError(f"{name!r} is packed by method {info.compress_type}; unpack it by hand")


def _content(pack: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with pack.open(info) as file:
            while piece := file.read(CHUNK):
                yield piece
    except _DAMAGE as error:
        raise RefusedError(f"{info.orig_filename!r} is damaged: {error}") from error
