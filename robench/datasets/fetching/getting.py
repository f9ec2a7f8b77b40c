"""`get_set`: an archive, from the web or from here, becomes a data set, whole or not at all."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from robench.datasets import presence
from robench.datasets.catalogue import DATASETS
from robench.datasets.fetching.addresses import file_name, shown
from robench.datasets.fetching.advice import hint, how_to, needless, there
from robench.datasets.fetching.arranging import arrange
from robench.datasets.fetching.download import download, partial
from robench.datasets.fetching.job import (
    READY,
    UNPACKING,
    Job,
    Request,
    checked,
    local_job,
    required,
)
from robench.datasets.fetching.limits import RefusedError, limits_for
from robench.datasets.fetching.members import kind_of
from robench.datasets.fetching.partial import require_space
from robench.datasets.fetching.placing import TREE, is_placed, note_placed, place, write_plan
from robench.datasets.fetching.single_files import stage_file
from robench.datasets.fetching.unpacking import unpack
from robench.errors import InputError, RunError
from robench.files import file_sha256, lock
from robench.progress import Progress, Silent
from robench.registry import lookup

DOWNLOADS = ".downloads"


def get_set(request: Request, progress: Progress | None = None) -> str:
    """Download a data set where that is asked for, unpack it, and put it into the data folder.

    Args:
        request: What.
        progress: Where to report to.

    Returns:
        What was done, for people.

    Raises:
        UnknownNameError: No such set.
        InputError: The address or checksum is missing or wrong, or the archive is not the set.
        RunError: The connection or the disk failed; the same call goes on from there.
    """
    progress = progress or Silent()
    entry = lookup(DATASETS, request.name, "data set")
    reason = needless(entry)
    if reason:
        return reason
    url = request.url or entry.url
    given = checked(request)
    if request.source is None and url is None:
        reason = there(entry, request.data_dir, more=False)
        if reason:
            return reason
        raise InputError(how_to(entry, request.data_dir))
    folder = request.data_dir / DOWNLOADS / re.sub(r"[^A-Za-z0-9.-]+", "-", entry.folder or "")
    half_done = any(path.suffix in (READY, UNPACKING) for path in folder.glob("*"))
    reason = None if half_done else there(entry, request.data_dir, more=True)
    if reason:
        return reason
    if request.source is not None:
        job = local_job(request, entry, folder, given)
    else:
        job = Job(request, entry, folder, given or required(entry), file_name(url or ""))
    with _held(folder):
        return _carry_out(job, url, progress)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the folder of this set, without what a killed process was unpacking there."""
    try:
        held = lock(folder)
    except InputError as error:
        raise InputError(f"Another process is getting this set ({folder}). Wait for it.") from error
    with held:
        for path in folder.glob(f"*{UNPACKING}"):
            shutil.rmtree(path, ignore_errors=True)
        yield


def _carry_out(job: Job, url: str | None, progress: Progress) -> str:
    """Whatever of it a process before this one has not done."""
    data_dir = job.request.data_dir
    if not job.ready.is_dir():
        reason = there(job.entry, data_dir, more=True)
        if reason is None and is_placed(job.folder, job.digest, data_dir):
            reason = f"What {job.file} holds is in {data_dir} already; nothing was done."
        if reason:
            return reason
        _prepare(job, _archive(job, url, progress), progress)
    try:
        plan = place(job.ready, data_dir)
        note_placed(job.folder, job.digest, plan)
    except InputError:
        _drop(job)
        raise
    if not job.request.keep_archive:
        job.archive.unlink(missing_ok=True)
    _drop(job)
    return _summary(job, data_dir / plan["target"])


def _drop(job: Job) -> None:
    """Delete what was unpacked; a process that is killed here leaves no half of it as `ready`."""
    shutil.rmtree(job.ready.rename(job.work))


def _archive(job: Job, url: str | None, progress: Progress) -> Path:
    """The file, downloaded if it is not here, with the right checksum."""
    if job.request.source is not None:
        return job.request.source
    if not job.archive.is_file():
        part = partial(job.folder, job.digest)
        progress.say(f"{shown(url or '')} -> {part.path}")
        download(url or "", part, progress)
        part.finish(job.archive)
    progress.say("comparing the SHA-256")
    found = file_sha256(job.archive)
    if found != job.digest:
        aside = job.archive.replace(job.folder / f"{found[:16]}.archive")
        raise InputError(
            f"{shown(url or '')}: expected the SHA-256 {job.digest}, got {found}. Nothing was "
            f"unpacked. The file is kept as {aside}: delete it, unless --sha256 was mistaken."
        )
    return job.archive


def _prepare(job: Job, archive: Path, progress: Progress) -> None:
    """Unpack and arrange the files in a place of their own, which then gets the name `ready`."""
    work, content, tree = job.work, job.work / "content", job.work / TREE
    try:
        size = archive.stat().st_size
        require_space(job.ready, size)
        content.mkdir(parents=True)
        tree.mkdir()
        if kind_of(archive, job.file) == "array":
            target = stage_file(job.entry, archive, job.file, tree)
        else:
            progress.start("unpacking (files)", 0)
            unpack(archive, content, limits_for(size, job.request.max_size), progress)
            target = arrange(job.entry, content, tree)
        write_plan(work, job.entry, target, job.file)
        work.rename(job.ready)
    except RefusedError as error:
        kept = "" if job.request.source else f" The archive is kept: {archive}."
        raise InputError(
            f"{job.file} is refused: {error}. Nothing was put into the data folder.{kept} "
            f"{hint(job.entry)}".rstrip()
        ) from error
    except OSError as error:
        raise RunError(f"Cannot unpack {archive}: {error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _summary(job: Job, folder: Path) -> str:
    """Where it is, and what is wrong or missing."""
    reason = presence.absent(job.entry, job.request.data_dir)
    kept = f"\nThe archive is kept: {job.archive}" if job.archive.exists() else ""
    remark = f"\nNot complete or not as expected yet: {reason}" if reason else ""
    return f"{folder}: what {job.file} holds is there (SHA-256 {job.digest}).{kept}{remark}"
