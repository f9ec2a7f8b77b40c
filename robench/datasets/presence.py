"""What of the data sets is at hand, and whether it is sound."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corruptions import PERTURBATIONS
from robench.datasets import regenerated, stored
from robench.datasets.catalogue import DATASETS
from robench.datasets.official import Archive
from robench.datasets.reading import READERS, load_test
from robench.datasets.sequences import SequenceArchive
from robench.errors import InputError
from robench.types import EvalSet

MADE = ("corrupted", "perturbed")  # roles of sets that can be made from a clean one


def available(evalset: EvalSet, data_dir: Path) -> frozenset[str]:
    """The corruptions or perturbations of a set that lie there officially or can be made."""
    if evalset.clean and is_present(DATASETS[evalset.clean], data_dir):
        if evalset.role == "perturbed":
            return archived(evalset, data_dir) | frozenset(PERTURBATIONS)
        return archived(evalset, data_dir) | regenerated.drawable(evalset, data_dir)
    return archived(evalset, data_dir)


def why_absent(corruption: str, data_dir: Path) -> str:
    """Why a corruption that robench knows is not `available`, and the command that mends it."""
    return (
        f"{corruption} needs its textures in {data_dir / corruption}: robench data get "
        f"{corruption} --data-dir {data_dir}"
    )


def is_present(evalset: EvalSet, data_dir: Path) -> bool:
    """Whether the files of a set are there (their content is not looked at) or are not needed."""
    if evalset.role in MADE:
        return bool(available(evalset, data_dir))
    return evalset.name not in READERS or READERS[evalset.name].present(data_dir)


def check(evalset: EvalSet, data_dir: Path) -> None:
    """Fail now rather than in the middle.

    Raises:
        InputError: A file of the set is missing, damaged or not the official one.
    """
    if evalset.name in READERS:
        load_test(evalset.name, data_dir)
    elif evalset.role in MADE:
        _check_made(evalset, data_dir)


def _check_made(evalset: EvalSet, data_dir: Path) -> None:
    """Every archived array is sound, or else the clean images are there."""
    names = archived(evalset, data_dir)
    if names:
        files, labels = stored_labels(evalset, data_dir)
        size = len(labels)
        for name in names:
            files.images(name, size)
    elif evalset.clean:
        try:
            check(DATASETS[evalset.clean], data_dir)
        except InputError as error:
            where = f"no official files in {data_dir / evalset.folder}; " if evalset.folder else ""
            raise InputError(f"{evalset.name}: {where}to make it, {error}") from error


def archive(evalset: EvalSet, data_dir: Path) -> Archive:
    """The folder of the official files, which need not exist."""
    kind = SequenceArchive if evalset.role == "perturbed" else Archive
    return kind(data_dir / (evalset.folder or ""), evalset.size)


def archived(evalset: EvalSet, data_dir: Path) -> frozenset[str]:
    """Corruptions of which the official file is there."""
    return archive(evalset, data_dir).names() if evalset.folder else frozenset()


def stored_labels(evalset: EvalSet, data_dir: Path) -> tuple[Archive, NDArray[np.int64]]:
    """The folder of files of a set, and its labels.

    Raises:
        InputError: The folder is not what it seems, or its labels are not those of the clean set.
    """
    files = archive(evalset, data_dir)
    clean = None
    if evalset.clean and is_present(DATASETS[evalset.clean], data_dir):
        clean = load_test(evalset.clean, data_dir)
    stored.check_folder(evalset, files.folder, clean)
    return files, files.labels(None if clean is None else clean.labels)
