"""The fidelity card: published corrupted files held against those that robench makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corruptions import CORRUPTIONS, assets_present, load
from corruptions.base import Family, resolve_family
from robench.datasets.fidelity.arrays import ArrayFolder
from robench.datasets.fidelity.cell import CellCheck, Maker
from robench.datasets.fidelity.folders import CorruptedFolder
from robench.datasets.fidelity.judgement import REASONS, CellFidelity
from robench.datasets.fidelity.manifest import damaged_files, maker_of, remarks
from robench.datasets.fidelity.pictures import PictureFolder
from robench.datasets.making.manifest import read_manifest
from robench.datasets.official import LABELS
from robench.datasets.presence import why_absent
from robench.errors import InputError, UnknownNameError
from robench.progress import Progress, Silent
from robench.registry import unknown

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


def check_folder(
    folder: Path,
    data_dir: Path,
    *,
    clean: str | None = None,
    limit: int = 100,
    only: Sequence[str] = (),
    progress: Progress | None = None,
) -> Card:
    """Hold the cells of a corrupted folder against the same cells made here.

    Args:
        folder: CIFAR-10-C and its like (arrays) or ImageNet-C and its like (pictures).
        data_dir: The folder of data sets: clean CIFAR sets, textures of ``frost``.
        clean: Where the clean pictures are, see `open_folder`.
        limit: The first so many images of each cell.
        only: These corruptions; all by default.
        progress: Told of every cell.

    Raises:
        InputError: No corrupted set, no clean pictures for it, damaged files, names in ``only``
            that are not there, or nothing that can be made here.
    """
    if limit < 1:
        raise InputError(f"--limit must be at least 1, got {limit}.")
    manifest = read_manifest(folder)
    source = open_folder(folder, clean, data_dir, manifest.preparation if manifest else None)
    there = _wanted(source, only)
    maker = maker_of(manifest, data_dir)
    family = resolve_family(manifest.family, 0, 0) if manifest else _family(source, folder)
    reasons = {name: _why_not(name, family, data_dir) for name in there}
    able = [name for name in CORRUPTIONS if name in there and reasons[name] is None]
    if not able:
        said = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        raise InputError(f"{folder}: nothing can be compared. {said}.")
    listed = manifest.files if manifest else {}
    return Card(
        folder=folder,
        clean=source.clean_name,
        family=family,
        rows=_compare(source, able, limit, (family, maker), progress or Silent()),
        damaged=damaged_files(folder, manifest, only) if manifest else (),
        not_compared=(
            *(f"{name}: {reason}" for name, reason in reasons.items() if reason),
            *(f"{name}: no part of a corrupted set" for name in source.extra if name not in listed),
        ),
        remarks=(remarks(manifest) if manifest else ())
        + ((IMAGENET_C_OFFSET,) if family == "imagenet" else ()),
    )


def _compare(
    source: CorruptedFolder,
    names: Sequence[str],
    limit: int,
    origin: tuple[Family, Maker],
    progress: Progress,
) -> tuple[CellFidelity, ...]:
    """The rows of the card, in the order of the names."""
    cells = [(name, severity) for name in names for severity in source.cells[name]]
    progress.start("cells", len(cells))
    rows = []
    for name, severity in cells:
        pictures = source.read(name, severity, limit)
        rows.append(CellCheck(name, severity, pictures, *origin).row())
        progress.advance(note=f"{name}-{severity}")
    return tuple(rows)


def open_folder(
    folder: Path, clean: str | None, data_dir: Path, preparation: str | None = None
) -> CorruptedFolder:
    """Recognise the layout of a corrupted folder and find its clean pictures.

    Args:
        folder: ``<corruption>.npy`` with ``labels.npy``, or ``<corruption>/<severity>/<class>/``.
        clean: For arrays a clean set's name, a folder that holds it, or an ``.npy`` of images
            (N, 32, 32, 3); else the set with the same labels in ``data_dir``. For pictures the
            folder of class folders.
        data_dir: The folder of data sets.
        preparation: Of the clean pictures, where it is known, see `PictureFolder`.

    Raises:
        InputError: Neither layout, or no clean pictures.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    if (folder / LABELS).is_file():
        return ArrayFolder.open(folder, clean, data_dir)
    pictures = PictureFolder(folder, Path(clean or "."), preparation)
    if not pictures.cells:
        raise InputError(
            f"{folder} holds no corrupted set: expected {LABELS} beside <corruption>.npy, or "
            "folders <corruption>/<severity>/<class>/ of pictures."
        )
    if clean is None or not Path(clean).is_dir():
        raise InputError(
            f"{folder} holds pictures: name the folder of the clean ones (class folders) with "
            f"--from{'' if clean is None else f'; there is no folder {clean}'}."
        )
    return pictures


def _wanted(source: CorruptedFolder, only: Sequence[str]) -> list[str]:
    """The corruptions to look at."""
    absent = [name for name in only if name not in source.cells]
    if absent:
        raise UnknownNameError(unknown(source.cells, absent[0], "corruption of this folder"))
    return [name for name in source.cells if not only or name in only]


def _family(source: CorruptedFolder, folder: Path) -> Family:
    """Whose severities pictures of this size have."""
    name, severities = next(iter(source.cells.items()))
    _, height, width, _ = source.read(name, severities[0], 1).published.shape
    try:
        return resolve_family("auto", height, width)
    except ValueError as error:
        raise InputError(f"{folder}: {error}") from error


def _why_not(name: str, family: Family, data_dir: Path) -> str | None:
    """Why a corruption cannot be made here; None if it can."""
    if name not in CORRUPTIONS:
        return "robench has no generator of this name"
    if family not in load(name).severities:
        return f"no severities are published for the family {family}"
    if not assets_present(name, data_dir):
        return why_absent(name, data_dir).removeprefix(f"{name} ")
    return None
