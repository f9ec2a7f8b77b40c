"""The official archives of corrupted CIFAR: one array a corruption, five severities in it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError
from robench.files import file_sha256
from robench.types import Images

LABELS = "labels.npy"
SEVERITIES = 5


@dataclass(frozen=True)
class Archive:
    """A folder such as ``CIFAR-10-C``.

    Every ``<corruption>.npy`` holds (5 N, 32, 32, 3) uint8: the N clean test images at severity 1,
    then at severity 2, and so on; ``labels.npy`` holds 5 N integers.

    Attributes:
        folder: Where it lies.
        size: N of the published set.
        copies: How often the labels are repeated.
    """

    folder: Path
    size: int
    copies: int = SEVERITIES

    def names(self) -> frozenset[str]:
        """The corruptions that are there; none without ``labels.npy``."""
        if not (self.folder / LABELS).is_file():
            return frozenset()
        return frozenset(path.stem for path in self.folder.glob("[!.]*.npy")) - {"labels"}

    def labels(self, clean: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """The labels of the N clean images.

        Args:
            clean: The labels of the clean test set where it is at hand: then N is its size.

        Raises:
            InputError: Not five equal blocks of N integers, or not the labels of the clean set.
        """
        path = self.folder / LABELS
        stored = open_array(path)
        size = self.size if clean is None else len(clean)
        if stored.shape != (self.copies * size,) or stored.dtype.kind not in "iu":
            raise InputError(
                f"{path}: expected {self.copies * size} integers ({self.copies} times {size} "
                f"images), got {stored.dtype} of shape {stored.shape}. Get it again."
            )
        blocks: NDArray[np.int64] = stored.astype(np.int64).reshape(self.copies, size)
        expected = blocks[0] if clean is None else clean
        if not (blocks == expected).all():
            what = f"those of the clean test set, {self.copies} times"
            what = f"{self.copies} equal blocks" if clean is None else what
            raise InputError(f"{path}: the labels are not {what}. Get it again.")
        first: NDArray[np.int64] = blocks[0]
        return first

    def images(self, corruption: str, size: int) -> Images:
        """The images of all severities, mapped into memory and not read.

        Args:
            corruption: One of `names`.
            size: How many clean images there are, N.

        Returns:
            (5, N, 32, 32, 3) uint8.

        Raises:
            InputError: Of another shape or dtype, or unreadable.
        """
        path = self.folder / f"{corruption}.npy"
        stored = open_array(path)
        expected = (SEVERITIES * size, 32, 32, 3)
        if stored.shape != expected or stored.dtype != np.uint8:
            raise InputError(
                f"{path}: expected uint8 of shape {expected} ({SEVERITIES} severities of {size} "
                f"images), got {stored.dtype} of shape {stored.shape}. Get it again."
            )
        return stored.reshape(SEVERITIES, size, 32, 32, 3)

    def source(self, corruption: str) -> dict[str, Any]:
        """What a passport says of a file."""
        path = self.folder / f"{corruption}.npy"
        stat = path.stat()
        return {
            "kind": "official",
            "verified": False,  # no checksum of a single file is published
            "file": path.name,
            "sha256": _sha256(path, stat.st_size, stat.st_mtime_ns),
        }


def open_array(path: Path) -> NDArray[Any]:
    """Map an array into memory; pickled objects are refused.

    Raises:
        InputError: Not an array.
    """
    try:
        stored: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"Cannot read {path} as an array: {error}. Get it again.") from error
    return stored


@lru_cache(maxsize=256)
def _sha256(path: Path, _size: int, _changed: int) -> str:
    """Hash a file once; again when its size or its time has changed."""
    return file_sha256(path)
