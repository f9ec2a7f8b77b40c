"""CIFAR-10 and CIFAR-100 from the official Python pickles, each checked before it is read."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from robench.datasets.labelled import Labelled, missing
from robench.datasets.pickles import read_pickle

PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"


@dataclass(frozen=True)
class Layout:
    """Where one CIFAR lies, and what its files are known to hold.

    Attributes:
        title: For people.
        folder: Below the data folder.
        train: File names with their official md5, in order.
        test: Likewise.
        meta: The file of class names.
        labels: Key of the labels.
        names: Key of the class names.
    """

    title: str
    folder: str
    train: tuple[tuple[str, str], ...]
    test: tuple[tuple[str, str], ...]
    meta: tuple[str, str]
    labels: bytes
    names: bytes


CIFAR10 = Layout(
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    train=(
        ("data_batch_1", "c99cafc152244af753f735de768cd75f"),
        ("data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"),
        ("data_batch_3", "54ebc095f3ab1f0389bbae665268c751"),
        ("data_batch_4", "634d18415352ddfa80567beed471001a"),
        ("data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"),
    ),
    test=(("test_batch", "40351d587109b95175f43aff81a1287e"),),
    meta=("batches.meta", "5ff9c542aee3614f3951f8cda6e48888"),
    labels=b"labels",
    names=b"label_names",
)

CIFAR100 = Layout(
    title="CIFAR-100",
    folder="cifar-100-python",
    train=(("train", "16019d7e3df5f24257cddd939b257f8d"),),
    test=(("test", "f0ef6b0ae62326f3e7ffdfab6717acfc"),),
    meta=("meta", "7973b15100ade9c7d40fb424638fde48"),
    labels=b"fine_labels",
    names=b"fine_label_names",
)


def train_images(layout: Layout, data_dir: Path) -> Labelled:
    """The training images in the official order.

    Raises:
        InputError: Files are absent, or not the official ones.
    """
    return _read(layout, layout.train, data_dir)


@lru_cache(maxsize=4)
def test_images(layout: Layout, data_dir: Path) -> Labelled:
    """The test images in the official order; kept in memory, as every cell needs them.

    Raises:
        InputError: Files are absent, or not the official ones.
    """
    return _read(layout, layout.test, data_dir)


def absent(layout: Layout, files: tuple[tuple[str, str], ...], data_dir: Path) -> list[str]:
    """Which of these files, and of the class names, are not there."""
    names = [name for name, _ in (*files, layout.meta)]
    return [name for name in names if not (data_dir / layout.folder / name).is_file()]


def _read(layout: Layout, files: tuple[tuple[str, str], ...], data_dir: Path) -> Labelled:
    """Concatenate batches of rows, each red, green and blue plane one after the other."""
    lacking = absent(layout, files, data_dir)
    if lacking:
        raise missing(
            layout.title,
            data_dir,
            f"the folder {layout.folder} with "
            f"{', '.join(name for name, _ in (*layout.train, *layout.test, layout.meta))}",
            ", ".join(lacking),
            f"Get the Python version from {PAGE} and unpack it there.",
        )
    folder = data_dir / layout.folder
    batches = [read_pickle(folder / name, md5) for name, md5 in files]
    names = read_pickle(folder / layout.meta[0], layout.meta[1])[layout.names]
    planes = np.concatenate([batch[b"data"] for batch in batches]).reshape(-1, 3, 32, 32)
    return Labelled(
        np.ascontiguousarray(planes.transpose(0, 2, 3, 1)),
        np.concatenate([np.asarray(batch[layout.labels], np.int64) for batch in batches]),
        tuple(name.decode() for name in names),
    )
