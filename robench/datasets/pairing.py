"""Which clean picture each file of a corrupted set was made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets.catalogue import DATASETS
from robench.datasets.folders import labelled_files
from robench.datasets.layouts import find_root
from robench.types import EvalSet

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Named:
    """Pictures by name.

    Attributes:
        stems: Path of each below its folder, without the suffix, N.
        labels: (N,) class of each.
    """

    stems: Sequence[str]
    labels: Numbers

    @property
    def keys(self) -> list[tuple[int, str]]:
        """Class and file name: class folders may be named by wnid here and by number there."""
        names = (stem.rpartition("/")[2] for stem in self.stems)
        return list(zip(self.labels.tolist(), names, strict=True))


@dataclass(frozen=True)
class Pairing:
    """The order in which files are measured.

    Attributes:
        rows: (N,) rows of the list of files, in that order.
        numbers: (N,) where each stands in the clean set, rising; without the clean set, in its own.
        complete: Whether the clean picture of every file is known.
        note: What is known of the pairing, for people.
    """

    rows: Numbers
    numbers: Numbers
    complete: bool
    note: str


def clean_names(entry: EvalSet, data_dir: Path) -> Named | None:
    """The clean pictures that a set was made from; None where they are not at hand."""
    clean = DATASETS[entry.clean or ""]
    if find_root(clean, data_dir) is None:
        return None
    listing, labels = labelled_files(clean, data_dir)
    return Named([stem(path) for path in listing.paths], labels)


def stem(path: str) -> str:
    """A path without its suffix."""
    return path[: path.rindex(".")]


def pair(files: Named, clean: Named | None, name: str) -> Pairing:
    """Find the clean picture of each file by its class and name.

    Args:
        files: Of the corrupted set.
        clean: Of the clean one, where it is at hand.
        name: Of the clean one.
    """
    own = np.arange(len(files.labels), dtype=np.int64)
    if clean is None:
        return Pairing(
            own, own, complete=False, note=f"{name} is not at hand to compare the lists of pictures"
        )
    if list(files.stems) == list(clean.stems) and np.array_equal(files.labels, clean.labels):
        return Pairing(own, own, complete=True, note=f"the {len(own)} pictures are those of {name}")
    places = {key: number for number, key in enumerate(clean.keys)}
    numbers = np.array([places.get(key, -1) for key in files.keys], dtype=np.int64)
    found = np.unique(numbers[numbers >= 0])
    if len(found) < len(own):
        note = f"only {len(found)} of {len(own)} pictures have class and name of one of {name}"
        return Pairing(own, own, complete=False, note=note)
    rows = np.argsort(numbers)
    note = f"all {len(own)} pictures have class and name of one of the {len(places)} of {name}"
    return Pairing(rows, numbers[rows], complete=True, note=note)
