"""Folders of pictures that robench made: what their manifest says, and whether to believe it."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from robench.datasets.drawn_pictures import coding_of, drawn_source
from robench.datasets.making.folders import PICTURES
from robench.datasets.making.pictures import preparation
from robench.datasets.making.recipes import Kind
from robench.datasets.manifest import NAME, SUMS, Manifest, read_manifest
from robench.datasets.stored import Origin
from robench.errors import InputError
from robench.types import EvalSet

_AGAIN = "Run robench data make again, which mends what is not as listed."


@dataclass(frozen=True)
class MadeFolder:
    """A folder with a manifest of ours.

    Attributes:
        root: The folder.
        manifest: Of it.
    """

    root: Path
    manifest: Manifest

    def finished(self, cell: str) -> bool:
        """Whether all pictures of a cell were made: ``fog/3``, or ``rotate`` of a perturbed set."""
        return f"{cell}/{SUMS}" in self.manifest.files

    def paths(self, cell: str) -> list[str]:
        """The files of a finished cell as its list of checksums names them, below the cell.

        Raises:
            InputError: The list is not the one that the manifest knows.
        """
        path = self.root / cell / SUMS
        lines = self._checked(path, self.manifest.files[f"{cell}/{SUMS}"].sha256).splitlines()
        return [os.fsdecode(line.partition(b"  ")[2]) for line in lines]

    def clean_pictures(self) -> list[tuple[str, int]]:
        """Path and size of the clean pictures; the place of each is its number.

        Raises:
            InputError: The list is not the one that the manifest knows.
        """
        content = self._checked(self.root / PICTURES, self.manifest.source.sha256)
        rows = (os.fsdecode(line).split("\t") for line in content.splitlines()[1:])
        return [(path, int(size)) for _, _, size, path in rows]

    def origin(self, entry: EvalSet, cell: str) -> Origin:
        """Where the pixels of a finished cell come from.

        The same as for pixels that are drawn on the fly from the same clean pictures.

        Raises:
            InputError: It was made of something else than the set is, or was altered.
        """
        self._check(entry)
        clean = self.clean_pictures()
        lines = "".join(f"{path}\t{size}\n" for path, size in clean)
        source = drawn_source(
            entry,
            hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest(),
            len(clean),
            coding=coding_of(str(self.manifest.format["kind"])),
            seed=self.manifest.seed,
            version=self.manifest.generator_version,
        )
        sums = self.manifest.files[f"{cell}/{SUMS}"].sha256
        return Origin(source, {"made_with": self.manifest.versions, "sums_sha256": sums})

    def _check(self, entry: EvalSet) -> None:
        """It was made for this set."""
        kind: Kind = "p" if entry.role == "perturbed" else "c"
        expected = entry.family, preparation(kind, entry.family)
        got = self.manifest.family, self.manifest.preparation
        if got != expected:
            raise InputError(
                f"{self.root} was made with the severities of {got[0]} and {got[1]!r}; "
                f"{entry.name} is made with those of {expected[0]} and {expected[1]!r}. Move it "
                f"away, or make it again: robench data make {entry.name}."
            )

    def _checked(self, path: Path, sha256: str) -> bytes:
        """The content of a list, if it is the one that was written."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"Cannot read {path}: {error.strerror or error}. {_AGAIN}") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InputError(f"{path} is not the one that {self.root / NAME} knows. {_AGAIN}")
        return content


def made_folder(root: Path) -> MadeFolder | None:
    """The folder with its manifest; None for files of others.

    Raises:
        InputError: The manifest is damaged.
    """
    manifest = read_manifest(root)
    return None if manifest is None else MadeFolder(root, manifest)


def refuse_orphans(root: Path, cells: Iterator[Path]) -> None:
    """Refuse what robench made when its manifest is gone: it would pass for published files.

    Args:
        root: A folder without our manifest.
        cells: Folders of pictures in it.

    Raises:
        InputError: It has the lists that robench writes beside pictures.
    """
    left = [root / PICTURES, *(cell / SUMS for cell in cells)]
    odd = next((path for path in left if path.is_file()), None)
    if odd is not None:
        raise orphan(root, str(odd))


def orphan(root: Path, evidence: str) -> InputError:
    """The one message for a folder of ours without its manifest.

    Args:
        root: The folder.
        evidence: What it has that only robench makes.
    """
    return InputError(
        f"{root}: {evidence} says that robench made this folder, but its {NAME} is gone: it would "
        f"pass for the published files. Put the manifest back, or delete the folder."
    )
