"""Perturbation sequences on disk, and which of their frames are compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robench.datasets.official import LABELS, Archive, open_array
from robench.errors import InputError
from robench.types import Images


def references(perturbation: str, frames: int, difficulty: int) -> NDArray[np.int64]:
    """The frame that each frame is compared with.

    Hendrycks & Dietterich, ICLR 2019: the frames of noise are independent draws around the clean
    frame 0 and are compared with it, whatever the difficulty (which is their strength); those of
    the others change step by step, and at difficulty d frame i is compared with frame i - d.

    Args:
        perturbation: Its name.
        frames: Frames of a sequence.
        difficulty: 1 to 3.

    Returns:
        (frames,) frame numbers, -1 for a frame that is compared with none.
    """
    numbers = np.arange(frames, dtype=np.int64)
    if _is_noise(perturbation):
        return np.where(numbers > 0, 0, -1)
    return np.maximum(numbers - difficulty, -1)


def stored_name(perturbation: str, difficulty: int) -> str:
    """The name of the published file: a noise of difficulty 2 or 3 has one of its own."""
    harder = _is_noise(perturbation) and difficulty > 1
    return f"{perturbation}_{difficulty}" if harder else perturbation


def _is_noise(perturbation: str) -> bool:
    return perturbation.endswith("noise")


@dataclass(frozen=True)
class SequenceArchive(Archive):
    """A folder such as ``CIFAR-10-P``.

    Every ``<perturbation>.npy`` holds (N, frames, 32, 32, 3) uint8, one sequence per test image;
    ``labels.npy``, where there is one, N integers.
    """

    copies: int = 1

    def names(self) -> frozenset[str]:
        """The files that are there, by `stored_name`."""
        return frozenset(path.stem for path in self.folder.glob("[!.]*.npy")) - {"labels"}

    def labels(self, clean: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """The labels of the N clean images, from the file or else those given.

        Raises:
            InputError: No file and none given, or they do not agree.
        """
        if clean is not None and not (self.folder / LABELS).is_file():
            return clean
        return super().labels(clean)

    def images(self, corruption: str, size: int) -> Images:
        """All sequences, mapped into memory and not read.

        Args:
            corruption: One of `names`.
            size: How many clean images there are, N.

        Returns:
            (N, frames, 32, 32, 3) uint8.

        Raises:
            InputError: Of another shape or dtype, or unreadable.
        """
        path = self.folder / f"{corruption}.npy"
        stored = open_array(path)
        shape = stored.shape
        if len(shape) != 5 or (shape[0], *shape[2:]) != (size, 32, 32, 3) or shape[1] < 2:
            raise InputError(
                f"{path}: expected uint8 of shape ({size}, frames, 32, 32, 3), got {stored.dtype} "
                f"of shape {shape}. Get it again."
            )
        if stored.dtype != np.uint8:
            raise InputError(f"{path}: expected uint8, got {stored.dtype}. Get it again.")
        return stored
