"""Labelled images by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from robench.datasets import cifar, digits, tiny
from robench.datasets.labelled import Labelled
from robench.registry import lookup


@dataclass(frozen=True)
class Reader:
    """How one data set is read.

    Attributes:
        train: Data folder -> training images.
        test: Data folder -> test images.
        present: Data folder -> whether the files of the test images are there.
        source: Images -> what a passport says of their origin.
    """

    train: Callable[[Path], Labelled]
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
}


def load_train(name: str, data_dir: Path) -> Labelled:
    """Read the training images of a data set.

    Args:
        name: ``digits``, ``cifar10``, ``cifar100`` or ``cifar100-tiny``.
        data_dir: The folder that holds its own folder or file.

    Raises:
        UnknownNameError: No data set with training images has this name.
        InputError: Missing, or not the official files.
    """
    return lookup(READERS, name, "training set").train(data_dir)


def load_test(name: str, data_dir: Path) -> Labelled:
    """Read the test images of a data set; arguments and errors as for `load_train`."""
    return lookup(READERS, name, "labelled data set").test(data_dir)
