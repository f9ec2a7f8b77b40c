"""Whole benchmark sets on disk, made from clean images; any number of processes, the same bytes."""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from robench.datasets.making.arrays import make_arrays
from robench.datasets.making.clean import clean_images
from robench.datasets.making.folders import make_folders
from robench.datasets.making.ledger import Ledger, check_folder, held
from robench.datasets.making.pictures import SIDES, UNSCALED
from robench.datasets.making.pool import available_cores
from robench.datasets.making.recipes import RECIPES
from robench.datasets.making.request import Plan, Request, resolve
from robench.datasets.making.sources import check_sizes, list_of, scan
from robench.datasets.making.writing import FolderWork
from robench.datasets.manifest import Manifest, read_manifest
from robench.errors import InputError
from robench.progress import Progress, Silent

__all__ = ["RECIPES", "Made", "Manifest", "Request", "make_set", "read_manifest"]


@dataclass(frozen=True)
class Made:
    """What there is now.

    Attributes:
        folder: Of the set.
        manifest: Of the set.
        drawn: Images or sequences that this call made; the others were there.
        seconds: That it took.
    """

    folder: Path
    manifest: Manifest
    drawn: int
    seconds: float

    @property
    def files(self) -> int:
        """Files of the set, pictures included."""
        return sum(1 + (stored.pictures or 0) for stored in self.manifest.files.values())

    @property
    def bytes(self) -> int:
        """Their size."""
        stored = self.manifest.files.values()
        return sum(one.bytes + (one.picture_bytes or 0) for one in stored)


def make_set(request: Request, jobs: int | None = None, progress: Progress | None = None) -> Made:
    """Make a corrupted or perturbed set on disk, or finish one that was begun.

    Pixels depend on the clean images, the seed and the generator's version: neither on ``jobs``
    nor on how often the work was cut short. Files that are there and sound are left alone.

    Args:
        request: What.
        jobs: Processes of one thread each; None: as many as there are cores. More than 1 need an
            importable main module, as always with spawned processes.
        progress: Where to report to.

    Raises:
        InputError: The request makes no sense, clean images or textures are missing or damaged, or
            the folder holds something else or is being written to.
        RunError: The disk is or would be full, or a process was killed.
    """
    began = time.monotonic()
    progress = progress or Silent()
    jobs = available_cores() if jobs is None else jobs
    if jobs < 1:
        raise InputError(f"--jobs must be at least 1, got {jobs}.")
    plan = resolve(request)
    make = _arrays if plan.recipe.clean else _folders
    manifest, drawn = make(plan, request, jobs, progress)
    return Made(plan.out, manifest, drawn, time.monotonic() - began)


def _arrays(plan: Plan, request: Request, jobs: int, progress: Progress) -> tuple[Manifest, int]:
    """A set of ``.npy`` files."""
    name = plan.recipe.clean or ""
    data = clean_images(name, request.source, request.data_dir, request.limit)
    wanted = plan.manifest(name, len(data.labels), data.sha256)
    check_folder(plan.out, wanted)
    with held(plan.out):
        ledger = Ledger(plan.out, wanted)
        drawn = make_arrays(ledger, plan.drawing, data, plan.items, jobs, progress)
    return ledger.manifest, drawn


def _folders(plan: Plan, request: Request, jobs: int, progress: Progress) -> tuple[Manifest, int]:
    """A set of picture files."""
    source = request.source
    if source is None or plan.encoding is None:
        raise InputError(f"{request.name} is made from a folder of pictures: name it with --from.")
    pictures = scan(source, plan.recipe.family is not None, request.limit, jobs, progress)
    if plan.prepare == UNSCALED:
        check_sizes(source, pictures, SIDES[UNSCALED])
    listed = hashlib.sha256(list_of(pictures)).hexdigest()
    wanted = plan.manifest(source.resolve().name, len(pictures), listed)
    check_folder(plan.out, wanted)
    work = FolderWork(plan.drawing, source, pictures, plan.prepare, plan.encoding, plan.out)
    with held(plan.out):
        ledger = Ledger(plan.out, wanted)
        drawn = make_folders(ledger, work, plan.items, jobs, progress)
    return ledger.manifest, drawn
