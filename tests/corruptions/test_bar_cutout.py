"""The checkerboard cutout against a loop over pixels."""

import math

import numpy as np
import pytest

from corruptions.bar.cutout import checkerboard_cutout
from corruptions.base import Images, Rng


def _rngs(count: int) -> list[Rng]:
    return [np.random.RandomState(seed) for seed in range(count)]


def _white(count: int, height: int, width: int) -> Images:
    return np.full((count, height, width, 3), 255, dtype=np.uint8)


def _hidden(rng: Rng, height: int, width: int, magnitude: float) -> list[list[bool]]:
    """Which pixels are grey, one by one."""
    angle = rng.uniform(0, 2 * math.pi)
    cell = max(rng.uniform(0.1, 0.25) * min(height, width), 1)
    side = int(4 * max(height, width) // cell)
    grid = np.random.RandomState(rng.randint(0, 2**32)).uniform(size=(side, side))
    cosine, sine = math.cos(angle), math.sin(angle)

    def grey(row: int, column: int) -> bool:
        i = (cosine * row + sine * column) / cell
        j = (-sine * row + cosine * column) / cell
        return int(i % 2) == int(j % 2) and bool(grid[int(i), int(j)] < 0.1 * magnitude)

    return [[grey(row, column) for column in range(width)] for row in range(height)]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (24, 41), (41, 24), (3, 8), (1, 1)])
def test_the_board_is_that_of_a_loop_over_pixels(height: int, width: int) -> None:
    result = checkerboard_cutout(_white(6, height, width), 5, _rngs(6))

    for found, rng in zip(result, _rngs(6), strict=True):
        expected = np.where(_hidden(rng, height, width, 5), 128, 255)
        for channel in range(3):
            np.testing.assert_array_equal(found[..., channel], expected)


def test_pixels_turn_grey_or_stay() -> None:
    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3), dtype=np.uint8)

    result = checkerboard_cutout(images, 5, _rngs(8))

    same = (result == images).all(axis=3)
    grey = (result == 128).all(axis=3)
    assert (same | grey).all()
    assert same.any()
    assert grey.any()


def test_at_full_magnitude_all_dark_cells_are_grey() -> None:
    result = checkerboard_cutout(_white(64, 64, 64), 10, _rngs(64))

    assert (result == 128).mean() == pytest.approx(0.5, abs=0.02)


def test_a_larger_magnitude_greys_more_cells_of_the_same_board() -> None:
    some, more = (checkerboard_cutout(_white(8, 32, 32), m, _rngs(8)) == 128 for m in (2, 6))

    assert (more >= some).all()
    assert more.sum() > some.sum()
    assert not (checkerboard_cutout(_white(8, 32, 32), 0, _rngs(8)) == 128).any()
