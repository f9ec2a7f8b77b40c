"""The warps of C-bar and the sampling below them, by hand and by symmetry."""

from typing import cast

import numpy as np
import pytest

from corruptions import Images
from corruptions.bar.caustic import (
    _light,
    _pattern,
    _refracted,
    _sine_cosine,
    _slopes,
    caustic_refraction,
)
from corruptions.bar.sampling import bilinear, bilinear_grid
from corruptions.bar.warps import pinch_and_twirl, ripple
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


@pytest.mark.parametrize(("height", "width", "cells"), [(64, 64, 3), (224, 240, 5), (8, 41, 3)])
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


def test_a_ray_through_a_tilted_surface_follows_snells_law() -> None:
    # Slopes of 0.3 and 0.4 tilt the surface by atan(0.5).
    tilt = np.arctan(0.5)
    moved = 10 * np.sin(tilt - np.arcsin(np.sin(tilt) / 4))

    down, right = _refracted(np.array([[0.3]]), np.array([[0.4]]), 10.0)

    assert down.item() == pytest.approx(0.6 * moved, abs=5e-4)
    assert right.item() == pytest.approx(0.8 * moved, abs=5e-4)


def test_a_nearly_level_surface_does_not_refract() -> None:
    # The cosine of the tilt is 1 / sqrt(1 + slope^2): 0.99920 and 0.99875.
    down, _ = _refracted(np.array([[0.04, 0.05]]), np.zeros((1, 2)), 100.0)

    assert down[0, 0] == 0.0
    assert down[0, 1] > 3.0


def test_slopes_see_black_around_the_surface() -> None:
    down, right = _slopes(np.array([[1.0, 2.0], [4.0, 8.0]]))

    np.testing.assert_array_equal(down, [[4.0, 8.0], [-1.0, -2.0]])
    np.testing.assert_array_equal(right, [[2.0, -1.0], [8.0, -4.0]])


def test_the_light_pattern_repeats_and_stays_within_zero_and_one() -> None:
    pattern = _pattern(40, 48, 1.2, 16.0)

    np.testing.assert_allclose(pattern[:, 16:32], pattern[:, :16], atol=1e-6)
    np.testing.assert_allclose(pattern[16:32], pattern[:16], atol=1e-6)
    assert 0.0 <= pattern.min() < pattern.max() <= 1.0


def test_the_light_is_that_of_the_formula_with_plain_sines() -> None:
    down, right = np.array([[-249.0]]), np.array([[-246.5]])
    first, second = down, right
    total = 1.0
    for wave in range(5):
        phase = 0.9 * (1 - 3.5 / (wave + 1))
        first, second = (
            down + np.cos(phase - first) + np.sin(phase + second),
            right + np.sin(phase - second) + np.cos(phase + first),
        )
        far = np.hypot(down * 0.005 / np.sin(first + phase), right * 0.005 / np.cos(second + phase))
        total += (1 / far).item()

    expected = min(abs(1.17 - (total / 5) ** 1.4) ** 8, 1.0)

    assert _light(down, right, 0.9).item() == pytest.approx(expected, abs=1e-9)


def test_sine_and_cosine_are_right_to_rounding() -> None:
    angles = np.linspace(-260.0, 260.0, 10_001)

    sine, cosine = _sine_cosine(angles)

    np.testing.assert_allclose(sine, np.sin(angles), atol=1e-13)
    np.testing.assert_allclose(cosine, np.cos(angles), atol=1e-13)


def test_caustic_refraction_lights_grey_up_and_down_by_the_slope() -> None:
    grey = np.full((1, 48, 64, 3), 128, dtype=np.uint8)

    result = caustic_refraction(grey, 5.0, [np.random.RandomState(0)])[0, 8:-8, 8:-8]

    assert result.min() < 118
    assert result.max() > 138
    np.testing.assert_array_equal(result, result[..., :1].repeat(3, axis=-1))


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 9), (9, 8)])
def test_tiny_images_are_warped_too(shape: tuple[int, int]) -> None:
    tiny = np.full((1, *shape, 3), 77, dtype=np.uint8)

    for warp in (ripple, pinch_and_twirl, caustic_refraction):
        assert warp(tiny, 6.0, [np.random.RandomState(0)]).shape == tiny.shape
