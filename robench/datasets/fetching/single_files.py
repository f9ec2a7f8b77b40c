"""Sets whose arrays are published one by one, not in an archive."""

import shutil
from pathlib import Path

from robench.datasets.fetching.limits import RefusedError
from robench.datasets.new_cifar import RELEASES
from robench.datasets.official import LABELS
from robench.datasets.regenerated import names
from robench.types import EvalSet


def stage_file(entry: EvalSet, source: Path, name: str, stage: Path) -> str:
    """Copy an array to where it belongs in a data folder that holds nothing else.

    Args:
        entry: The set.
        source: The file.
        name: What its publishers call it.
        stage: The data folder.

    Returns:
        The folder of the set below it.

    Raises:
        RefusedError: The set has no file of this name.
        OSError: It cannot be copied.
    """
    known = file_names(entry)
    if name not in known:
        some = ", ".join(known) if known else "no single files"
        raise RefusedError(f"{entry.name} has {some}, and this is called {name}")
    folder = entry.folder or ""
    (stage / folder).mkdir(parents=True)
    shutil.copyfile(source, stage / folder / name)
    return folder


def file_names(entry: EvalSet) -> tuple[str, ...]:
    """The arrays that a set consists of."""
    if entry.name in RELEASES:
        return RELEASES[entry.name].files
    if entry.role == "corrupted" and entry.layout == "arrays":
        return (*(f"{name}.npy" for name in names(entry)), LABELS)
    return ()
