"""From the key of a number to the pixels behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corruptions import CORRUPTIONS, GENERATOR_VERSION, corrupt
from robench.datasets import generated
from robench.datasets.catalogue import DATASETS
from robench.datasets.labelled import Labelled
from robench.datasets.official import SEVERITIES
from robench.datasets.presence import archive, archived, clean_labels
from robench.datasets.reading import READERS, load_test
from robench.errors import InputError, UnknownNameError
from robench.registry import lookup, unknown
from robench.types import Cell, EvalSet, Images

CORRUPTION_SEED = 0
FAMILY = "cifar"
INSIDE_PER_OUTSIDE = 5


@dataclass(frozen=True)
class CellSource:
    """The images of one cell.

    Attributes:
        labels: (N,) int64; -1 in an anomaly cell.
        source: Where the pixels come from, for the passport.
        n_expected: Images in the complete published cell.
        read: (start, stop) -> those images, (stop - start, H, W, 3) uint8.
    """

    labels: NDArray[np.int64]
    source: Mapping[str, Any]
    n_expected: int
    read: Callable[[int, int], Images]

    @property
    def size(self) -> int:
        """How many images are to be measured."""
        return len(self.labels)

    def block(self, start: int, stop: int) -> Images:
        """Read or make the images ``start`` to ``stop - 1``; the same pixels in any blocks.

        Returns:
            (stop - start, H, W, 3) uint8, not to be written to.

        Raises:
            ValueError: No such images.
        """
        if not 0 <= start < stop <= self.size:
            raise ValueError(f"expected 0 <= start < stop <= {self.size}, got {start}, {stop}")
        return self.read(start, stop)


def open_cell(cell: Cell, data_dir: Path, limit: int | None = None) -> CellSource:
    """Find the images of a cell; they are read block by block.

    Args:
        cell: What is measured; ``against`` makes it an anomaly cell, ``attack`` changes nothing.
        data_dir: The folder of data sets.
        limit: Take the first so many images. In an anomaly cell it limits the in-distribution set,
            and one picture is taken for every five of its images (at least one).

    Raises:
        UnknownNameError: No such set or corruption.
        InputError: Data are missing or damaged, or the cell makes no sense.
    """
    if limit is not None and limit < 1:
        raise InputError(f"--limit must be at least 1, got {limit}.")
    entry = lookup(DATASETS, cell.evalset, "data set")
    if cell.against:
        return _anomaly(entry, lookup(DATASETS, cell.against, "data set"), data_dir, limit)
    if entry.role == "ood":
        raise InputError(f"{entry.name} has no labels: it needs a set to be compared with.")
    if entry.role == "corrupted":
        return _corrupted(entry, cell, data_dir, limit)
    return _clean(entry, data_dir, limit)


def _clean(entry: EvalSet, data_dir: Path, limit: int | None) -> CellSource:
    """The test images themselves."""
    data = load_test(entry.name, data_dir)
    labels = data.labels[:limit]
    return CellSource(labels, READERS[entry.name].source(data), entry.size, _from_memory(data))


def _from_memory(data: Labelled) -> Callable[[int, int], Images]:
    return lambda start, stop: data.images[start:stop]


def _corrupted(entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None) -> CellSource:
    """The official file where it is there, else made from the clean images."""
    if cell.severity not in range(1, SEVERITIES + 1):
        raise InputError(f"{entry.name}: expected a severity from 1 to 5, got {cell.severity}.")
    official = archived(entry, data_dir)
    if cell.corruption in official:
        return _from_archive(entry, cell, data_dir, limit)
    if cell.corruption not in CORRUPTIONS:
        raise UnknownNameError(unknown({*CORRUPTIONS, *official}, cell.corruption, "corruption"))
    clean = load_test(entry.clean or "", data_dir)
    source = {
        "kind": "regenerated",
        "generator": "corruptions",
        "version": GENERATOR_VERSION,
        "seed": CORRUPTION_SEED,
        "family": FAMILY,
        "from": entry.clean,
    }

    def make(start: int, stop: int) -> Images:
        return corrupt(
            clean.images[start:stop],
            cell.corruption,
            cell.severity,
            family=FAMILY,
            seed=CORRUPTION_SEED,
            indices=range(start, stop),
        )

    return CellSource(clean.labels[:limit], source, entry.size, make)


def _from_archive(entry: EvalSet, cell: Cell, data_dir: Path, limit: int | None) -> CellSource:
    """One severity of an official file."""
    files = archive(entry, data_dir)
    labels = files.labels(clean_labels(entry, data_dir))
    images = files.images(cell.corruption, len(labels))[cell.severity - 1]
    source = files.source(cell.corruption)
    return CellSource(labels[:limit], source, entry.size, lambda start, stop: images[start:stop])


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
    return CellSource(labels, source, complete, _from_memory(data))


def _generator(name: str) -> Callable[[int, int], Images]:
    return lambda start, stop: generated.pictures(name, start, stop)
