"""What a made set says of itself: how it was made, and a checksum of every file."""

from collections.abc import Set as AbstractSet
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from PIL import features
from pydantic import Field, ValidationError

from robench.config import Strict
from robench.errors import InputError
from robench.files import read_json, write_json

NAME = "manifest.json"
SCHEMA = 1
SUMS = "SHA256SUMS"
"""The list of checksums of a folder of pictures."""
_MUST_AGREE = {
    "set": "set",
    "generator_version": "generator version",
    "seed": "seed",
    "family": "family",
    "benchmark_size": "benchmark size",
    "preparation": "preparation",
    "format": "format",
}


class Origin(Strict):
    """The clean images.

    Attributes:
        name: Of the data set, or of the folder of pictures.
        images: How many.
        sha256: Of the pixels of a labelled set, or of the list of pictures, which holds path,
            size and SHA-256 of every file.
    """

    name: str
    images: int
    sha256: str


class Stored(Strict):
    """One file of the set.

    Attributes:
        sha256: Of the file.
        bytes: Its size.
        pictures: For a list of checksums: how many pictures it lists.
        picture_bytes: Likewise: their size together.
    """

    sha256: str
    bytes: int
    pictures: int | None = None
    picture_bytes: int | None = None


class Manifest(Strict):
    """``manifest.json`` of a made set.

    It depends neither on the number of processes nor on interruptions; on the machine only by the
    versions of the libraries there.

    Attributes:
        set: Name of the recipe.
        generator_version: Of the package ``corruptions``.
        seed: Of the whole set.
        family: Whose severities.
        benchmark_size: Whether pictures have the size that the family was published for.
        preparation: What happened to the pictures before.
        source: The clean images; ``from`` in the file.
        format: Kind of the files and settings of the encoder.
        versions: Of the libraries that decide about pixels and bytes.
        cells: What was asked for, so far: names of files, or of folders of pictures.
        complete: Whether all of that is there.
        files: By path below the folder; of ``cells``, those that are finished.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    generator: Literal["corruptions"] = "corruptions"
    set: str
    generator_version: int
    seed: int
    family: str
    benchmark_size: bool
    preparation: str
    source: Origin = Field(alias="from")
    format: dict[str, str | int | bool]
    versions: dict[str, str]
    cells: tuple[str, ...] = ()
    complete: bool = False
    files: dict[str, Stored] = Field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """What was asked for and is not there yet."""
        return tuple(cell for cell in self.cells if self.entry(cell) not in self.files)

    def entry(self, cell: str) -> str:
        """The key of ``files`` that stands for a finished cell: itself, or its checksums."""
        return cell if cell in self.files else f"{cell}/{SUMS}"

    def with_file(self, path: str, stored: Stored) -> "Manifest":
        """The same with one more file; complete if nothing is missing then."""
        listed = self.model_copy(update={"files": {**self.files, path: stored}})
        return listed.model_copy(update={"complete": not listed.missing})

    def asking(self, cells: AbstractSet[str], finished: AbstractSet[str]) -> "Manifest":
        """The same with these cells added to what is asked for; only finished ones stay listed."""
        wanted = sorted({*self.cells, *cells})
        gone = {self.entry(cell) for cell in wanted if cell not in finished}
        files = {path: stored for path, stored in self.files.items() if path not in gone}
        asked = self.model_copy(update={"cells": tuple(wanted), "files": files})
        return asked.model_copy(update={"complete": not asked.missing})


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a set that robench made.

    Returns:
        None where there is no ``manifest.json``, or another program's.

    Raises:
        InputError: It is ours, but damaged or of another schema.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        plain = read_json(path)
    except InputError as error:
        raise InputError(
            f"Cannot read {path}: without it nobody can tell what the folder holds. Delete the "
            f"folder and make the set again."
        ) from error
    if not isinstance(plain, dict) or plain.get("generator") != "corruptions":
        return None
    try:
        return Manifest.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{path} does not fit schema {SCHEMA}: {place}: {first['msg']}. Choose another --out."
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it atomically.

    Raises:
        RunError: The disk is full or not writable.
    """
    plain = manifest.model_dump(mode="json", by_alias=True, exclude_none=True)
    write_json(folder / NAME, plain)


def versions() -> dict[str, str]:
    """Versions of what decides about pixels and bytes."""
    packages = {
        "robench": "robench",
        "numpy": "numpy",
        "scipy": "scipy",
        "pillow": "Pillow",
        "opencv-python-headless": "OpenCV",
    }
    codecs = {"libjpeg_turbo": "libjpeg-turbo", "zlib": "zlib", "zlib_ng": "zlib-ng"}
    found = {title: version(name) for name, title in packages.items()}
    return found | {title: features.version(name) or "absent" for name, title in codecs.items()}


def differences(present: Manifest, wanted: Manifest) -> list[str]:
    """What two manifests disagree on, in words; other cells and another robench are no matter."""
    found = [
        f"{title} {getattr(present, name)!r} there, {getattr(wanted, name)!r} asked for"
        for name, title in _MUST_AGREE.items()
        if getattr(present, name) != getattr(wanted, name)
    ]
    found += _origins(present.source, wanted.source)
    names = sorted({*present.versions, *wanted.versions} - {"robench"})
    there, here = present.versions, wanted.versions
    unlike = [name for name in names if there.get(name) != here.get(name)]
    return found + [f"{name} {there.get(name)} there, {here.get(name)} here" for name in unlike]


def _origins(present: Origin, wanted: Origin) -> list[str]:
    """How clean images differ."""
    if present.images != wanted.images:
        return [f"{present.images} clean images there, {wanted.images} asked for"]
    if present.sha256 != wanted.sha256:
        return [f"clean images {present.sha256[:12]} there, {wanted.sha256[:12]} asked for"]
    return []
