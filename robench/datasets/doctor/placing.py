"""Where robench finds a set, and what makes it find a folder that lies elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from robench.datasets import tiny
from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.report import quoted
from robench.datasets.layouts import find_root
from robench.datasets.new_cifar import RELEASES
from robench.datasets.presence import archived
from robench.datasets.reading import READERS
from robench.datasets.sequence_layout import find_sequence_folders
from robench.datasets.severity_layout import find_severity_folders
from robench.errors import InputError
from robench.types import EvalSet


def located(entry: EvalSet, data_dir: Path) -> Path | None:
    """The folder that the files of a set lie in, below a data folder; None: not there.

    Raises:
        InputError: It has a damaged manifest.
    """
    if not data_dir.is_dir():
        return None
    if entry.layout in ("classes", "edits"):
        return find_root(entry, data_dir)
    if entry.layout != "arrays":
        severities = entry.layout == "severities"
        find = find_severity_folders if severities else find_sequence_folders
        found = find(entry, data_dir)
        return None if found is None else found.root
    return _arrays(entry, data_dir)


def _arrays(entry: EvalSet, data_dir: Path) -> Path | None:
    """The folder of a set that is stored as arrays."""
    if entry.name in RELEASES:
        return RELEASES[entry.name].place(data_dir)
    if entry.name == "cifar100-tiny":
        return data_dir if (data_dir / tiny.FILE).is_file() else None
    if entry.folder is None:
        return None
    if entry.name in READERS:
        return data_dir / entry.folder if READERS[entry.name].present(data_dir) else None
    return data_dir / entry.folder if archived(entry, data_dir) else None


def anywhere(entry: EvalSet) -> EvalSet:
    """The same set, whose folder is the data folder itself, whatever that is called."""
    return replace(entry, folder=".", aliases=())


def how_to_use(name: str, folder: Path, data_dir: Path) -> str:
    """What makes robench find a set in a folder.

    Args:
        name: Of the set.
        folder: Where it lies.
        data_dir: The folder of data sets, for a link.
    """
    entry, folder = DATASETS[name], folder.resolve()
    for above in _data_folders(entry, folder):
        if _finds(entry, above, folder):
            return f"--data-dir {quoted(above)}"
    link = data_dir.resolve() / (entry.folder or name)
    if link.exists() or link.is_symlink():
        return f"{link} is there already; name this folder {entry.folder} in another --data-dir"
    source, target = quoted(folder), quoted(link)
    parent = quoted(link.parent)
    return (
        f"mkdir -p {parent} && ln -s {source} {target}, then "
        f"--data-dir {quoted(data_dir.resolve())}"
    )


def _data_folders(entry: EvalSet, folder: Path) -> Iterator[Path]:
    """Folders above (or the folder itself) below which it has one of the set's names."""
    for name in (entry.folder, *entry.aliases):
        parts = Path(name or ".").parts
        if not parts or folder.parts[-len(parts) :] == parts:
            yield Path(*folder.parts[: len(folder.parts) - len(parts)])
    yield from (folder, *folder.parents[:2])


def _finds(entry: EvalSet, data_dir: Path, folder: Path) -> bool:
    """Whether the set is looked for, and found, in this folder."""
    try:
        found = located(entry, data_dir)
    except (InputError, OSError):
        return False
    return found is not None and found.resolve() == folder
