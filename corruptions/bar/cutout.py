"""The C-bar corruption that cuts cells out of a turned checkerboard."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corruptions.bar.base import private_rngs
from corruptions.base import Floats, Images, Rng

GREY = np.uint8(128)


def checkerboard_cutout(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Turn a share of the dark cells of a checkerboard of random angle and size grey.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. Cells of oblong images are as large as in a square of the shorter
    side. As in the authors' code the two cells astride an axis of the board are drawn as one.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: A tenth of it is the share of the cells that are drawn.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    height, width = images.shape[1:3]
    shorter, longer = min(height, width), max(height, width)
    boards = [
        (rng.uniform(0.0, 2.0 * np.pi), max(rng.uniform(0.1, 0.25) * shorter, 1.0)) for rng in rngs
    ]
    grids = [
        _grid(rng, int(4 * longer // cell), 0.1 * magnitude)
        for rng, (_, cell) in zip(private_rngs(rngs), boards, strict=True)
    ]
    angles, cells = np.array(boards).T[..., None, None]
    rows, columns = np.arange(height)[:, None], np.arange(width)
    across = (np.cos(angles) * rows + np.sin(angles) * columns) / cells
    along = (np.cos(angles) * columns - np.sin(angles) * rows) / cells
    hidden = _drawn(across, along, grids) & _dark(across, along)
    return np.where(hidden[..., None], GREY, images)


def _grid(rng: Rng, side: int, share: float) -> NDArray[np.bool_]:
    """Which cells are drawn, on a grid larger than the turned image: (side, side)."""
    return rng.uniform(size=(side, side)) < share


def _drawn(across: Floats, along: Floats, grids: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Which points (N, H, W) lie in drawn cells; negative coordinates count from the grid's end."""
    i, j = across.astype(np.int32), along.astype(np.int32)
    return np.stack([grid[a, b] for grid, a, b in zip(grids, i, j, strict=True)])


def _dark(across: Floats, along: Floats) -> NDArray[np.bool_]:
    """Which points (N, H, W) lie in cells whose coordinates are both even or both odd."""
    odd = (np.floor(across).astype(np.int32) ^ np.floor(along).astype(np.int32)) & 1
    even: NDArray[np.bool_] = odd == 0
    return even
