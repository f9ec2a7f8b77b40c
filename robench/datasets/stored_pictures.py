"""Pictures that are stored at the size that networks see."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from robench.datasets.pictures import DAMAGED, damaged, open_picture
from robench.datasets.preprocessing import Pipeline, pipeline
from robench.errors import InputError
from robench.types import EvalSet, Images, Preprocess

SIDE = 224
"""Of the pictures of ImageNet-C, -C-bar and -P, in pixels."""


@dataclass(frozen=True)
class StoredPictures:
    """Reads the pictures of one corruption and severity.

    Attributes:
        folder: Holds class folders.
        paths: Below it, N.
        size: Width and height that each must have.
        pipeline: What happens to them.
    """

    folder: Path
    paths: tuple[str, ...]
    size: tuple[int, int]
    pipeline: Pipeline

    def __call__(self, start: int, stop: int) -> Images:
        """The pictures ``start`` to ``stop - 1``, (stop - start, H, W, 3) uint8.

        Raises:
            InputError: One is damaged or of another size; the message names it.
        """
        return np.stack([self._read(self.folder / path) for path in self.paths[start:stop]])

    def _read(self, path: Path) -> Images:
        picture = open_picture(path)
        if picture.size != self.size:
            raise InputError(f"{path}: {wrong_size(picture.size, self.size)}")
        return self.pipeline(picture)


def fitted(entry: EvalSet, own: Preprocess | None) -> tuple[Pipeline, str | None]:
    """How the pictures of a set reach a network: as the files are.

    Only a network that takes no other size than its own gets them scaled to it.

    Args:
        entry: Whose ``preprocess`` says what is done for all networks.
        own: What the network brings.

    Returns:
        The way, and its name for the passport; None where it is the one that the set declares.
    """
    declared = pipeline(entry.preprocess)
    if own is None or not own.fixed or own.crop == SIDE:
        return declared, None
    changed = replace(declared, fixed=own.crop, interpolation=own.interpolation)
    return changed, changed.id


@lru_cache(maxsize=8)
def shared(paths: tuple[str, ...]) -> tuple[str, ...]:
    """One copy of equal lists: the 75 cells of ImageNet-C have the same 50,000 names."""
    return paths


def stored_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture of a set, from its header.

    Raises:
        InputError: It is unreadable, or too small for the centre crop.
    """
    try:
        with Image.open(path) as opened:
            size: tuple[int, int] = opened.size
    except DAMAGED as error:
        raise damaged(path, error) from error
    if min(size) < SIDE:
        raise InputError(f"{path}: {wrong_size(size, (SIDE, SIDE))}")
    return size


def wrong_size(got: tuple[int, int], expected: tuple[int, int]) -> str:
    """The sentence for a picture of another (width, height)."""
    theirs, ours = ("x".join(map(str, size)) for size in (got, expected))
    return (
        f"expected {ours} pixels, got {theirs} (width x height): the files are measured as they "
        f"are. Get the set again at its published size."
    )
