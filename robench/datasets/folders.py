"""Labelled sets whose images are picture files, decoded block by block."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.datasets.class_lists import class_mask
from robench.datasets.layouts import (
    Listing,
    find_root,
    imagenet_classes,
    list_classes,
    objectnet_classes,
)
from robench.datasets.own import PREFIX, own_classes
from robench.datasets.pictures import damaged, open_picture
from robench.datasets.preprocessing import Pipeline, pipeline
from robench.datasets.source import CellSource
from robench.errors import InputError
from robench.types import EvalSet, Images, Preprocess


@dataclass(frozen=True)
class PictureReader:
    """Reads some of the files of a folder.

    Attributes:
        root: The folder.
        paths: The files below it.
        prepare: What happens to each picture.
    """

    root: Path
    paths: tuple[str, ...]
    prepare: Pipeline

    def __call__(self, start: int, stop: int) -> Images:
        """The pictures ``start`` to ``stop - 1``, (n, H, W, 3) uint8.

        Raises:
            InputError: One is damaged, or they have different sizes.
        """
        found = [self._one(path) for path in self.paths[start:stop]]
        odd = next((i for i, one in enumerate(found) if one.shape != found[0].shape), None)
        if odd is not None:
            names = f"{self.paths[start]} and {self.paths[start + odd]}"
            raise InputError(
                f"{self.root}: {names} differ in size, {_size(found[0])} and {_size(found[odd])}."
            )
        return np.stack(found)

    def _one(self, path: str) -> Images:
        picture = open_picture(self.root / path)
        try:
            return self.prepare(picture)
        except (ValueError, ZeroDivisionError) as error:  # nothing is left within the border
            raise damaged(self.root / path, error) from error


def _size(image: Images) -> str:
    return f"{image.shape[1]}x{image.shape[0]}"


def open_folder(
    entry: EvalSet, data_dir: Path, limit: int | None, own: Preprocess | None, edit: str = ""
) -> CellSource:
    """The pictures of a labelled set, or of one edit of it.

    Args:
        entry: Of layout ``classes`` or ``edits``.
        data_dir: The folder of data sets.
        limit: Take so many, spread evenly, because files are sorted by class.
        own: The way of a network that brings one.
        edit: Folder of one kind of edit.

    Raises:
        InputError: Missing, or not what the set should be.
    """
    listing, labels = labelled_files(entry, data_dir, edit)
    chosen = spread(len(listing.paths), limit)
    prepare = pipeline(entry.preprocess).fitted(own)
    paths = tuple(listing.paths[index] for index in chosen)
    return CellSource(
        labels=labels[chosen],
        source=source(listing),
        n_expected=max(entry.size, len(listing.paths)),
        read=PictureReader(listing.root, paths, prepare),
        positions=chosen,
        preprocess=None if prepare.id == entry.preprocess else prepare.id,
        work="heavy",
    )


def labelled_files(
    entry: EvalSet, data_dir: Path, edit: str = ""
) -> tuple[Listing, NDArray[np.int64]]:
    """The files of a set that are measured, and the class of each among the set's own.

    Raises:
        InputError: Missing, or its classes are not those of the set.
    """
    root = require_root(entry, data_dir)
    listing = list_classes(root / edit)
    if entry.name.startswith(PREFIX):
        return listing, listing.per_file(own_classes(entry, listing))
    if entry.mask == "objectnet":
        places = objectnet_classes(listing.root, listing.folders)
        kept = [place >= 0 for place in places]
        mapped = listing.only(kept)
        if not mapped.paths:
            raise InputError(
                f"{listing.root}: none of its {len(kept)} class folders is one of the "
                f"{class_mask('objectnet').classes} classes of ObjectNet that ImageNet has."
            )
        return mapped, mapped.per_file([place for place in places if place >= 0])
    classes = imagenet_classes(listing.root, listing.folders)
    if entry.mask:
        classes = _masked(entry, listing, classes)
    if entry.role == "ood":
        return listing, np.full(len(listing.paths), -1, dtype=np.int64)
    return listing, listing.per_file(classes)


def _masked(entry: EvalSet, listing: Listing, classes: Sequence[int]) -> list[int]:
    """Classes of ImageNet -> those of the set."""
    position = class_mask(entry.mask or "").position
    odd = [
        name for name, index in zip(listing.folders, classes, strict=True) if index not in position
    ]
    if odd:
        raise InputError(
            f"{listing.root}: {len(odd)} of {len(listing.folders)} class folders are none of the "
            f"{len(position)} classes of {entry.name}, such as {odd[0]}. Is it another set? "
            f"robench data check {listing.root}"
        )
    return [position[index] for index in classes]


def require_root(entry: EvalSet, data_dir: Path) -> Path:
    """The folder of a set.

    Raises:
        InputError: Not there; the message has the places looked in and the command.
    """
    root = find_root(entry, data_dir)
    if root is None:
        raise InputError(missing_folder(entry, data_dir))
    return root


def missing_folder(entry: EvalSet, data_dir: Path) -> str:
    """What is missing, and the command that mends it."""
    names = ", ".join(f"{name}/" for name in (entry.folder, *entry.aliases) if name)
    return (
        f"{entry.name} is not in {data_dir}: expected {names} with class folders. Get it: "
        f"robench data get {entry.name} (or name the folder that holds it with --data-dir or "
        f"ROBENCH_DATA)."
    )


def spread(count: int, limit: int | None) -> NDArray[np.int64]:
    """Positions of ``limit`` of ``count`` files, evenly spread: floor(k * count / limit)."""
    wanted = count if limit is None else min(limit, count)
    return np.arange(wanted, dtype=np.int64) * count // wanted


def source(listing: Listing) -> dict[str, Any]:
    """What a passport says of the files."""
    return {
        "kind": "files",
        "images": len(listing.paths),
        "listing": listing.sha256,
        "verified": False,
    }
