"""An extract of CIFAR-100 in one small file, for trying things out."""

import zlib
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from robench.datasets.labelled import Labelled, missing
from robench.errors import InputError

FILE = "cifar-100-tiny.npz"
SIZES = {"train": 2000, "test": 1000}


@lru_cache(maxsize=4)
def extract(split: str, data_dir: Path) -> Labelled:
    """The first 2,000 training or 1,000 test images of CIFAR-100, with their fine labels.

    It is a data set of its own and never stands in for CIFAR-100.

    Args:
        split: ``train`` or ``test``.
        data_dir: The folder that holds ``cifar-100-tiny.npz`` with arrays ``<split>_images``
            (N, 32, 32, 3) uint8, ``<split>_labels`` (N,) integers and ``classes`` (100,) strings.

    Raises:
        InputError: Absent, damaged, or of another layout.
    """
    path = data_dir / FILE
    if not path.is_file():
        remedy = "It is a development file without a publisher; cifar100 is the complete set."
        raise missing("cifar100-tiny", data_dir, f"the file {FILE}", FILE, remedy)
    try:
        with np.load(path, allow_pickle=False) as stored:
            images, labels = stored[f"{split}_images"], stored[f"{split}_labels"]
            names = tuple(str(name) for name in stored["classes"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error, BadZipFile) as error:
        raise InputError(f"{path} is damaged or of another layout: {error}.") from error
    expected = (SIZES[split], 32, 32, 3)
    if images.shape != expected or images.dtype != np.uint8 or labels.shape != expected[:1]:
        raise InputError(
            f"{path}: expected {split}_images {expected} uint8 with as many labels, got "
            f"{images.shape} {images.dtype} and {labels.shape}."
        )
    return Labelled(images, labels.astype(np.int64), names)
