"""Trees of one tiny picture, linked under many names, and what the doctor says of them."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from robench.datasets.doctor.examine import examine
from robench.datasets.doctor.report import Finding, Section


class Trees:
    """Writes pictures below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sources: dict[tuple[str, int], Path] = {}

    def picture(self, path: str, side: int = 8) -> Path:
        """A picture of that path; its suffix is its format."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        key = (target.suffix.lower(), side)
        if key not in self._sources:
            Image.new("RGB", (side, side), (10, 200, 90)).save(target)
            self._sources[key] = target
        elif not target.exists():
            os.link(self._sources[key], target)
        return target

    def classes(
        self, folder: str, names: Iterable[str], files: int = 1, pattern: str = "x_{}.jpg"
    ) -> Path:
        """Class folders with so many pictures each."""
        for name in names:
            for number in range(files):
                self.picture(f"{folder}/{name}/{pattern.format(number)}")
        return self.root / folder

    def cell(self, folder: str, wnids: Iterable[str], files: int = 1, side: int = 224) -> Path:
        """One corruption and severity."""
        for wnid in wnids:
            for number in range(files):
                self.picture(f"{folder}/{wnid}/ILSVRC2012_val_{number:08d}.JPEG", side)
        return self.root / folder


def sections(folder: Path, data_dir: Path | None = None) -> dict[str, Section]:
    """What was recognised, by the name of each folder below the one that was looked at."""
    found = examine(folder, data_dir or folder.parent / "data").sections
    return {str(one.folder.relative_to(folder)): one for one in found}


def only(folder: Path, data_dir: Path | None = None) -> Section:
    """The one section."""
    (section,) = examine(folder, data_dir or folder.parent / "data").sections
    return section


def fault(section: Section, *words: str) -> Finding:
    """The one fault that says all of these words."""
    found = [one for one in section.faults if all(word in one.what for word in words)]
    assert len(found) == 1, (words, section.findings)
    return found[0]


def notes(section: Section) -> str:
    """All notes."""
    return "\n".join(one.what for one in section.findings if one.kind == "note")


def write_arrays(folder: Path, names: Iterable[str], size: int, classes: int) -> Path:
    """Files as of CIFAR-10-C, mostly holes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        shape = (5 * size, 32, 32, 3)
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint8, shape)
    np.save(folder / "labels.npy", np.tile(np.arange(size) % classes, 5).astype(np.uint8))
    return folder
