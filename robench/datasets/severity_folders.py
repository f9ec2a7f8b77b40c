"""Corrupted sets stored as class folders of pictures per corruption and severity."""

from pathlib import Path
from typing import Any

from robench.datasets.corrupted import severities
from robench.datasets.drawn_cells import drawable, open_drawn, refuse_drawn
from robench.datasets.folders import source, spread
from robench.datasets.layouts import Listing, imagenet_classes, list_classes
from robench.datasets.made_folders import refuse_orphans
from robench.datasets.pairing import Named, clean_names, pair, stem
from robench.datasets.regenerated import names
from robench.datasets.severity_layout import (
    SeverityFolders,
    find_severity_folders,
    incomplete,
)
from robench.datasets.source import CellSource
from robench.datasets.stored import Origin
from robench.datasets.stored_pictures import SIDE, StoredPictures, fitted, shared, stored_size
from robench.errors import InputError
from robench.types import Cell, EvalSet, Preprocess


def severity_names(entry: EvalSet, data_dir: Path) -> frozenset[str]:
    """The corruptions of a set of which files are there, at all severities that it has.

    Raises:
        InputError: The folder has a damaged manifest.
    """
    found = find_severity_folders(entry, data_dir)
    return frozenset(name for name in names(entry) if _is_complete(entry, found, name))


def _is_complete(entry: EvalSet, found: SeverityFolders | None, corruption: str) -> bool:
    """Whether all severities of a corruption are there."""
    return found is not None and set(severities(entry)) <= set(found.there(corruption))


def open_severity(
    entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None, preprocess: Preprocess | None
) -> CellSource:
    """The pictures of one corruption and severity: the files where they are there, else drawn.

    Hendrycks & Dietterich, ICLR 2019: the published files have 224x224 pixels and are read as they
    are, with nothing but the centre crop of that size.

    Args:
        entry: Of layout ``severities``.
        cell: Of it.
        data_dir: The folder of data sets.
        limit: Take so many, spread evenly, because files are sorted by class.
        preprocess: What the network brings; it matters only where the network takes no other size.

    Raises:
        UnknownNameError: No such corruption.
        InputError: Nothing to read or to draw from, or not what the set should be.
    """
    if cell.severity not in severities(entry):
        expected = " or ".join(map(str, severities(entry)))
        raise InputError(f"{entry.name}: expected severity {expected}, got {cell.severity}.")
    found = find_severity_folders(entry, data_dir)
    if found is None or not _is_complete(entry, found, cell.corruption):
        _refuse_incomplete(entry, cell, data_dir)
        return open_drawn(entry, cell, data_dir, limit, preprocess)
    listing = list_classes(found.cells[cell.corruption, cell.severity])
    labels = listing.per_file(imagenet_classes(listing.root, listing.folders))
    files = Named([stem(path) for path in listing.paths], labels)
    pairing = pair(files, clean_names(entry, data_dir), entry.clean or "")
    chosen = spread(len(labels), limit)
    rows = pairing.rows[chosen]
    way, changed = fitted(entry, preprocess)
    paths = shared(tuple(listing.paths[row] for row in rows))
    read = StoredPictures(listing.root, paths, stored_size(listing.root / paths[0]), way)
    origin = _origin(entry, found, cell, listing)
    opened = CellSource(
        labels=labels[rows],
        source=origin.source | _unlike(read.size),
        n_expected=max(entry.size, len(labels)),
        read=read,
        positions=pairing.numbers[chosen],
        preprocess=changed,
        work="heavy",
        provenance=origin.provenance | {"pairing": pairing.note} | _magnitude(found, cell),
    )
    if found.made is None and pairing.complete:
        refuse_drawn(entry, cell, data_dir, preprocess, opened, found.root)
    return opened


def _refuse_incomplete(entry: EvalSet, cell: Cell, data_dir: Path) -> None:
    """Say what is missing of a corruption that is there in part and cannot be drawn either."""
    reason = incomplete(entry, data_dir).get(cell.corruption)
    if reason and cell.corruption not in drawable(entry, data_dir):
        raise InputError(f"{entry.name}: {reason}.")


def _origin(entry: EvalSet, found: SeverityFolders, cell: Cell, listing: Listing) -> Origin:
    """Where the pixels come from: published files, or those that robench made."""
    made = found.made
    if made is None:
        refuse_orphans(found.root, iter((listing.root,)))
        return Origin(source(listing))
    name = f"{cell.corruption}/{cell.severity}"
    listed = made.manifest.files[made.manifest.entry(name)]
    if sorted(made.paths(name)) != sorted(listing.paths) or sum(listing.sizes) != (
        listed.picture_bytes
    ):
        raise InputError(
            f"{listing.root} does not hold the {listed.pictures} pictures of "
            f"{listed.picture_bytes} bytes that robench made. Run robench data make "
            f"{made.manifest.set} again."
        )
    return made.origin(entry, name)


def _unlike(size: tuple[int, int]) -> dict[str, Any]:
    """What a passport says of files that are larger than the published ones."""
    return {} if size == (SIDE, SIDE) else {"stored": f"{size[0]}x{size[1]}"}


def _magnitude(found: SeverityFolders, cell: Cell) -> dict[str, Any]:
    """The number that C-bar calls severity, where the folder is named by it."""
    value = found.magnitudes.get((cell.corruption, cell.severity))
    return {} if value is None else {"magnitude": value}
