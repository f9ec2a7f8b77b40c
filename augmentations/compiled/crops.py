"""Compiled random crops of packed mixing pictures."""

import numpy as np
import torch
from torch import Tensor

from augmentations.compiled.jit import compiled
from augmentations.compiled.records import Bytes, Integers


def crops(pictures: Tensor, where: tuple[Tensor, Tensor, Tensor], side: int) -> Tensor:
    """Crops on the CPU.

    Args:
        pictures: (M, S, S, 3) uint8, contiguous.
        where: Picture, first row and first column of each crop, (N,) int64.
        side: Of the crops in pixels.

    Returns:
        (N, 3, side, side) uint8.
    """
    found = torch.empty(len(where[0]), 3, side, side, dtype=torch.uint8)
    which, top, left = (index.numpy() for index in where)
    _crop(pictures.numpy(), which, top, left, found.numpy())
    return found


@compiled
def _crop(pictures: Bytes, which: Integers, top: Integers, left: Integers, found: Bytes) -> None:
    """Fill (N, 3, s, s); a line of pixels is one run of memory."""
    count, _, side, _ = found.shape
    stored = pictures.shape[1]
    values, results = pictures.reshape(-1), found.reshape(-1)
    three, plane = np.uint64(3), np.uint64(side * side)
    for i in range(count):
        for row in range(side):
            line = (which[i] * stored + top[i] + row) * stored + left[i]
            source, target = np.uint64(3 * line), np.uint64((3 * i * side + row) * side)
            for j in range(side):
                pixel, place = source + three * np.uint64(j), target + np.uint64(j)
                results[place] = values[pixel]
                results[place + plane] = values[pixel + np.uint64(1)]
                results[place + plane + plane] = values[pixel + np.uint64(2)]
