"""Corrupted sets stored as pictures, such as ImageNet-C, beside their clean pictures."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from robench.datasets.fidelity.folders import (
    Pictures,
    is_extra,
    pictures_in,
    printable,
)
from robench.datasets.layouts import folders_in
from robench.datasets.making.pictures import ENCODINGS, SIDES, read_picture
from robench.datasets.official import SEVERITIES
from robench.errors import InputError
from robench.types import Images

AS_STORED = "as stored"
JPEG = frozenset({".jpeg", ".jpg"})
SEVERITY_NAMES = tuple(str(severity) for severity in range(1, SEVERITIES + 1))


@dataclass(frozen=True)
class PictureFolder:
    """``<corruption>/<severity>/<class>/<name>.JPEG``; members as in `CorruptedFolder`.

    The tar files of ImageNet-C unpack into folders of groups or without them: both are found. The
    clean pictures are prepared as was published for the size of the corrupted ones.

    Attributes:
        folder: The corrupted set.
        clean: Class folders of the clean pictures, which have the same names but for the suffix.
    """

    folder: Path
    clean: Path
    _prepared: dict[Path, Images] = field(default_factory=dict)
    _named: dict[Path, dict[str, list[Path]]] = field(default_factory=dict)

    @property
    def clean_name(self) -> str:
        """The folder of clean pictures."""
        return str(self.clean)

    @cached_property
    def places(self) -> Mapping[str, Path]:
        """Corruption -> its folder."""
        found: dict[str, Path] = {}
        for entry in folders_in(self.folder):
            inner = [entry] if _severities(entry) else folders_in(entry)
            found.update({path.name: path for path in inner if _severities(path)})
        return found

    @cached_property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """The severities that are there."""
        return {name: _severities(path) for name, path in self.places.items()}

    @property
    def extra(self) -> Sequence[str]:
        """Files beside the corruptions, folders without severities and other severities."""
        used = set(self.places.values())
        known = used | {path.parent for path in used}
        loose = [e for e in self.folder.iterdir() if e not in known and is_extra(e)]
        odd = [entry for path in used for entry in folders_in(path) if not _is_severity(entry)]
        return sorted(printable(entry.relative_to(self.folder)) for entry in (*loose, *odd))

    def read(self, corruption: str, severity: int, limit: int) -> Pictures:
        """The first pictures in the order of class folder and name.

        Raises:
            InputError: No picture, one without its clean one, unreadable, or of mixed sizes.
        """
        cell = self.places[corruption] / str(severity)
        nested = [path for inner in folders_in(cell) for path in pictures_in(inner)]
        files = (nested or pictures_in(cell))[:limit]
        if not files:
            raise InputError(f"{cell}: expected pictures <class>/<name>.JPEG, found none.")
        published = [read_picture(path, AS_STORED) for path in files]
        sizes = sorted({picture.shape[:2] for picture in published})
        if len(sizes) != 1:
            raise InputError(f"{cell}: expected pictures of one size, got {_listed(sizes)}.")
        preparation = _preparation(cell, sizes[0])
        clean = [self._clean(path.relative_to(cell), preparation) for path in files]
        lossy = [path.suffix.lower() in JPEG for path in files]
        return Pictures(published, clean, range(len(files)), lossy)

    def _clean(self, name: Path, preparation: str) -> Images:
        """The clean picture of the same class and name, prepared once."""
        folder = self.clean / name.parent
        found = self._stems(folder).get(name.stem, [])
        if len(found) != 1:
            raise InputError(
                f"{name}: expected one clean picture {folder / name.stem}.JPEG (or .jpg, .png), "
                f"found {len(found)}. Name the folder of class folders with --from."
            )
        if found[0] not in self._prepared:
            self._prepared[found[0]] = read_picture(found[0], preparation)
        return self._prepared[found[0]]

    def _stems(self, folder: Path) -> Mapping[str, list[Path]]:
        """The pictures of a folder by their names without suffix, listed once."""
        if folder not in self._named:
            named: dict[str, list[Path]] = {}
            for path in pictures_in(folder):
                named.setdefault(path.stem, []).append(path)
            self._named[folder] = named
        return self._named[folder]


def second_pass(image: Images) -> Images:
    """One image (H, W, 3) as ImageNet-C stores it: JPEG of quality 85, 4:2:0, read back."""
    return np.asarray(Image.open(io.BytesIO(ENCODINGS["jpeg"].encode(image))))


def _preparation(cell: Path, size: tuple[int, ...]) -> str:
    """How the clean pictures of a published set of this size were made ready."""
    for name, side in SIDES.items():
        if size == (side, side) and "frames" not in name:
            return name
    known = ", ".join(sorted({str(side) for side in SIDES.values()}, key=int))
    raise InputError(f"{cell}: expected square pictures of side {known}, got {_listed([size])}.")


def _listed(sizes: Sequence[tuple[int, ...]]) -> str:
    """Sizes for a message."""
    return f"{', '.join(f'{height}x{width}' for height, width in sizes[:4])} (height x width)"


def _severities(folder: Path) -> tuple[int, ...]:
    return tuple(sorted(int(path.name) for path in folder.iterdir() if _is_severity(path)))


def _is_severity(path: Path) -> bool:
    return path.name in SEVERITY_NAMES and path.is_dir()
