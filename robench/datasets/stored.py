"""Files of corrupted and perturbed sets: published ones, or made by robench with a manifest."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from corruptions import corrupt
from robench.datasets import regenerated
from robench.datasets.labelled import Labelled
from robench.datasets.manifest import NAME, Manifest, read_manifest
from robench.datasets.official import Archive
from robench.errors import InputError
from robench.types import EvalSet, Images


@dataclass(frozen=True)
class Origin:
    """Where the pixels of a stored file come from.

    Attributes:
        source: For the passport.
        provenance: Beside it, never hashed.
    """

    source: dict[str, Any]
    provenance: dict[str, Any] = field(default_factory=dict)


def check_folder(entry: EvalSet, folder: Path, clean: Labelled | None) -> None:
    """Refuse a folder that is not what it seems, before its files are read.

    Args:
        entry: The set.
        folder: Holds arrays.
        clean: The clean images, where they are at hand.

    Raises:
        InputError: Made of other or fewer images; or nobody published such files and there is no
            manifest; or robench made the files and the manifest is gone.
    """
    manifest = read_manifest(folder)
    if manifest is not None:
        _check_made(entry, folder, manifest, clean)
    elif not entry.published:
        raise InputError(
            f"{folder} has no {NAME}, and {entry.name} is published nowhere: what it holds cannot "
            f"be known. Move it away, or make it again: robench data make {entry.name}."
        )
    elif clean is not None and _is_ours(entry, folder, clean.images):
        raise InputError(
            f"{folder} holds what robench makes, without its {NAME}: it would pass for the "
            f"published files. Put the manifest back, or delete the folder."
        )


def origin(entry: EvalSet, files: Archive, name: str) -> Origin:
    """Where a file of a folder that passed `check_folder` comes from.

    A file that robench made has the same source as pixels that are drawn on the fly.

    Raises:
        InputError: It is not the file that the manifest lists.
    """
    found = files.source(name)
    manifest = read_manifest(files.folder)
    if manifest is None:
        return Origin(found)
    listed = manifest.files.get(found["file"])
    if listed is None or listed.sha256 != found["sha256"]:
        raise InputError(
            f"{files.folder / found['file']} is not the file that {files.folder / NAME} lists. "
            f"Delete it and run robench data make again; if the files are the published ones, "
            f"delete {NAME} and what it lists."
        )
    source = regenerated.source(entry, manifest.seed, manifest.generator_version)
    return Origin(source, {"made_with": manifest.versions, "file_sha256": found["sha256"]})


def _check_made(entry: EvalSet, folder: Path, manifest: Manifest, clean: Labelled | None) -> None:
    """A made folder is of this set and of all of its clean images."""
    if (manifest.family, manifest.source.name) != (entry.family, entry.clean):
        raise InputError(
            f"{folder} was made from {manifest.source.name} with the severities of "
            f"{manifest.family}; {entry.name} is made from {entry.clean} with those of "
            f"{entry.family}. Move it away."
        )
    if manifest.source.images != entry.size:
        raise InputError(
            f"{folder} was made of {manifest.source.images} of the {entry.size} images of "
            f"{entry.clean}. Move it away, or make it again without --limit."
        )
    if clean is not None and manifest.source.sha256 != clean.sha256:
        raise InputError(
            f"{folder} was made from other pixels than {entry.clean} has here. Move it away, or "
            f"make it again: robench data make {entry.name}."
        )


def _is_ours(entry: EvalSet, folder: Path, clean: Images) -> bool:
    """Whether random draws of the files are those of seed 0: nobody else has these."""
    archive = Archive(folder, entry.size)
    there = archive.names() & regenerated.random_names(entry)
    name = min(there, default="")
    if not name:
        return False
    path = folder / f"{name}.npy"
    return _equals_seed_0(path, path.stat().st_mtime_ns, name, entry.family, clean[:1].tobytes())


@lru_cache(maxsize=64)
def _equals_seed_0(path: Path, _changed: int, name: str, family: str, clean: bytes) -> bool:
    """Whether the first picture of a file is the one that robench would make."""
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    if stored.dtype != np.uint8 or stored.shape[1:] != (32, 32, 3) or not len(stored):
        return False
    first = np.frombuffer(clean, np.uint8).reshape(1, 32, 32, 3)
    made = corrupt(first, name, 1, family=family, seed=regenerated.SEED)
    return bool((stored[0] == made[0]).all())
