"""CIFAR-10.1 and CIFAR-10.2: newly collected test images for the classes of CIFAR-10.

Recht et al., "Do CIFAR-10 Classifiers Generalize to CIFAR-10?", 2018 (two versions, v4 and v6);
Lu et al., "Harder or Different?", 2020.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.datasets.labelled import Labelled
from robench.datasets.official import open_array
from robench.errors import InputError
from robench.types import Images

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)  # in the order of CIFAR-10


@dataclass(frozen=True)
class Release:
    """The files of one of them.

    Attributes:
        name: Of the set.
        folder: Below the data folder; the files may also lie in the data folder itself.
        clone: What a copy of the authors' repository is called.
        images: File of (N, 32, 32, 3) uint8, or an ``.npz`` with ``images`` and ``labels``.
        labels: File of N integers; empty for an ``.npz``.
    """

    name: str
    folder: str
    clone: str
    images: str
    labels: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return (self.images, self.labels) if self.labels else (self.images,)

    def place(self, data_dir: Path) -> Path | None:
        """The folder that holds all of its files."""
        below = (name for one in (self.folder, self.clone) for name in (one, f"{one}/datasets"))
        places = (data_dir / name for name in (*below, "."))
        return next((p for p in places if all((p / name).is_file() for name in self.files)), None)


_V4, _V6 = (
    (f"cifar10.1_{version}_data.npy", f"cifar10.1_{version}_labels.npy") for version in ("v4", "v6")
)
RELEASES = {
    release.name: release
    for release in (
        Release("cifar10.1", "cifar10.1", "CIFAR-10.1", *_V6),
        Release("cifar10.1-v4", "cifar10.1", "CIFAR-10.1", *_V4),
        Release("cifar10.2", "cifar10.2", "cifar-10.2", "cifar102_test.npz"),
    )
}


def read_release(release: Release, data_dir: Path) -> Labelled:
    """Read the images.

    Raises:
        InputError: Missing, damaged, or of another shape.
    """
    folder = release.place(data_dir)
    if folder is None:
        names = " and ".join(release.files)
        raise InputError(
            f"{release.name} is not in {data_dir}: expected {release.folder}/ with {names}. Get "
            f"it: robench data get {release.name} (or name the folder that holds it with "
            f"--data-dir or ROBENCH_DATA)."
        )
    path = folder / release.images
    if release.labels:
        images, labels = open_array(path), open_array(folder / release.labels)
    else:
        images, labels = _unpacked(path)
    if images.ndim != 4 or images.shape[1:] != (32, 32, 3) or images.dtype != np.uint8:
        raise InputError(
            f"{path}: expected uint8 of shape (N, 32, 32, 3), got {images.dtype} of shape "
            f"{images.shape}. Get it again."
        )
    found = labels.astype(np.int64) if labels.dtype.kind in "iu" else labels
    if found.shape != images.shape[:1] or found.dtype.kind not in "iu" or not _in_range(found):
        raise InputError(
            f"{path}: expected {len(images)} labels from 0 to 9 beside it, got {labels.dtype} of "
            f"shape {labels.shape}. Get it again."
        )
    return Labelled(np.array(images), np.array(found), CLASSES)


def _in_range(labels: NDArray[np.int64]) -> bool:
    return bool(((labels >= 0) & (labels < len(CLASSES))).all())


def _unpacked(path: Path) -> tuple[Images, NDArray[np.int64]]:
    """``images`` and ``labels`` of an ``.npz``."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored["images"], stored["labels"]
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile, zlib.error) as error:
        raise InputError(
            f"Cannot read images and labels from {path}: {error}. Get it again."
        ) from error
