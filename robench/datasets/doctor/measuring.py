"""How much of a set is there: counted with bounded work, estimated where it is large."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from robench.datasets import tiny
from robench.datasets.class_lists import class_mask, objectnet_name
from robench.datasets.corrupted import severities
from robench.datasets.doctor.members import core
from robench.datasets.doctor.placing import anywhere
from robench.datasets.doctor.tree import names_in, scan_tree
from robench.datasets.new_cifar import RELEASES
from robench.datasets.official import open_array
from robench.datasets.sequence_layout import find_sequence_folders
from robench.datasets.severity_layout import find_severity_folders
from robench.types import EvalSet


@dataclass(frozen=True)
class Measured:
    """How much of a set is there.

    Attributes:
        said: Found of expected, in words.
        bytes: On disk.
        about: Whether that is an estimate.
        complete: Whether nothing that was counted is missing.
    """

    said: str
    bytes: int
    about: bool
    complete: bool


def measured(entry: EvalSet, place: Path) -> Measured:
    """Count a set.

    Args:
        entry: The set.
        place: The folder that it lies in.

    Raises:
        InputError: It cannot be read.
    """
    if entry.layout == "classes":
        return _classes(entry, place)
    if entry.layout == "edits":
        return _edits(entry, place)
    if entry.layout == "severities":
        return _severities(entry, place)
    if entry.layout == "sequences":
        return _sequences(entry, place)
    return _members(entry, place) if entry.clean else _files(entry, place)


def _classes(entry: EvalSet, place: Path) -> Measured:
    """All file names and sizes."""
    tree = scan_tree(place)
    if entry.mask == "objectnet":
        known = class_mask("objectnet").names
        folders = (one.name for one in tree.folders)
        tree = tree.only([name for name in folders if objectnet_name(name) in known])
    said = f"{tree.total:,} of {entry.size:,}"
    return Measured(said, tree.bytes, about=False, complete=tree.total == entry.size)


def _edits(entry: EvalSet, place: Path) -> Measured:
    trees = [scan_tree(place / name) for name in names_in(place)[0]]
    totals = [tree.total for tree in trees if tree.total]
    said = f"{len(totals)} edits, up to {max(totals):,} of {entry.size:,} each"
    size = sum(tree.bytes for tree in trees)
    complete = set(totals) == {entry.size}
    return Measured(said, size, about=False, complete=complete)


def _severities(entry: EvalSet, place: Path) -> Measured:
    """The folders of the cells, and the files of the first class of the first cell."""
    found = find_severity_folders(anywhere(entry), place)
    cells = {} if found is None else dict(found.cells)
    wanted = [(name, level) for name in core(entry) for level in severities(entry)]
    there = [cell for cell in wanted if cell in cells]
    others = 0 if entry.name == "imagenet-c-lite" else len(cells) - len(there)
    extra = f", and {others} others" if others else ""
    size = _first_class(cells[there[0]]) * len(cells) if there else 0
    said = f"{len(there)} of {len(wanted)} cells{extra}"
    return Measured(said, size, about=True, complete=len(there) == len(wanted))


def _sequences(entry: EvalSet, place: Path) -> Measured:
    """The folders of the perturbations, and the files of the first class of one."""
    found = find_sequence_folders(anywhere(entry), place)
    folders = {} if found is None else dict(found.perturbations)
    there = [name for name in core(entry) if name in folders]
    size = _first_class(folders[there[0]]) * len(folders) if there else 0
    said = f"{len(there)} of {len(core(entry))} perturbations"
    return Measured(said, size, about=True, complete=len(there) == len(core(entry)))


def _first_class(folder: Path) -> int:
    """Bytes of a cell, if all of its classes were as large as the first."""
    names = names_in(folder)[0]
    return _bytes(folder / names[0]) * len(names) if names else 0


def _bytes(folder: Path) -> int:
    """Size of the files in a folder, and of those in folders in it."""
    total = 0
    with os.scandir(folder) as inside:
        for one in inside:
            if one.is_dir():
                with os.scandir(one.path) as frames:
                    total += sum(frame.stat().st_size for frame in frames)
            else:
                total += one.stat().st_size
    return total


def _members(entry: EvalSet, place: Path) -> Measured:
    """Files of arrays; only the header of the first is read."""
    paths = {path.stem: path for path in place.glob("[!.]*.npy")}
    there = [name for name in core(entry) if name in paths]
    others = len(paths.keys() - {"labels"}) - len(there)
    extra = f", and {others} others" if others else ""
    rows = f" of {len(open_array(paths[there[0]])):,} rows" if there else ""
    said = f"{len(there)} of {len(core(entry))} files{rows}{extra}"
    size = sum(path.stat().st_size for path in paths.values())
    return Measured(said, size, about=False, complete=len(there) == len(core(entry)))


def _files(entry: EvalSet, place: Path) -> Measured:
    """The files of a small set, which is there whole or not at all."""
    size = sum(path.stat().st_size for path in _listed(entry, place))
    return Measured(f"{entry.size:,} of {entry.size:,}", size, about=False, complete=True)


def _listed(entry: EvalSet, place: Path) -> Iterable[Path]:
    """Its files."""
    if entry.name in RELEASES:
        return [place / name for name in RELEASES[entry.name].files]
    if entry.name == "cifar100-tiny":
        return [place / tiny.FILE]
    return [path for path in place.iterdir() if path.is_file()]
