"""Archive -> plain files and folders below one folder, and nowhere else."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from robench.datasets.fetching.limits import Budget, Limits, Names, RefusedError
from robench.datasets.fetching.members import Member, kind_of, suffix_of
from robench.datasets.fetching.tars import tar_members
from robench.datasets.fetching.zips import zip_members
from robench.errors import RunError
from robench.files import room
from robench.progress import Progress

HERE = PurePosixPath()
STEP = 1000  # files between two signs of life
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def unpack(archive: Path, into: Path, limits: Limits, progress: Progress) -> int:
    """Unpack a tar or zip file, and the archives directly in it, each into a folder of its name.

    Every file is made anew with the rights 0644, whatever the archive says of owners and rights.

    Args:
        archive: Not to be trusted.
        into: A new or empty folder that nobody else writes to.
        limits: How much it may become.
        progress: Where to report to.

    Returns:
        How many files there are.

    Raises:
        RefusedError: Damaged, or a member is no plain file below the folder; ``into`` then holds
            what was unpacked until there.
        RunError: A file cannot be written.
    """
    work = _Unpacking(into, limits, progress)
    work.unpack(archive, HERE)
    for inner in work.archives:
        work.unpack_inner(inner)
    return work.files


class _Unpacking:
    """One archive and those inside it, which share names and limits."""

    def __init__(self, into: Path, limits: Limits, progress: Progress) -> None:
        self.archives: list[PurePosixPath] = []
        self.files = 0
        self._into, self._progress = into, progress
        self._budget, self._names = Budget(limits), Names()
        self._made: set[Path] = set()

    def unpack(self, archive: Path, below: PurePosixPath) -> None:
        """Write the members of an archive."""
        for member in self._members(archive):
            self._budget.member(member.size)
            path = self._names.admit(member.name, folder=member.folder, below=below)
            if path is None:
                continue
            if member.folder:
                self._folder(self._into / path)
                continue
            self._write(member, self._into / path)
            if below == HERE and suffix_of(path.name) not in ("", path.name):
                self.archives.append(path)

    def unpack_inner(self, path: PurePosixPath) -> None:
        """Replace an archive that was unpacked by the folder of its members."""
        archive = self._into / path
        try:
            kind_of(archive, path.name)
        except RefusedError:
            return  # called so, and something else
        below = path.with_name(path.name[: -len(suffix_of(path.name))])
        self.unpack(archive, below)
        archive.unlink()
        _lift(self._into / below)
        self._names.forget(path)
        self.files -= 1

    def _members(self, archive: Path) -> Iterator[Member]:
        if kind_of(archive, archive.name) == "zip":
            return zip_members(archive)
        return tar_members(archive, self._budget)

    def _folder(self, path: Path) -> None:
        if path in self._made:
            return
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot(path, error) from error
        self._made.add(path)

    def _write(self, member: Member, path: Path) -> None:
        self._folder(path.parent)
        try:
            descriptor = os.open(path, _NEW, 0o644)
        except OSError as error:
            raise _cannot(path, error) from error
        with open(descriptor, "wb", buffering=0) as file:  # noqa: PTH123  it is open already
            for piece in member.content:
                self._budget.spend(len(piece))
                _put(file.fileno(), piece, path)
        self.files += 1
        if self.files % STEP == 0:
            self._progress.advance(STEP)


def _lift(folder: Path) -> None:
    """Make of ``blur/blur/`` one ``blur/``: an archive may hold the folder that it is called by."""
    inner = folder / folder.name
    if inner.is_dir() and len(list(folder.iterdir())) == 1:
        aside = inner.rename(folder.with_name(f".{folder.name}.lifted"))
        folder.rmdir()
        aside.rename(folder)


def _put(descriptor: int, piece: bytes, path: Path) -> None:
    """Write all of it."""
    left = memoryview(piece)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError as error:
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> RunError:
    return RunError(f"Cannot write {path}: {error.strerror or error}. {room(path)}")
