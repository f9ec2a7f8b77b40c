"""Where the sequences of each perturbation lie, and what there is in its class folders."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corruptions import PERTURBATIONS, load_perturbation
from robench.datasets.clips import VIDEOS, Coding
from robench.datasets.layouts import Listing, folders_in, places
from robench.datasets.made_folders import MadeFolder, made_folder
from robench.datasets.manifest import NAME
from robench.datasets.perturbed import IMAGENET_P
from robench.datasets.published import archives_of
from robench.datasets.sequences import stored_name
from robench.errors import InputError
from robench.types import EvalSet

GROUP_FOLDERS = frozenset(archives_of(IMAGENET_P))
"""What the archives of ImageNet-P are called, for those who unpacked each into its own folder."""


@dataclass(frozen=True)
class SequenceFolders:
    """One folder of a perturbed set.

    Attributes:
        root: Holds the perturbations, or groups of them.
        perturbations: Name, such as ``gaussian_noise_2`` -> folder of class folders.
        made: The manifest of the folder, where robench made it.
    """

    root: Path
    perturbations: Mapping[str, Path]
    made: MadeFolder | None


@dataclass(frozen=True)
class SequenceFiles:
    """The sequences of one perturbation.

    Attributes:
        listing: A video or a folder of frames for each; the size of a folder is that of its frames.
        coding: Which of the two.
        stems: What names each sequence: its path without the suffix of a video.
    """

    listing: Listing
    coding: Coding
    stems: tuple[str, ...]


def find_sequence_folders(entry: EvalSet, data_dir: Path) -> SequenceFolders | None:
    """Look for the files of a perturbed set.

    Recognised are ``<perturbation>/<class>/``, the same inside folders of groups (``noise/``), and
    one more folder around everything. Folders of other names are ignored.

    Args:
        entry: A set of layout ``sequences``.
        data_dir: The folder of data sets.

    Returns:
        None where no folder of the set holds anything of it.
    """
    for folder in places(entry, data_dir):
        if folder.is_dir():
            for root in (folder, *folders_in(folder)):
                found = _scan(root)
                if found.perturbations or (root / NAME).is_file():
                    return found
    return None


@cache
def known_names() -> frozenset[str]:
    """The folders of ImageNet-P: perturbations, and noises of difficulty 2 and 3."""
    own = ((name, len(load_perturbation(name).strengths["imagenet"])) for name in PERTURBATIONS)
    return frozenset(stored_name(name, n) for name, count in own for n in range(1, count + 1))


def _scan(root: Path) -> SequenceFolders:
    """The perturbations below one folder; of a made one those that are finished."""
    made, known = made_folder(root), known_names()
    found = {}
    for folder in folders_in(root):
        inside = folders_in(folder) if folder.name in GROUP_FOLDERS else [folder]
        found.update({path.name: path for path in inside if path.name in known})
    if made is not None:
        found = {name: path for name, path in found.items() if made.finished(name)}
    return SequenceFolders(root, found, made)


def list_sequences(folder: Path) -> SequenceFiles:
    """List class folders of videos, or of folders of frames.

    Raises:
        InputError: Neither, or both.
    """
    rows = [(one.name, _sequences(one)) for one in folders_in(folder)]
    rows = [(name, inside) for name, inside in rows if inside]
    paths = [f"{name}/{item}" for name, inside in rows for item, _, _ in inside]
    codings = {coding for _, inside in rows for _, _, coding in inside}
    if len(codings) != 1:
        raise InputError(
            f"{folder}: expected class folders with videos ({', '.join(sorted(VIDEOS))}), or with "
            f"a folder of frames for each sequence, got {'both' if codings else 'none'}."
        )
    listing = Listing(
        root=folder,
        folders=tuple(name for name, _ in rows),
        paths=tuple(paths),
        counts=tuple(len(inside) for _, inside in rows),
        sizes=tuple(size for _, inside in rows for _, size, _ in inside),
    )
    coding = codings.pop()
    stems = (str(Path(path).with_suffix("")) for path in paths) if coding == "video" else paths
    return SequenceFiles(listing, coding, tuple(stems))


def made_sequences(made: MadeFolder, name: str) -> SequenceFiles:
    """The same of a perturbation that robench made, from its list of checksums.

    Raises:
        InputError: The list is not the one that the manifest knows.
    """
    paths = tuple(dict.fromkeys(path.rpartition("/")[0] for path in made.paths(name)))
    counts = Counter(path.partition("/")[0] for path in paths)
    sizes = (0,) * len(paths)  # the manifest says which files these are
    listing = Listing(made.root / name, tuple(counts), paths, tuple(counts.values()), sizes)
    return SequenceFiles(listing, "png", paths)


def _sequences(folder: Path) -> list[tuple[str, int, Coding]]:
    """Name, bytes and coding of the sequences in a class folder, by name."""
    found: list[tuple[str, int, Coding]] = []
    with os.scandir(folder) as inside:
        for one in inside:
            if one.name[0] == ".":
                continue
            if one.is_dir():
                found.append((one.name, _bytes(Path(one.path)), "png"))
            elif Path(one.name).suffix.lower() in VIDEOS:
                found.append((one.name, one.stat().st_size, "video"))
    return sorted(found)


def _bytes(folder: Path) -> int:
    """Size of the files in a folder together."""
    with os.scandir(folder) as inside:
        return sum(one.stat().st_size for one in inside if one.name[0] != ".")
