"""Corrupted sets stored as arrays, such as CIFAR-10-C, beside their clean images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robench.datasets.clean import CLEAN
from robench.datasets.fidelity.folders import Pictures, is_extra
from robench.datasets.official import LABELS, SEVERITIES, Archive
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
    def open(cls, folder: Path, clean: str | None, data_dir: Path) -> "ArrayFolder":
        """Read the labels and find the clean images; arguments and errors as `open_folder`."""
        archive = Archive(folder, _size(folder))
        labels = archive.labels()
        if clean is not None and clean.endswith(".npy"):
            return cls(archive, _clean_array(Path(clean), archive.size), clean)
        if clean is not None and clean not in READERS:
            data_dir, clean = _data_folder(clean), None
        names = [clean] if clean else [n for n in READERS if READERS[n].present(data_dir)]
        sets = {name: load_test(name, data_dir) for name in names}
        found = [
            name
            for name, data in sets.items()
            if np.array_equal(data.labels[: len(labels)], labels)
        ]
        if len(found) != 1:
            what = "several clean sets" if found else "no clean set"
            raise InputError(
                f"{folder / LABELS}: its {len(labels)} labels are those of {what} (looked at "
                f"{', '.join(names)} in {data_dir}). Name it with --from, or its folder with "
                "--data-dir."
            )
        return cls(archive, sets[found[0]].images[: len(labels)], found[0])

    @property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """Every array has all severities."""
        severities = tuple(range(1, SEVERITIES + 1))
        return dict.fromkeys(sorted(self.archive.names()), severities)

    @property
    def extra(self) -> Sequence[str]:
        """Files that are no arrays, and folders."""
        entries = sorted(self.archive.folder.iterdir())
        return [e.name for e in entries if e.suffix != ".npy" and is_extra(e)]

    def read(self, corruption: str, severity: int, limit: int) -> Pictures:
        """The first images of one block of an array; errors as `Archive.images`."""
        stored = self.archive.images(corruption, self.archive.size)[severity - 1, :limit]
        count = len(stored)
        return Pictures(np.array(stored), self.clean[:count], range(count), [False] * count)


def _data_folder(given: str) -> Path:
    """The data folder that holds a clean set, from its own path or that of the set."""
    path = Path(given).resolve()
    if not path.is_dir():
        known = unknown(READERS, given, "clean set")
        raise UnknownNameError(f"{known} A folder that holds one or an .npy of images will do too.")
    return path.parent if path.name in {entry.folder for entry in CLEAN} else path


def _size(folder: Path) -> int:
    """How many clean images the labels are of."""
    try:
        return len(np.load(folder / LABELS, mmap_mode="r", allow_pickle=False)) // SEVERITIES
    except (OSError, ValueError, EOFError, TypeError) as error:
        raise InputError(f"Cannot read {folder / LABELS} as an array: {error}.") from error


def _clean_array(path: Path, size: int) -> Images:
    """The first images of an ``.npy``."""
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"Cannot read {path} as an array: {error}.") from error
    if images.ndim != 4 or images.dtype != np.uint8 or len(images) < size:
        raise InputError(
            f"{path}: expected at least {size} images (N, 32, 32, 3) of uint8, got {images.dtype} "
            f"of shape {images.shape}."
        )
    return np.array(images[:size])
