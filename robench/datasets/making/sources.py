"""What sets of picture files are made from: a folder of pictures."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from robench.datasets.making.pictures import picture_size
from robench.datasets.making.pool import in_order
from robench.datasets.pictures import SUFFIXES
from robench.errors import InputError
from robench.progress import Progress

FEW = 2_000  # pictures that are read sooner than processes are started


@dataclass(frozen=True)
class Picture:
    """One file of a folder of pictures; its place in the list is its index.

    Attributes:
        path: Below the folder, with ``/``.
        width: Pixels.
        height: Pixels.
        size: Bytes of the file.
        sha256: Of the file.
    """

    path: str
    width: int
    height: int
    size: int
    sha256: str

    @property
    def stem(self) -> str:
        """The path without the suffix: what names its corrupted versions."""
        return self.path[: self.path.rindex(".")]

    @property
    def line(self) -> str:
        """What the list of pictures says of it."""
        return f"{self.sha256}\t{self.size}\t{self.path}\n"


def scan(
    folder: Path, classes: bool, limit: int | None, jobs: int, progress: Progress
) -> tuple[Picture, ...]:
    """List the pictures of a folder, and decode each to see that it is sound.

    Args:
        folder: Holds class folders of pictures, or pictures. Hidden and other files are left out.
        classes: Whether class folders are a must.
        limit: Take the first so many.
        jobs: Processes, for many pictures.
        progress: Where to report to.

    Returns:
        In the order of torchvision's ``ImageFolder``: by class folder, then by file name.

    Raises:
        InputError: No such folder, no pictures, pictures at other depths, something that is no
            picture, or two pictures that would be stored under one name.
    """
    paths = _paths(folder, classes)
    _refuse_clashes(folder, paths)
    wanted = paths[:limit]
    progress.start("reading pictures", len(wanted))
    found = []
    with closing(
        in_order(partial(_read, folder), wanted, jobs if len(wanted) > FEW else 1)
    ) as done:
        for _, picture in done:
            found.append(picture)
            progress.advance()
    return tuple(found)


def list_of(pictures: tuple[Picture, ...]) -> bytes:
    """The list of pictures as stored beside a set: a line each, in the order of their indices."""
    lines = "".join(f"{index}\t{one.line}" for index, one in enumerate(pictures))
    return b"index\tsha256\tbytes\tpath\n" + lines.encode(errors="surrogateescape")


def check_sizes(folder: Path, pictures: tuple[Picture, ...], side: int) -> None:
    """See that pictures which are taken as they are have the size of their family.

    Raises:
        InputError: Names the first that has not.
    """
    for one in pictures:
        if (one.width, one.height) != (side, side):
            raise InputError(
                f"{folder / one.path}: expected {side}x{side} pixels, got {one.width}x{one.height} "
                f"(width x height). Scale the pictures, take another --family, or add --keep-size."
            )


def _read(folder: Path, path: str) -> Picture:
    """Hash and decode a file."""
    if (folder / path).exists() and not (folder / path).is_file():
        raise InputError(f"{folder / path} is no file (a pipe or device?). Take it out.")
    try:
        content = (folder / path).read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {folder / path}: {error.strerror or error}.") from error
    width, height = picture_size(folder / path, content)
    return Picture(path, width, height, len(content), hashlib.sha256(content).hexdigest())


def _paths(folder: Path, classes: bool) -> list[str]:
    """Paths below a folder, sorted by class folder and file name."""
    if not folder.is_dir():
        raise InputError(f"No folder of pictures at {folder}; name it with --from.")
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and _shown(path))
    flat = [path.name for path in _pictures(folder)]
    nested = [f"{one.name}/{path.name}" for one in inside for path in _pictures(one)]
    form = "class folders with pictures" if classes else "pictures, or class folders with pictures"
    deeper = next(_folders_of_pictures(inside), None)
    if deeper:
        raise InputError(
            f"{folder}: expected {form}, got pictures deeper down in {deeper}. Name the folder "
            f"that holds the class folders themselves with --from."
        )
    if flat and nested:
        raise InputError(
            f"{folder}: expected {form}, got {len(flat)} pictures beside {len(inside)} folders. "
            f"Move them apart."
        )
    if flat and classes:
        raise InputError(
            f"{folder}: expected {form}, got {len(flat)} pictures. For pictures without classes "
            f"make the set c, c-bar or p."
        )
    if not flat and not nested:
        raise InputError(f"{folder}: expected {form} ({', '.join(sorted(SUFFIXES))}), got none.")
    return flat or nested


def _shown(path: Path) -> bool:
    """Whether a name is not hidden."""
    return not path.name.startswith(".")


def _pictures(folder: Path) -> list[Path]:
    """Files with a picture's suffix; links may lead anywhere, and to nothing (which then fails)."""
    named = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    return sorted(path for path in named if _shown(path) and not path.is_dir())


def _folders_of_pictures(class_folders: list[Path]) -> Iterator[Path]:
    """Folders with pictures inside class folders, where ``ImageFolder`` would find them too."""
    for folder in class_folders:
        for path in folder.iterdir():
            if path.is_dir() and _shown(path) and _pictures(path):
                yield path


def _refuse_clashes(folder: Path, paths: list[str]) -> None:
    """Every picture must have an output of its own, and a name that fits on a line."""
    taken: dict[str, str] = {"SHA256SUMS": "the list of checksums"}
    for path in paths:
        stem = path[: path.rindex(".")]
        if taken.setdefault(stem, path) != path:
            raise InputError(
                f"{folder}: {taken[stem]} and {path} would be stored under one name. Rename one."
            )
        if path.startswith("SHA256SUMS/"):
            raise InputError(f"{folder}: a class folder SHA256SUMS is not possible. Rename it.")
        if any(sign in path for sign in "\n\r\t"):
            raise InputError(f"{folder}: {path!r} has a line break or tab in its name. Rename it.")
