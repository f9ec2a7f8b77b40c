"""Labelled images in memory."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError
from robench.types import Images


@dataclass(frozen=True)
class Labelled:
    """One split of a data set. The arrays are read-only: every caller shares them.

    Attributes:
        images: (N, H, W, 3) uint8.
        labels: (N,) int64, 0 to K-1.
        class_names: K names.
    """

    images: Images
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]

    def __post_init__(self) -> None:
        self.images.setflags(write=False)
        self.labels.setflags(write=False)

    @cached_property
    def sha256(self) -> str:
        """`fingerprint` of the images, computed once."""
        return fingerprint(self.images)


def fingerprint(images: Images) -> str:
    """SHA-256 of the pixels, as manifests and passports state it."""
    return hashlib.sha256(np.ascontiguousarray(images).data).hexdigest()


def missing(name: str, data_dir: Path, layout: str, absent: str, remedy: str) -> InputError:
    """The one message for data that is not there.

    Args:
        name: The data set.
        data_dir: The folder looked in.
        layout: What was expected below it.
        absent: What of that is not there.
        remedy: How to get it.
    """
    return InputError(
        f"{name} is not in {data_dir}: expected {layout}; missing: {absent}. {remedy} "
        f"Name the folder that holds it with --data-dir or ROBENCH_DATA."
    )
