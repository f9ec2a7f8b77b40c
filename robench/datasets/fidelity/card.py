"""The fidelity card: published corrupted files held against those that robench makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from corruptions import CORRUPTIONS, GROUPS, assets_present, load
from corruptions.base import Family, resolve_family
from robench.datasets.fidelity.cell import CellCheck
from robench.datasets.fidelity.checksums import verify
from robench.datasets.fidelity.folders import CorruptedFolder
from robench.datasets.fidelity.judgement import REASONS, CellFidelity
from robench.datasets.fidelity.manifest import is_perturbed, maker_of, remarks
from robench.datasets.fidelity.opening import open_folder, wanted
from robench.datasets.manifest import Manifest, read_manifest
from robench.datasets.presence import without_textures
from robench.errors import InputError
from robench.progress import Progress, Silent

IMAGENET_C_OFFSET = (
    "Known of ImageNet-C: top-1 accuracy on pictures regenerated in memory minus that on the "
    "official files is +3.2 points on average over 14 corruptions; the largest offsets are "
    "zoom_blur-1 +21.4, contrast-4 +13.4, fog-5 +10.5 and pixelate-3 -7.8 (13 classic 224-px "
    "models; computed from modestyachts/imagenet-testbed)."
)


@dataclass(frozen=True)
class Card:
    """What a check found.

    Attributes:
        folder: That was checked.
        clean: Where its clean pictures come from.
        family: Whose severities it has.
        rows: Cell by cell.
        not_compared: What was passed over, and why.
        damaged: Files that are not what the manifest says.
        remarks: What else is to be known.
    """

    folder: Path
    clean: str
    family: str
    rows: tuple[CellFidelity, ...]
    damaged: tuple[str, ...]
    not_compared: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        """Whether no cell differs and no file is damaged."""
        return not self.damaged and all(row.as_expected for row in self.rows)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why pictures may differ, for every kind that occurs."""
        occurring = {kind for row in self.rows for kind in row.expected}
        return tuple(f"{kind}: {text}." for kind, text in REASONS.items() if kind in occurring)


def check_folder(  # noqa: PLR0913  all but the first two have defaults
    folder: Path,
    data_dir: Path,
    *,
    clean: str | None = None,
    limit: int = 100,
    only: Sequence[str] = (),
    every: bool = False,
    progress: Progress | None = None,
) -> Card:
    """Hold the cells of a corrupted folder against the same cells made here.

    Args:
        folder: CIFAR-10-C and its like (arrays) or ImageNet-C and its like (pictures).
        data_dir: The folder of data sets: clean CIFAR sets, textures of ``frost``.
        clean: Where the clean pictures are, see `open_folder`.
        limit: The first so many images of each cell, for checksums too.
        only: These corruptions; all by default.
        every: Verify the checksums of all pictures of a set that robench made.
        progress: Told of every cell and file.

    Raises:
        InputError: No corrupted set, no clean pictures for it, names in ``only`` that are not
            there, or nothing that can be made here.
    """
    if limit < 1:
        raise InputError(f"--limit must be at least 1, got {limit}.")
    progress = progress or Silent()
    manifest = read_manifest(folder)
    if manifest is not None and is_perturbed(manifest):
        card = _sequences(folder, manifest, only)
    else:
        source = open_folder(folder, clean, data_dir, manifest)
        names = wanted(source.cells, only)
        card = _compared(Opened(folder, source, manifest, data_dir), names, limit, progress)
    if manifest is None:
        return card
    verified = verify(folder, manifest, only, None if every else limit, progress)
    return replace(card, damaged=verified.damaged, remarks=(*card.remarks, verified.said))


@dataclass(frozen=True)
class Opened:
    """A folder that was opened, with all that is known of it.

    Attributes:
        folder: That is checked.
        source: Its cells beside their clean pictures.
        manifest: Of a set that robench made.
        data_dir: The folder of data sets.
    """

    folder: Path
    source: CorruptedFolder
    manifest: Manifest | None
    data_dir: Path

    @cached_property
    def family(self) -> Family:
        """Whose severities its pictures have."""
        if self.manifest:
            return resolve_family(self.manifest.family, 0, 0)
        name, severities = next(iter(self.source.cells.items()))
        height, width, _ = self.source.read(name, severities[0], 1).published[0].shape
        try:
            return resolve_family("auto", height, width)
        except ValueError as error:
            raise InputError(f"{self.folder}: {error}") from error

    def not_compared(self, reasons: Mapping[str, str | None]) -> Iterator[str]:
        """What is passed over, and why."""
        yield from (f"{name}: {reason}" for name, reason in reasons.items() if reason)
        listed = self.manifest.files if self.manifest else {}
        extra = (name for name in self.source.extra if name not in listed)
        yield from (f"{name}: no part of a corrupted set" for name in extra)
        missing = self.manifest.missing if self.manifest else ()
        yield from (f"{name}: asked for and not made yet" for name in missing)

    def remarks(self, names: Sequence[str]) -> tuple[str, ...]:
        """What is known of the set: who made it, or that it is ImageNet-C (side 224)."""
        if self.manifest:
            return remarks(self.manifest)
        classic = any(name not in GROUPS["bar"] for name in names)
        return (IMAGENET_C_OFFSET,) if self.family == "imagenet" and classic else ()


def _sequences(folder: Path, manifest: Manifest, only: Sequence[str]) -> Card:
    """The card of perturbation sequences that robench made: no cells, only checksums."""
    wanted({Path(cell).parts[0].removesuffix(".npy") for cell in manifest.cells}, only)
    missing = tuple(f"{name}: asked for and not made yet" for name in manifest.missing)
    said = "Perturbation sequences cannot be compared; their files were verified by checksums."
    about = (*remarks(manifest), said)
    return Card(folder, manifest.source.name, manifest.family, (), (), missing, about)


def _compared(opened: Opened, names: Sequence[str], limit: int, progress: Progress) -> Card:
    """The card without checksums."""
    reasons = {name: _why_not(name, opened.family, opened.data_dir) for name in names}
    able = [name for name in CORRUPTIONS if name in names and reasons[name] is None]
    if not able:
        said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise InputError(f"{opened.folder}: nothing can be compared. {said}.")
    return Card(
        folder=opened.folder,
        clean=opened.source.clean_name,
        family=opened.family,
        rows=_rows(opened, able, limit, progress),
        damaged=(),
        not_compared=tuple(opened.not_compared(reasons)),
        remarks=opened.remarks(able),
    )


def _rows(
    opened: Opened, names: Sequence[str], limit: int, progress: Progress
) -> tuple[CellFidelity, ...]:
    """The rows of the card, in the order of the names."""
    source, maker = opened.source, maker_of(opened.manifest, opened.data_dir)
    cells = [(name, severity) for name in names for severity in source.cells[name]]
    progress.start("cells", len(cells))
    rows = []
    for name, severity in cells:
        pictures = source.read(name, severity, limit)
        rows.append(CellCheck(name, severity, pictures, opened.family, maker).row())
        progress.advance(note=f"{name}-{severity}")
    return tuple(rows)


def _why_not(name: str, family: Family, data_dir: Path) -> str | None:
    """Why a corruption cannot be made here; None if it can."""
    if name not in CORRUPTIONS:
        return "robench has no generator of this name"
    if family not in load(name).severities:
        return f"no severities are published for the family {family}"
    if not assets_present(name, data_dir):
        return without_textures(name, data_dir).removeprefix(f"{name} ")
    return None
