"""Which layout a corrupted folder has, and where its clean pictures are."""

from collections.abc import Collection, Sequence
from pathlib import Path

from corruptions import PERTURBATIONS
from robench.datasets.fidelity.arrays import ArrayFolder
from robench.datasets.fidelity.folders import CorruptedFolder
from robench.datasets.fidelity.made import open_made
from robench.datasets.fidelity.pictures import PictureFolder
from robench.datasets.layouts import folders_in
from robench.datasets.manifest import Manifest
from robench.datasets.official import LABELS, open_array
from robench.errors import InputError, UnknownNameError
from robench.registry import unknown


def open_folder(
    folder: Path, clean: str | None, data_dir: Path, manifest: Manifest | None = None
) -> CorruptedFolder:
    """Recognise the layout of a corrupted folder and find its clean pictures.

    Args:
        folder: ``<corruption>.npy`` with ``labels.npy``, or ``<corruption>/<severity>/<class>/``.
        clean: For arrays a clean set's name, a folder that holds it, or an ``.npy`` of images
            (N, 32, 32, 3); else the set that the manifest names, else the one with the same
            labels in ``data_dir``. For pictures the folder of class folders; else the one in
            ``data_dir`` with the name in the manifest.
        data_dir: The folder of data sets.
        manifest: Of a set that robench made.

    Raises:
        InputError: Neither layout, sequences, no clean pictures, or not those of the manifest.
    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    if manifest is None:
        _refuse_sequences(folder)
    if manifest is not None and manifest.format.get("kind") != "npy":
        source: CorruptedFolder = open_made(folder, clean, data_dir, manifest)
    elif (folder / LABELS).is_file():
        source = ArrayFolder.open(folder, clean, data_dir, manifest.source if manifest else None)
    else:
        source = PictureFolder(folder, Path(clean or "."))
    if not source.cells:
        raise InputError(
            f"{folder} holds no corrupted set: expected {LABELS} beside <corruption>.npy, or "
            "folders <corruption>/<severity>/<class>/ of pictures."
        )
    if isinstance(source, PictureFolder) and (clean is None or not Path(clean).is_dir()):
        raise InputError(
            f"{folder} holds pictures: name the folder of the clean ones (class folders) with "
            f"--from{'' if clean is None else f'; there is no folder {clean}'}."
        )
    return source


def wanted(there: Collection[str], only: Sequence[str]) -> list[str]:
    """Those names of a folder that were asked for; all if none was.

    Raises:
        UnknownNameError: One is not there.
    """
    absent = [name for name in only if name not in there]
    if absent:
        raise UnknownNameError(unknown(there, absent[0], "corruption of this folder"))
    return [name for name in there if not only or name in only]


def _refuse_sequences(folder: Path) -> None:
    """Arrays of sequences, or folders of films that are named as perturbations."""
    arrays = sorted(folder.glob("[!.]*.npy"))
    films = [
        inner
        for path in folders_in(folder)
        for inner in (path, *folders_in(path))
        if _is_perturbation(inner.name) and any(inner.glob("*/*.mp4"))
    ]
    if films or any(_is_perturbation(path.stem) and _holds_sequences(path) for path in arrays):
        raise InputError(
            f"{folder} holds perturbation sequences, such as CIFAR-10-P and ImageNet-P: they are "
            "not compared. Of sequences only sets that robench data make made can be checked, by "
            "their checksums."
        )


def _is_perturbation(name: str) -> bool:
    """Whether a perturbation has this name, at whatever difficulty."""
    return name.removesuffix("_2").removesuffix("_3") in PERTURBATIONS


def _holds_sequences(path: Path) -> bool:
    """Whether an array is (N, frames, H, W, 3); an unreadable one is not."""
    try:
        return open_array(path).ndim == 5
    except InputError:
        return False
