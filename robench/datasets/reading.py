"""Labelled images by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from robench.datasets import cifar, digits, own, tiny
from robench.datasets.labelled import Labelled
from robench.datasets.new_cifar import RELEASES, Release, read_release
from robench.registry import lookup


@dataclass(frozen=True)
class Reader:
    """How one data set is read.

    Attributes:
        train: Data folder -> training images; None for a set to test on only.
        test: Data folder -> test images.
        present: Data folder -> whether the files of the test images are there.
        source: Images -> what a passport says of their origin.
    """

    train: Callable[[Path], Labelled] | None
    test: Callable[[Path], Labelled]
    present: Callable[[Path], bool]
    source: Callable[[Labelled], dict[str, Any]]


def _cifar(layout: cifar.Layout) -> Reader:
    return Reader(
        train=partial(cifar.train_images, layout),
        test=partial(cifar.test_images, layout),
        present=lambda data_dir: not cifar.absent(layout, layout.test, data_dir),
        source=lambda _: {"kind": "official"},  # every file has the published md5
    )


def _release(release: Release) -> Reader:
    return Reader(
        train=None,
        test=partial(read_release, release),
        present=lambda data_dir: release.place(data_dir) is not None,
        source=lambda data: {"kind": "official", "verified": False, "sha256": data.sha256},
    )


READERS: dict[str, Reader] = {
    "digits": Reader(
        train=lambda _: digits.train_images(),
        test=lambda _: digits.test_images(),
        present=lambda _: True,
        source=lambda _: {
            "kind": "bundled",
            "package": "scikit-learn",
            "split": "blake2b of digits/<index>",
        },
    ),
    "cifar10": _cifar(cifar.CIFAR10),
    "cifar100": _cifar(cifar.CIFAR100),
    "cifar100-tiny": Reader(
        train=partial(tiny.extract, "train"),
        test=partial(tiny.extract, "test"),
        present=lambda data_dir: (data_dir / tiny.FILE).is_file(),
        source=lambda data: {
            "kind": "extract",
            "of": "cifar100",
            "sha256": data.sha256,
        },
    ),
    **{name: _release(release) for name, release in RELEASES.items()},
}


def load_train(name: str, data_dir: Path) -> Labelled:
    """Read the training images of a data set.

    Args:
        name: ``digits``, ``cifar10``, ``cifar100``, ``cifar100-tiny``, or ``folder:DIR`` for class
            folders of pictures.
        data_dir: The folder that holds its own folder or file.

    Raises:
        UnknownNameError: No data set with training images has this name.
        InputError: Missing, or not the official files.
    """
    if name.startswith(own.PREFIX):
        return own.load_folder(name)
    trainable = {key: one.train for key, one in READERS.items() if one.train is not None}
    return lookup(trainable, name, "training set")(data_dir)


def load_test(name: str, data_dir: Path) -> Labelled:
    """Read the test images of a data set; arguments and errors as for `load_train`."""
    return lookup(READERS, name, "labelled data set").test(data_dir)
