"""Where a set lies below the data folder, and what its folders of pictures stand for."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robench.datasets.class_lists import OUTPUTS, class_mask, objectnet_name, objectnet_names, wnids
from robench.datasets.pictures import SUFFIXES, is_picture
from robench.errors import InputError
from robench.types import EvalSet

Naming = Literal["wnid", "integer", "objectnet", "own"]


@dataclass(frozen=True)
class Listing:
    """The picture files of a folder of class folders.

    Attributes:
        root: The folder.
        folders: Names of the class folders that hold pictures, in the order of torchvision's
            ``ImageFolder``, which is that of their characters.
        paths: Files below the root, by class folder and then by name.
        counts: Files of each class folder.
        sizes: Bytes of each file.
    """

    root: Path
    folders: tuple[str, ...]
    paths: tuple[str, ...]
    counts: tuple[int, ...]
    sizes: tuple[int, ...]

    @cached_property
    def sha256(self) -> str:
        """Hash of paths and sizes in their order: which files these are, without reading them."""
        lines = (f"{path}\t{size}\n" for path, size in zip(self.paths, self.sizes, strict=True))
        return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()

    def per_file(self, values: Sequence[int]) -> NDArray[np.int64]:
        """One value per class folder -> one per file."""
        return np.repeat(np.asarray(values, dtype=np.int64), self.counts)

    def only(self, keep: Sequence[bool]) -> "Listing":
        """The same without some class folders."""
        kept = [bool(flag) for flag in self.per_file(keep)]
        return Listing(
            self.root,
            tuple(name for name, flag in zip(self.folders, keep, strict=True) if flag),
            tuple(path for path, flag in zip(self.paths, kept, strict=True) if flag),
            tuple(count for count, flag in zip(self.counts, keep, strict=True) if flag),
            tuple(size for size, flag in zip(self.sizes, kept, strict=True) if flag),
        )


def places(entry: EvalSet, data_dir: Path) -> Iterator[Path]:
    """Folders where the files of a set may lie, the usual one first."""
    for name in (entry.folder, *entry.aliases):
        if name is not None:
            yield data_dir / name


def find_root(entry: EvalSet, data_dir: Path) -> Path | None:
    """The folder that holds the class folders (or the edits) of a set.

    A folder of the same name inside, as archives have it, is entered.
    """
    holds = has_edits if entry.layout == "edits" else has_classes
    inner = {Path(name).name.lower() for name in (entry.folder, *entry.aliases) if name}
    for place in places(entry, data_dir):
        if not place.is_dir():
            continue
        alike = (place / name for name in _folders(place) if name.lower() in inner)
        found = next((folder for folder in (place, *alike) if holds(folder)), None)
        if found is not None:
            return found
    return None


def has_classes(folder: Path) -> bool:
    """Whether it holds a folder that holds a picture."""
    return any(_has_picture(folder / name) for name in _folders(folder))


def has_edits(folder: Path) -> bool:
    """Whether it holds folders of class folders."""
    return any(has_classes(folder / name) for name in _folders(folder))


@lru_cache(maxsize=16)  # 50,000 paths are 8 MB, and corrupted sets have 125 such folders
def _listing(root: Path, _changed: tuple[int, ...]) -> Listing:
    """List a folder once, and again when a folder in it has changed."""
    folders, paths, counts, sizes = [], [], [], []
    for name in _folders(root):
        found = _pictures(root / name)
        if found:
            folders.append(name)
            counts.append(len(found))
            paths += [f"{name}/{file}" for file, _ in found]
            sizes += [size for _, size in found]
    return Listing(root, tuple(folders), tuple(paths), tuple(counts), tuple(sizes))


def list_classes(root: Path) -> Listing:
    """List a folder of class folders.

    Raises:
        InputError: No folder, or no pictures in folders in it, or a link to a picture that is gone.
    """
    if not root.is_dir():
        raise InputError(f"No folder {root}: expected class folders with pictures.")
    try:
        changed = [root.stat().st_mtime_ns]
        changed += [(root / name).stat().st_mtime_ns for name in _folders(root)]
        listing = _listing(root, tuple(changed))
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}"
        raise InputError(f"Cannot list the pictures in {root}: {reason}.") from error
    if not listing.paths:
        raise InputError(
            f"{root}: expected class folders with pictures ({', '.join(sorted(SUFFIXES))}), "
            f"got none."
        )
    return listing


def _folders(folder: Path) -> list[str]:
    """Names of the folders in it, sorted by characters; hidden ones are left out."""
    with os.scandir(folder) as entries:
        return sorted(one.name for one in entries if one.is_dir() and one.name[0] != ".")


def folders_in(folder: Path) -> list[Path]:
    """The folders in it that are not hidden, sorted by their names."""
    return [folder / name for name in _folders(folder)]


def _pictures(folder: Path) -> list[tuple[str, int]]:
    """Names and sizes of the picture files in it, sorted by name.

    Raises:
        OSError: One is a link to a file that is gone.
    """
    with os.scandir(folder) as entries:
        return sorted((one.name, one.stat().st_size) for one in entries if _is_picture(one))


def _has_picture(folder: Path) -> bool:
    """Whether there is one, without listing them all."""
    with os.scandir(folder) as entries:
        return any(_is_picture(one) for one in entries)


def _is_picture(one: os.DirEntry[str]) -> bool:
    """Whether it is a picture by its name; so is a link, even to a file that is gone."""
    return is_picture(one.name) and (one.is_file() or one.is_symlink())


def naming(folders: Sequence[str]) -> Naming:
    """What the names of class folders are."""
    if all(name in _positions() for name in folders):
        return "wnid"
    if all(name.isdecimal() and int(name) < OUTPUTS for name in folders):
        return "integer"
    known = objectnet_names()
    return "objectnet" if all(objectnet_name(name) in known for name in folders) else "own"


def imagenet_classes(root: Path, folders: Sequence[str]) -> list[int]:
    """The class (0 to 999) of each folder, named by wnid or by number.

    Numbers are read as numbers: sorted by characters, as folders are, 10 comes before 2.

    Raises:
        InputError: Other names.
    """
    kind = naming(folders)
    if kind == "wnid":
        return [_positions()[name] for name in folders]
    if kind == "integer":
        return [int(name) for name in folders]
    odd = [name for name in folders if name not in _positions()]
    raise InputError(
        f"{root}: expected class folders named by wnid (n01440764) or by number (0 to 999), got "
        f"{len(odd)} others such as {odd[0]!r}. For classes of your own: --suite folder:{root}"
    )


def objectnet_classes(root: Path, folders: Sequence[str]) -> list[int]:
    """The class (0 to 112) of each folder of ObjectNet, -1 where ImageNet has none.

    Raises:
        InputError: Other names.
    """
    place = {name: index for index, name in enumerate(class_mask("objectnet").names)}
    known = objectnet_names()
    odd = [name for name in folders if objectnet_name(name) not in known]
    if odd:
        raise InputError(
            f"{root}: {len(odd)} folders are none of ObjectNet's 313 classes, such as {odd[0]!r}."
        )
    return [place.get(objectnet_name(name), -1) for name in folders]


@lru_cache(maxsize=1)
def _positions() -> dict[str, int]:
    """From wnid to class."""
    return {name: index for index, name in enumerate(wnids())}
