"""Cells of corrupted and perturbed sets that are drawn from a folder of clean pictures."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from corruptions import PERTURBATIONS, load_perturbation
from robench.datasets import regenerated
from robench.datasets.catalogue import DATASETS
from robench.datasets.drawn_pictures import (
    CleanFiles,
    DrawnPictures,
    DrawnSequences,
    drawn_source,
)
from robench.datasets.folders import labelled_files, missing_folder, spread
from robench.datasets.layouts import find_root
from robench.datasets.made_folders import orphan
from robench.datasets.sequences import references
from robench.datasets.source import CellSource
from robench.datasets.stored_pictures import fitted, shared
from robench.errors import InputError, UnknownNameError
from robench.registry import unknown
from robench.types import Cell, EvalSet, Images, Preprocess


def drawable(entry: EvalSet, data_dir: Path) -> frozenset[str]:
    """What can be drawn now: nothing without the clean pictures, no frost without textures."""
    if find_root(DATASETS[entry.clean or ""], data_dir) is None:
        return frozenset()
    if entry.role == "perturbed":
        return frozenset(PERTURBATIONS)
    return regenerated.drawable(entry, data_dir)


def open_drawn(
    entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None, own: Preprocess | None
) -> CellSource:
    """A cell whose pixels are made when they are read.

    Args:
        entry: A corrupted or perturbed set of picture files.
        cell: Of it.
        data_dir: The folder of data sets.
        limit: Take so many, spread evenly.
        own: What the network brings.

    Raises:
        UnknownNameError: No such corruption.
        InputError: Clean pictures or textures are missing.
    """
    _check(entry, cell, data_dir)
    listing, labels = labelled_files(DATASETS[entry.clean or ""], data_dir)
    chosen = spread(len(listing.paths), limit)
    paths = shared(tuple(listing.paths[number] for number in chosen))
    clean = CleanFiles(listing.root, paths, chosen)
    way, changed = fitted(entry, own)
    read: DrawnPictures | DrawnSequences
    compared = None
    if entry.role == "perturbed":
        frames = load_perturbation(cell.corruption).frames["imagenet"]
        compared = references(cell.corruption, frames, cell.difficulty)
        read = DrawnSequences(clean, entry.family, cell.corruption, cell.difficulty, way)
    else:
        read = DrawnPictures(clean, entry.family, cell.corruption, cell.severity, data_dir, way)
    return CellSource(
        labels=labels[chosen],
        source=drawn_source(entry, listing.sha256, len(listing.paths)),
        n_expected=max(entry.size, len(listing.paths)),
        read=read,
        references=compared,
        positions=chosen,
        preprocess=changed,
        work="heavy",
    )


def refuse_drawn(
    entry: EvalSet,
    cell: Cell,
    data_dir: Path,
    own: Preprocess | None,
    stored: CellSource,
    root: Path,
) -> None:
    """Refuse files without a manifest that are drawn here with seed 0: nobody else has these.

    Args:
        entry: The set.
        cell: Of it; only what draws random numbers can be told, by its first picture.
        data_dir: The folder of data sets, with the clean pictures.
        own: What the network brings.
        stored: The files, numbered as the clean pictures.
        root: The folder that they lie in.

    Raises:
        InputError: They are ours.
    """
    if cell.corruption not in _random_names(entry):
        return
    drawn = open_drawn(entry, cell, data_dir, None, own)
    number = int(stored.indices[0])
    ours = drawn.read(number, number + 1)
    if np.array_equal(ours, stored.read(0, 1)) and _by_chance(drawn, number, ours):
        raise orphan(root, f"the first picture of {cell.slug}")


def _by_chance(drawn: CellSource, number: int, pixels: Images) -> bool:
    """Whether other random numbers give other pixels: fog leaves a black picture black."""
    read = cast("DrawnPictures | DrawnSequences", drawn.read)
    others = replace(read, clean=replace(read.clean, numbers=read.clean.numbers + 1))
    return not np.array_equal(others(number, number + 1), pixels)


def _random_names(entry: EvalSet) -> frozenset[str]:
    """What draws random numbers and needs nothing but the clean pictures."""
    if entry.role == "perturbed":
        return frozenset(name for name in PERTURBATIONS if load_perturbation(name).stochastic)
    return regenerated.random_names(entry)


def _check(entry: EvalSet, cell: Cell, data_dir: Path) -> None:
    """The corruption is known, and what it is drawn from is there."""
    perturbed = entry.role == "perturbed"
    known = tuple(PERTURBATIONS) if perturbed else regenerated.names(entry)
    if cell.corruption not in known:
        kind = "perturbation" if perturbed else "corruption"
        raise UnknownNameError(unknown(known, cell.corruption, kind))
    clean = DATASETS[entry.clean or ""]
    if find_root(clean, data_dir) is None:
        raise InputError(
            f"{entry.name}: {cell.corruption} is not in {data_dir / (entry.folder or '')}; to draw "
            f"it, {missing_folder(clean, data_dir)}"
        )
    if cell.corruption not in drawable(entry, data_dir):
        raise InputError(
            f"{entry.name}: {cell.corruption} needs its textures in {data_dir / cell.corruption}: "
            f"robench data get {cell.corruption} --data-dir {data_dir}."
        )
