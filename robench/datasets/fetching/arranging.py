"""What was unpacked -> the folder of the data set, recognised before it goes anywhere."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from robench.datasets import presence
from robench.datasets.fetching.limits import RefusedError
from robench.datasets.layouts import find_root, places
from robench.datasets.reading import READERS
from robench.datasets.sequence_layout import find_sequence_folders
from robench.datasets.severity_layout import find_severity_folders
from robench.errors import InputError
from robench.types import EvalSet

DEEPEST = 4  # folders around the set


def recognised(entry: EvalSet, data_dir: Path) -> bool:
    """Whether files of a set lie in a data folder; what can be drawn does not count."""
    if entry.role in presence.MADE:
        return presence.is_stored(entry, data_dir)
    if entry.layout == "edits":
        return bool(presence.edits(entry, data_dir))
    if entry.layout == "classes":
        return find_root(entry, data_dir) is not None
    return entry.name in READERS and READERS[entry.name].present(data_dir)


def arrange(entry: EvalSet, content: Path, stage: Path) -> str:
    """Move what was unpacked to where it belongs in a data folder that holds nothing else.

    Archives have the set's own folder around it, another one, several, or none.

    Args:
        entry: The set.
        content: What was unpacked; it is moved or left.
        stage: The data folder, on the same disk.

    Returns:
        The folder below ``stage`` that is to go into the data folder.

    Raises:
        RefusedError: It is not this set.
    """
    for exactly in (True, False):
        for folder, target in product(_candidates(entry, content), _targets(entry)):
            place = stage / target
            place.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(place)
            if recognised(entry, stage) and (_is_exact(entry, stage) or not exactly):
                _check(entry, stage)
                return target
            place.rename(folder)
    names = sorted(path.name for path in content.iterdir())
    inside = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    raise RefusedError(
        f"it does not hold {entry.name}: expected {_expected(entry)}, got {inside or 'nothing'}"
    )


def _is_exact(entry: EvalSet, stage: Path) -> bool:
    """Whether the set lies in its folder without another one around it, which readers allow."""
    if entry.layout == "severities":
        corrupted = find_severity_folders(entry, stage)
        found = None if corrupted is None else corrupted.root
    elif entry.layout == "sequences":
        perturbed = find_sequence_folders(entry, stage)
        found = None if perturbed is None else perturbed.root
    else:
        found = None if entry.layout == "arrays" else find_root(entry, stage)
    return found is None or found in places(entry, stage)


def _check(entry: EvalSet, stage: Path) -> None:
    """Fail if the files are not those of the set."""
    try:
        presence.check(entry, stage)
    except InputError as error:
        said = str(error).replace(f"{stage}/", "")
        raise RefusedError(f"it does not hold {entry.name} as published: {said}") from error


def _targets(entry: EvalSet) -> tuple[str, ...]:
    """Where a folder may belong: ``objectnet-1.0/images`` or what lies around that."""
    folder = entry.folder or ""
    top = folder.partition("/")[0]
    return (folder,) if folder == top else (folder, top)


def _candidates(entry: EvalSet, content: Path) -> Iterator[Path]:
    """Folders that may be the set's: below those of its name, then around, then further inside."""
    chain = [content]
    while len(chain) <= DEEPEST and (inner := _only_folder(chain[-1])):
        chain.append(inner)
    known = {part.lower() for name in _names(entry) for part in Path(name).parts}
    own = 0
    while own + 1 < len(chain) and chain[own + 1].name.lower() in known:
        own += 1
    yield from reversed(chain[: own + 1])
    yield from chain[own + 1 :]


def _names(entry: EvalSet) -> tuple[str, ...]:
    return (entry.name, entry.folder or "", *entry.aliases)


def _only_folder(folder: Path) -> Path | None:
    """The one folder in it, if there is just one."""
    inside = [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
    return inside[0] if len(inside) == 1 else None


def _expected(entry: EvalSet) -> str:
    """What a set consists of, in words."""
    kinds = {
        "classes": "class folders with pictures",
        "edits": "a folder of class folders per edit",
        "severities": "<corruption>/<1 to 5>/<class>/ with pictures",
        "sequences": "<perturbation>/<class>/ with videos or folders of frames",
        "arrays": f"the files of {entry.folder}/",
    }
    return kinds[entry.layout]
