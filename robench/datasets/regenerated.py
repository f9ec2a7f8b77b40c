"""Corrupted cells drawn from clean images, on the fly or read from a folder made that way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from corruptions import GENERATOR_VERSION, GROUPS, assets_present, corrupt, load, perturb
from robench.datasets.making.manifest import NAME, read_manifest
from robench.datasets.official import Archive
from robench.errors import InputError
from robench.types import Cell, EvalSet, Images

SEED = 0


def names(entry: EvalSet) -> tuple[str, ...]:
    """The corruptions of a set that robench can make, in the order of their list."""
    listed = (name for group in entry.groups for name in GROUPS[group])
    return tuple(name for name in listed if entry.family in load(name).severities)


def drawable(entry: EvalSet, data_dir: Path) -> frozenset[str]:
    """Those of `names` that can be made now: ``frost`` needs its textures in the data folder."""
    return frozenset(name for name in names(entry) if assets_present(name, data_dir))


def source(entry: EvalSet, seed: int = SEED, version: int = GENERATOR_VERSION) -> dict[str, Any]:
    """What a passport says of the pixels; the same whether they were stored or not."""
    return {
        "kind": "regenerated",
        "generator": "corruptions",
        "version": version,
        "seed": seed,
        "family": entry.family,
        "from": entry.clean,
    }


def stored_source(entry: EvalSet, files: Archive, name: str) -> dict[str, Any]:
    """What a passport says of a stored file: official, or made by robench as its manifest says.

    Raises:
        InputError: It was made, but is not the file that the manifest lists, or of other images.
    """
    found = files.source(name)
    manifest = read_manifest(files.folder)
    if manifest is None:
        return found
    listed = manifest.files.get(found["file"])
    if listed is None or listed.sha256 != found["sha256"]:
        raise InputError(
            f"{files.folder / found['file']} is not the file that {files.folder / NAME} lists: it "
            "was altered. Delete it, and run the same robench data make again."
        )
    if (manifest.family, manifest.source.name) != (entry.family, entry.clean):
        raise InputError(
            f"{files.folder} was made from {manifest.source.name} with the severities of "
            f"{manifest.family}; {entry.name} is made from {entry.clean} with those of "
            f"{entry.family}. Move it away."
        )
    return source(entry, manifest.seed, manifest.generator_version)


def sequence_reader(entry: EvalSet, cell: Cell, images: Images) -> Callable[..., Images]:
    """(start, stop) -> the sequences of those of the clean ``images`` (N, H, W, 3)."""

    def make(start: int, stop: int) -> Images:
        return perturb(
            images[start:stop],
            cell.corruption,
            family=entry.family,
            seed=SEED,
            indices=range(start, stop),
            difficulty=cell.difficulty,
        )

    return make


def reader(entry: EvalSet, cell: Cell, images: Images, data_dir: Path) -> Callable[..., Images]:
    """(start, stop) -> those of the clean ``images`` (N, H, W, 3), corrupted."""

    def make(start: int, stop: int) -> Images:
        return corrupt(
            images[start:stop],
            cell.corruption,
            cell.severity,
            family=entry.family,
            seed=SEED,
            indices=range(start, stop),
            data_dir=data_dir,
        )

    return make
