"""Where the pictures of each corruption and severity lie, in every layout that is in use."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corruptions import load
from robench.datasets.corrupted import HENDRYCKS_GROUPS, SEVERITIES, severities
from robench.datasets.layouts import folders_in, places
from robench.datasets.made_folders import MadeFolder, made_folder
from robench.datasets.manifest import NAME
from robench.datasets.regenerated import names
from robench.types import EvalSet

GROUP_FOLDERS = frozenset(HENDRYCKS_GROUPS)
"""What the archives of ImageNet-C are called, for those who unpacked each into its own folder."""

TFDS_NAMES = {"frosted_glass_blur": "glass_blur", "elastic": "elastic_transform"}
"""What TensorFlow Datasets calls corruptions that have other names elsewhere."""

_ENDING = re.compile(r"(?P<name>.+)_(?P<severity>[1-5])")
_WHOLE = re.compile(r"[1-5]")
_REAL = re.compile(r"\d+\.\d+")


@dataclass(frozen=True)
class SeverityFolders:
    """One folder of a corrupted set.

    Attributes:
        root: Holds the corruptions, or groups of them.
        cells: (corruption, severity) -> folder of class folders, as far as they are there.
        magnitudes: For folders named by what C-bar calls severity: that number.
        made: The manifest of the folder, where robench made it.
    """

    root: Path
    cells: Mapping[tuple[str, int], Path]
    magnitudes: Mapping[tuple[str, int], float]
    made: MadeFolder | None

    def there(self, corruption: str) -> tuple[int, ...]:
        """The severities of a corruption that are there."""
        return tuple(level for level in SEVERITIES if (corruption, level) in self.cells)


def find_severity_folders(entry: EvalSet, data_dir: Path) -> SeverityFolders | None:
    """Look for the files of a corrupted set.

    Recognised are ``<corruption>/<1..5>/``, the same inside folders of groups (``blur/``), folders
    ``<corruption>_<1..5>``, the names of TFDS (``frosted_glass_blur``, ``elastic``), C-bar's real
    numbers as names of severities (``2.35``), and one more folder around everything. Folders of
    other names are ignored.

    Args:
        entry: A set of layout ``severities``.
        data_dir: The folder of data sets.

    Returns:
        None where no folder of the set holds anything of it.
    """
    for folder in places(entry, data_dir):
        if folder.is_dir():
            for root in (folder, *folders_in(folder)):
                found = _scan(entry, root)
                if found.cells or (root / NAME).is_file():
                    return found
    return None


def _scan(entry: EvalSet, root: Path) -> SeverityFolders:
    """The cells below one folder."""
    cells: dict[tuple[str, int], Path] = {}
    magnitudes: dict[tuple[str, int], float] = {}
    known = frozenset(names(entry))
    for folder in _corruption_folders(root):
        name = TFDS_NAMES.get(folder.name, folder.name)
        ending = _ENDING.fullmatch(folder.name)
        if name in known:
            for level, path, magnitude in _severity_folders(entry, name, folder):
                cells[name, level] = path
                if magnitude is not None:
                    magnitudes[name, level] = magnitude
        elif ending:
            name = TFDS_NAMES.get(ending["name"], ending["name"])
            if name in known:
                cells[name, int(ending["severity"])] = folder
    made = made_folder(root)
    if made is not None:
        cells = {key: cells[key] for key in cells if made.finished(f"{key[0]}/{key[1]}")}
    return SeverityFolders(root, cells, magnitudes, made)


def _corruption_folders(root: Path) -> Iterator[Path]:
    """Folders that may be corruptions: below the root, or below a group of them."""
    for folder in folders_in(root):
        if folder.name in GROUP_FOLDERS:
            yield from folders_in(folder)
        else:
            yield folder


def _severity_folders(
    entry: EvalSet, corruption: str, folder: Path
) -> Iterator[tuple[int, Path, float | None]]:
    """Severity, folder, and the number that C-bar calls severity where the folder says that."""
    table = load(corruption).severities[entry.family]  # type: ignore[index]  # a Family
    for path in folders_in(folder):
        if _WHOLE.fullmatch(path.name):
            yield int(path.name), path, None
        elif "bar" in entry.groups and _REAL.fullmatch(path.name):
            magnitude = float(path.name)
            if magnitude in table:
                yield list(table).index(magnitude) + 1, path, magnitude


def incomplete(entry: EvalSet, data_dir: Path) -> dict[str, str]:
    """Corruptions of which only a part is there -> what is missing and what mends it, in words."""
    found = find_severity_folders(entry, data_dir)
    if found is None:
        return {}
    remedy = "Unpack its archive again"
    if found.made is not None:
        remedy = f"robench data make {found.made.manifest.set} --out {found.root} finishes it"
    reasons = {}
    for name in names(entry):
        there = found.there(name)
        absent = [str(level) for level in severities(entry) if level not in there]
        if there and absent:
            listed = ", ".join(absent)
            reasons[name] = f"{name} in {found.root} lacks severity {listed}. {remedy}"
    return reasons
