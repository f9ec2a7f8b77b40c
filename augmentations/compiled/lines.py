"""Compiled walks through pictures, line by line."""

from augmentations.compiled.jit import compiled
from augmentations.compiled.records import Box, Bytes


@compiled
def copy(source: Bytes, target: Bytes) -> None:
    """Copy a picture; assigning arrays of three axes is several times slower."""
    values, results = source.reshape(-1), target.reshape(-1)
    for i in range(len(values)):
        results[i] = values[i]


@compiled
def lines(picture: Bytes, box: Box) -> tuple[int, int, int, int]:
    """The lines of a box of (..., H, W): count, first pixel, distance, length.

    A box over the whole width is one line. Loops address pixels by unsigned numbers, which cannot
    count from the end: slices, and the test for it, cost more than the work on a short line.
    """
    top, left, height, width = box
    columns = picture.shape[-1]
    if width == columns:
        return 1, top * columns, height * columns, height * columns
    return height, top * columns + left, columns, width
