"""Perturbed sets stored as videos, or as folders of frames."""

from pathlib import Path

from corruptions import load_perturbation
from robench.datasets.clips import StoredSequences
from robench.datasets.drawn_cells import open_drawn, refuse_drawn
from robench.datasets.folders import source, spread
from robench.datasets.layouts import imagenet_classes
from robench.datasets.made_folders import refuse_orphans
from robench.datasets.pairing import Named, clean_names, pair
from robench.datasets.sequence_layout import (
    SequenceFiles,
    SequenceFolders,
    find_sequence_folders,
    list_sequences,
    made_sequences,
)
from robench.datasets.sequences import references, stored_name
from robench.datasets.source import CellSource
from robench.datasets.stored import Origin
from robench.datasets.stored_pictures import fitted, shared
from robench.errors import InputError
from robench.types import Cell, EvalSet, Preprocess

DIFFICULTIES = (1, 2, 3)


def sequence_names(entry: EvalSet, data_dir: Path) -> frozenset[str]:
    """The perturbations of a set of which files are there, by `stored_name`.

    Raises:
        InputError: The folder has a damaged manifest.
    """
    found = find_sequence_folders(entry, data_dir)
    return frozenset() if found is None else frozenset(found.perturbations)


def open_sequences(
    entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None, preprocess: Preprocess | None
) -> CellSource:
    """The sequences of one perturbation: the files where they are there, else drawn.

    Hendrycks & Dietterich, ICLR 2019: the published files are videos; all their frames are read as
    they are.

    Args:
        entry: Of layout ``sequences``.
        cell: Of it.
        data_dir: The folder of data sets.
        limit: Take so many, spread evenly, because files are sorted by class.
        preprocess: What the network brings; it matters only where the network takes no other size.

    Raises:
        UnknownNameError: No such perturbation.
        InputError: Nothing to read or to draw from, or not what the set should be.
    """
    if cell.difficulty not in DIFFICULTIES:
        raise InputError(f"{entry.name}: expected a difficulty from 1 to 3, got {cell.difficulty}.")
    name = stored_name(cell.corruption, cell.difficulty)
    found = find_sequence_folders(entry, data_dir)
    if found is None or name not in found.perturbations:
        return open_drawn(entry, cell, data_dir, limit, preprocess)
    files, origin = _files(entry, found, name)
    listing = files.listing
    labels = listing.per_file(imagenet_classes(listing.root, listing.folders))
    named = Named(files.stems, labels)
    pairing = pair(named, clean_names(entry, data_dir), entry.clean or "")
    chosen = spread(len(labels), limit)
    rows = pairing.rows[chosen]
    paths = shared(tuple(listing.paths[row] for row in rows))
    frames = load_perturbation(cell.corruption).frames["imagenet"]
    way, changed = fitted(entry, preprocess)
    read = StoredSequences(listing.root, paths, files.coding, frames, way)
    read(0, 1)  # a set of another length fails now rather than in the middle
    opened = CellSource(
        labels=labels[rows],
        source=origin.source,
        n_expected=max(entry.size, len(labels)),
        read=read,
        references=references(cell.corruption, frames, cell.difficulty),
        positions=pairing.numbers[chosen],
        preprocess=changed,
        work="heavy",
        provenance={**origin.provenance, "pairing": pairing.note},
    )
    if found.made is None and files.coding == "png" and pairing.complete:
        refuse_drawn(entry, cell, data_dir, preprocess, opened, found.root)
    return opened


def _files(entry: EvalSet, found: SequenceFolders, name: str) -> tuple[SequenceFiles, Origin]:
    """The sequences, and where their pixels come from: published, or made by robench."""
    if found.made is not None:
        return made_sequences(found.made, name), found.made.origin(entry, name)
    folder = found.perturbations[name]
    refuse_orphans(found.root, iter((folder,)))
    files = list_sequences(folder)
    return files, Origin({**source(files.listing), "coding": files.coding})
