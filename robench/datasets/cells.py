"""From the key of a number to the pixels behind it."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from corruptions import PERTURBATIONS
from robench.datasets import generated, regenerated, stored
from robench.datasets.catalogue import find
from robench.datasets.folders import open_folder
from robench.datasets.mapped import MappedImages
from robench.datasets.official import SEVERITIES
from robench.datasets.presence import archived, stored_labels, why_absent
from robench.datasets.reading import READERS, load_test
from robench.datasets.sequence_folders import open_sequences
from robench.datasets.sequences import references, stored_name
from robench.datasets.severity_folders import open_severity
from robench.datasets.source import CellSource
from robench.errors import InputError, UnknownNameError
from robench.registry import unknown
from robench.types import Cell, EvalSet, Images, Preprocess

DIFFICULTIES = (1, 2, 3)
INSIDE_PER_OUTSIDE = 5


def open_cell(
    cell: Cell,
    data_dir: Path,
    limit: int | None = None,
    *,
    preprocess: Preprocess | None = None,
    own: Sequence[EvalSet] = (),
) -> CellSource:
    """Find the images of a cell; they are read block by block.

    Args:
        cell: What is measured; ``against`` makes it an anomaly cell, ``attack`` changes nothing.
        data_dir: The folder of data sets.
        limit: Take so many images: of arrays the first, of picture files, which are sorted by
            class, evenly spread ones. In an anomaly cell of small images it limits the
            in-distribution set, and one picture is taken for every five of its images (at least
            one).
        preprocess: The way of a network that brings its own; for pictures that have sizes of their
            own, and for networks that take no size but one.
        own: Sets that no list has.

    Raises:
        UnknownNameError: No such set or corruption.
        InputError: Data are missing or damaged, or the cell makes no sense.
    """
    if limit is not None and limit < 1:
        raise InputError(f"--limit must be at least 1, got {limit}.")
    entry = find(cell.evalset, own)
    if entry.role == "ood" and not cell.against:
        raise InputError(f"{entry.name} has no labels: it needs a set to be compared with.")
    if entry.layout in ("classes", "edits"):
        return open_folder(entry, data_dir, limit, preprocess, cell.corruption)
    if entry.layout != "arrays":
        opens = open_severity if entry.layout == "severities" else open_sequences
        return opens(entry, cell, data_dir, limit, preprocess)
    if cell.against:
        return _anomaly(entry, find(cell.against, own), data_dir, limit)
    return _arrays(entry, cell, data_dir, limit)


def _arrays(entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None) -> CellSource:
    """Labelled images in memory or mapped from files."""
    if entry.role == "corrupted":
        return _corrupted(entry, cell, data_dir, limit)
    if entry.role == "perturbed":
        return _perturbed(entry, cell, data_dir, limit)
    return _clean(entry, data_dir, limit)


def _clean(entry: EvalSet, data_dir: Path, limit: int | None) -> CellSource:
    """The test images themselves."""
    data = load_test(entry.name, data_dir)
    read = _from_memory(data.images)
    return CellSource(data.labels[:limit], READERS[entry.name].source(data), entry.size, read)


def _from_memory(images: Images) -> Callable[[int, int], Images]:
    return lambda start, stop: images[start:stop]


def _corrupted(entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None) -> CellSource:
    """The official file where it is there, else made from the clean images."""
    if cell.severity not in range(1, SEVERITIES + 1):
        raise InputError(f"{entry.name}: expected a severity from 1 to 5, got {cell.severity}.")
    official = archived(entry, data_dir)
    if cell.corruption in official:
        return _from_archive(entry, cell, data_dir, limit)
    known = regenerated.names(entry)
    if cell.corruption not in known:
        raise UnknownNameError(unknown({*known, *official}, cell.corruption, "corruption"))
    if cell.corruption not in regenerated.drawable(entry, data_dir):
        raise InputError(f"{entry.name}: {why_absent(entry, cell.corruption, data_dir)}.")
    clean = load_test(entry.clean or "", data_dir)
    read = regenerated.Drawn(clean.images, entry.family, cell, data_dir)
    source = regenerated.source(entry)
    return CellSource(clean.labels[:limit], source, entry.size, read, work="heavy")


def _from_archive(entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None) -> CellSource:
    """One severity of a file."""
    files, labels = stored_labels(entry, data_dir)
    images = files.images(cell.corruption, len(labels))[cell.severity - 1]
    origin = stored.origin(entry, files, cell.corruption)
    read = MappedImages(images)
    return CellSource(labels[:limit], origin.source, entry.size, read, provenance=origin.provenance)


def _perturbed(entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None) -> CellSource:
    """The official sequences where they are there, else made from the clean images."""
    if cell.difficulty not in DIFFICULTIES:
        raise InputError(f"{entry.name}: expected a difficulty from 1 to 3, got {cell.difficulty}.")
    name = stored_name(cell.corruption, cell.difficulty)
    if name in archived(entry, data_dir):
        files, labels = stored_labels(entry, data_dir)
        images = files.images(name, len(labels))
        compared = references(cell.corruption, images.shape[1], cell.difficulty)
        origin = stored.origin(entry, files, name)
        return CellSource(
            labels[:limit],
            origin.source,
            entry.size,
            MappedImages(images),
            compared,
            provenance=origin.provenance,
        )
    if cell.corruption not in PERTURBATIONS:
        raise UnknownNameError(unknown(PERTURBATIONS, cell.corruption, "perturbation"))
    clean = load_test(entry.clean or "", data_dir)
    read = regenerated.DrawnFilms(clean.images, entry.family, cell)
    compared = references(cell.corruption, read(0, 1).shape[1], cell.difficulty)
    source = regenerated.source(entry)
    return CellSource(clean.labels[:limit], source, entry.size, read, compared, work="heavy")


def _anomaly(entry: EvalSet, inside: EvalSet, data_dir: Path, limit: int | None) -> CellSource:
    """One out-of-distribution picture for every five in-distribution images."""
    measured = inside.size if limit is None else min(limit, inside.size)
    size, complete = (max(1, n // INSIDE_PER_OUTSIDE) for n in (measured, inside.size))
    labels = np.full(size, -1, dtype=np.int64)
    ratio = {"in_per_out": INSIDE_PER_OUTSIDE}
    if entry.name in generated.GENERATORS:
        source = {"kind": "generated", "seed": generated.SEED, "version": generated.VERSION}
        source |= generated.REMARKS.get(entry.name, {})
        read = _generator(entry.name)
        return CellSource(labels, {**source, **ratio}, complete, read)
    data = load_test(entry.name, data_dir)
    if entry.name == inside.name or len(data.labels) < complete:
        raise InputError(
            f"{entry.name} cannot serve as anomalies for {inside.name}: expected another set with "
            f"at least {complete} images, got {len(data.labels)}."
        )
    source = {**READERS[entry.name].source(data), **ratio}
    return CellSource(labels, source, complete, _from_memory(data.images))


def _generator(name: str) -> Callable[[int, int], Images]:
    return partial(generated.pictures, name)
