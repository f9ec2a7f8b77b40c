"""Corrupted sets stored as arrays, such as CIFAR-10-C, beside their clean images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.datasets.clean import CLEAN
from robench.datasets.fidelity.folders import Pictures, is_extra, printable
from robench.datasets.labelled import fingerprint
from robench.datasets.manifest import Origin
from robench.datasets.official import LABELS, SEVERITIES, Archive, open_array
from robench.datasets.reading import READERS, load_test
from robench.errors import InputError, UnknownNameError
from robench.registry import unknown
from robench.types import Images


@dataclass(frozen=True)
class ArrayFolder:
    """CIFAR-10-C and its like; the members are those of `CorruptedFolder`."""

    archive: Archive
    clean: Images
    clean_name: str

    @classmethod
    def open(
        cls, folder: Path, clean: str | None, data_dir: Path, origin: Origin | None = None
    ) -> "ArrayFolder":
        """Read the labels and find the clean images.

        Args:
            folder: The set.
            clean: As of `open_folder`.
            data_dir: The folder of data sets.
            origin: The clean images that the manifest of the set names; they are looked for first.

        Raises:
            InputError: Labels of another form, no clean images, or others than ``origin``.
        """
        archive = Archive(folder, _size(folder))
        labels = archive.labels()
        if clean is not None and clean.endswith(".npy"):
            images, name = _clean_array(Path(clean), archive.size), clean
        else:
            images, name = _labelled(folder / LABELS, labels, clean, data_dir, origin)
        if origin is not None and fingerprint(images) != origin.sha256:
            raise InputError(
                f"{folder} was made from {origin.images} images of {origin.name} with SHA-256 "
                f"{origin.sha256[:12]}, and those of {name} have {fingerprint(images)[:12]}. Name "
                "the right ones with --from."
            )
        return cls(archive, images, name)

    @property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """Every array has all severities."""
        severities = tuple(range(1, SEVERITIES + 1))
        return dict.fromkeys(sorted(self.archive.names()), severities)

    @property
    def extra(self) -> Sequence[str]:
        """Files that are no arrays, and folders."""
        entries = sorted(self.archive.folder.iterdir())
        return [printable(e.name) for e in entries if e.suffix != ".npy" and is_extra(e)]

    def read(self, corruption: str, severity: int, limit: int) -> Pictures:
        """The first images of one block of an array; errors as `Archive.images`."""
        stored = self.archive.images(corruption, self.archive.size)[severity - 1, :limit]
        count = len(stored)
        published, clean = list(np.array(stored)), list(self.clean[:count])
        return Pictures(published, clean, range(count), [False] * count)


def _labelled(
    path: Path,
    labels: NDArray[np.int64],
    clean: str | None,
    data_dir: Path,
    origin: Origin | None,
) -> tuple[Images, str]:
    """The images of the one clean set that has these labels, and its name."""
    if clean is not None and clean not in READERS:
        data_dir, clean = _data_folder(clean), None
    if clean is None and origin is not None and origin.name in READERS:
        clean = origin.name
    names = [clean] if clean else [n for n in READERS if READERS[n].present(data_dir)]
    sets = {name: load_test(name, data_dir) for name in names}
    found = [n for n, data in sets.items() if np.array_equal(data.labels[: len(labels)], labels)]
    if len(found) != 1:
        what = "several clean sets" if found else "no clean set"
        raise InputError(
            f"{path}: its {len(labels)} labels are those of {what} (looked at {', '.join(names)} "
            f"in {data_dir}). Name it with --from, or its folder with --data-dir."
        )
    return sets[found[0]].images[: len(labels)], found[0]


def _data_folder(given: str) -> Path:
    """The data folder that holds a clean set, from its own path or that of the set."""
    path = Path(given).resolve()
    if not path.is_dir():
        known = unknown(READERS, given, "clean set")
        raise UnknownNameError(f"{known} A folder that holds one or an .npy of images will do too.")
    return path.parent if path.name in {entry.folder for entry in CLEAN} else path


def _size(folder: Path) -> int:
    """How many clean images the labels are of."""
    stored = open_array(folder / LABELS)
    size = len(stored) // SEVERITIES if stored.ndim == 1 else 0
    if not size:
        raise InputError(
            f"{folder / LABELS}: expected {SEVERITIES} times the labels of the clean images, got "
            f"an array of shape {stored.shape}. Get it again."
        )
    return size


def _clean_array(path: Path, size: int) -> Images:
    """The first images of an ``.npy``."""
    images = open_array(path)
    if images.shape[1:] != (32, 32, 3) or images.dtype != np.uint8 or len(images) < size:
        raise InputError(
            f"{path}: expected at least {size} images (N, 32, 32, 3) of uint8, got {images.dtype} "
            f"of shape {images.shape}."
        )
    return np.array(images[:size])
