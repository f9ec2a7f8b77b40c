"""The warps of C-bar and the sampling below them, by hand and by symmetry."""

from typing import cast

import numpy as np
import pytest

from corruptions import Images
from corruptions.bar.sampling import bilinear, bilinear_grid
from corruptions.bar.warps import _cells, pinch_and_twirl, ripple
from corruptions.base import Floats, Rng

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (2, 24, 41, 3), dtype=np.uint8)


class Turns:
    """A source of randomness whose cells turn as told."""

    def __init__(self, *turns: int) -> None:
        self.turns = np.array(turns)

    def randint(self, low: int, high: int, size: int) -> Floats:
        """The turns as told."""
        assert (low, high, size) == (0, 2, len(self.turns))
        return self.turns


def _turned(image: Images, *turns: int) -> Images:
    """Pinch and twirl one image with chosen turns."""
    return pinch_and_twirl(image, 10, [cast("Rng", Turns(*turns))])


def _points(*values: float) -> Floats:
    """Coordinates of points in one image."""
    return np.array([values])


def test_between_pixels_the_four_around_share_by_nearness() -> None:
    image = np.array([[[0, 100], [200, 40]]], dtype=np.uint8)[..., None].repeat(3, axis=3)

    values = bilinear(image, _points(0.0, 0.5, 0.25, 1.0), _points(0.5, 0.5, 0.0, 1.0))

    np.testing.assert_allclose(values[0], [[50.0, 85.0, 50.0, 40.0]] * 3)


def test_an_image_fades_to_black_within_one_pixel_of_its_border() -> None:
    image = np.full((1, 4, 4, 3), 80, dtype=np.uint8)
    beside = _points(-0.25, -1.0, -7.0, 3.5, 4.0, 1e9)

    expected = [[60.0, 0.0, 0.0, 40.0, 0.0, 0.0]] * 3

    np.testing.assert_allclose(bilinear(image, beside, np.ones((1, 6)))[0], expected)
    np.testing.assert_allclose(bilinear(image, np.ones((1, 6)), beside)[0], expected)


def test_a_grid_has_the_values_of_its_points() -> None:
    rng = np.random.default_rng(2)
    rows, columns = rng.uniform(-3, 26, (2, 5)), rng.uniform(-3, 43, (2, 7))

    grid = bilinear_grid(OBLONG, rows, columns)

    points = np.repeat(rows, 7, axis=1), np.tile(columns, (1, 5))
    expected = bilinear(OBLONG, *points).transpose(0, 2, 1).reshape(2, 5, 7, 3)
    np.testing.assert_allclose(grid, expected, atol=1e-9)


def test_ripple_moves_rows_and_columns_along_waves_drawn_in_the_published_order() -> None:
    rngs = [np.random.RandomState(seed) for seed in (3, 4)]
    expected = []
    for image, seed in zip(OBLONG, (3, 4), strict=True):
        rng = np.random.RandomState(seed)
        lengths, phases = rng.uniform(0.1, 0.3, 2) * (24, 41), rng.uniform(0, 2 * np.pi, 2)
        rows, columns = (
            np.arange(side) + 0.02 * side * np.sin(2 * np.pi * np.arange(side) / length + phase)
            for side, length, phase in zip((24, 41), lengths, phases, strict=True)
        )
        expected.append(bilinear_grid(image[None], rows[None], columns[None])[0])

    result = ripple(OBLONG, 8, rngs)

    assert np.abs(result - np.array(expected)).max() <= 1


def test_ripple_of_rows_leaves_stripes_across_straight() -> None:
    stripes = np.repeat(PICTURE[:, :, :1], 32, axis=2)

    inside = ripple(stripes, 8, [np.random.RandomState(0)])[0, :, 2:-2]

    np.testing.assert_array_equal(inside, np.repeat(inside[:, :1], 28, axis=1))


def test_ripple_without_amplitude_leaves_the_image() -> None:
    np.testing.assert_array_equal(ripple(PICTURE, 0, [np.random.RandomState(0)]), PICTURE)


def test_pinch_and_twirl_leaves_all_but_the_circles_as_it_is() -> None:
    result = _turned(PICTURE, *[0] * 9)[0]

    rows, columns = np.mgrid[:32, :32]
    outside = np.hypot(rows % 10 - 5, columns % 10 - 5) >= 5
    still = outside | (rows >= 30) | (columns >= 30) | ((rows % 10 == 5) & (columns % 10 == 5))
    np.testing.assert_array_equal(result[still], PICTURE[0][still])
    assert (result[~still] != PICTURE[0][~still]).mean() > 0.9


def test_the_ways_that_cells_turn_are_drawn_down_the_columns() -> None:
    one, other = _turned(PICTURE, *[0] * 9)[0], _turned(PICTURE, 0, 1, *[0] * 7)[0]

    rows, columns = np.nonzero((one != other).any(axis=-1))
    assert 10 <= rows.min() <= rows.max() < 20
    assert 0 <= columns.min() <= columns.max() < 10


def test_a_transposed_image_turned_the_other_way_is_the_transposed_result() -> None:
    transposed = PICTURE.transpose(0, 2, 1, 3)

    result = _turned(PICTURE, *[0] * 9).transpose(0, 2, 1, 3)

    assert np.abs(_turned(transposed, *[1] * 9).astype(int) - result).max() <= 1
    assert np.abs(_turned(transposed, *[0] * 9).astype(int) - result).max() > 30


@pytest.mark.parametrize(
    ("height", "width", "cells"), [(64, 64, 3), (223, 240, 3), (224, 240, 5), (8, 41, 3)]
)
def test_cells_are_three_by_three_and_from_224_pixels_on_five(
    height: int, width: int, cells: int
) -> None:
    image = np.random.default_rng(3).integers(0, 256, (1, height, width, 3), dtype=np.uint8)

    result = _turned(image, *[0] * cells**2)[0]

    np.testing.assert_array_equal(
        result[cells * (height // cells) :], image[0][-(height % cells) :]
    )
    left_over = cells * (width // cells)
    np.testing.assert_array_equal(result[:, left_over:], image[0][:, left_over:])
    assert result.shape == (height, width, 3)


def test_kept_cells_cannot_be_written_to() -> None:
    cells = _cells(24, 41, 3, 5.0)

    assert _cells(24, 41, 3, 5.0) is cells
    assert not any(array.flags.writeable for array in cells)
