"""What a corrupted folder made by robench says of itself, and whether it is still true."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from corruptions import GENERATOR_VERSION
from robench.datasets.fidelity.cell import Maker
from robench.datasets.making.manifest import Manifest, versions

SUMS = "SHA256SUMS"
JPEG_LIBRARIES = ("Pillow", "libjpeg-turbo")


def maker_of(manifest: Manifest | None, data_dir: Path) -> Maker:
    """Where the pictures of a folder come from: robench with a seed, or the publisher."""
    if manifest is None:
        return Maker(data_dir)
    here = versions()
    return Maker(
        data_dir,
        seed=manifest.seed,
        own=manifest.generator_version == GENERATOR_VERSION,
        other_jpeg=any(manifest.versions.get(name) != here[name] for name in JPEG_LIBRARIES),
    )


def damaged_files(folder: Path, manifest: Manifest, only: Sequence[str]) -> tuple[str, ...]:
    """The files that are absent or have another SHA-256 than the manifest says.

    Args:
        folder: The set.
        manifest: Of that set.
        only: Look at the files of these corruptions; at all if empty.
    """
    wrong = []
    for name, stored in manifest.files.items():
        if only and Path(name).parts[0].removesuffix(".npy") not in only:
            continue
        path = folder / name
        if _sha256(path) != stored.sha256:
            wrong.append(name)
        elif path.name == SUMS:
            wrong += _damaged_pictures(folder, path)
    return tuple(wrong)


def remarks(manifest: Manifest) -> tuple[str, ...]:
    """What a reader must know of a folder that robench made."""
    made = f"Made by robench, generator version {manifest.generator_version}, seed {manifest.seed}"
    if manifest.generator_version != GENERATOR_VERSION:
        made += f"; this is version {GENERATOR_VERSION}, so that only the strength can agree"
    if not manifest.complete:
        made += "; not complete"
    return (f"{made}.",)


def _damaged_pictures(folder: Path, sums: Path) -> list[str]:
    """The pictures of one list, ``<sha256>  <path>`` a line as `sha256sum` has it, that differ."""
    pairs = (line.split(maxsplit=1) for line in sums.read_text().splitlines())
    paths = ((digest, sums.parent / path) for digest, path in pairs)
    return [str(path.relative_to(folder)) for digest, path in paths if _sha256(path) != digest]


def _sha256(path: Path) -> str | None:
    """The digest of a file; None if it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
