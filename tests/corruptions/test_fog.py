"""Fog, and the plasma maps that it is made of."""

import numpy as np
import pytest

from corruptions import corrupt
from corruptions.base import Floats, image_rng
from corruptions.plasma import plasma
from corruptions.weather import fog


def _rng(index: int = 0) -> np.random.RandomState:
    return image_rng(0, "fog", 1, index)


def _plasma_point_by_point(side: int, decay: float, rng: np.random.RandomState) -> Floats:
    """The same map as slowly and plainly as possible."""
    grid = np.zeros((side, side))
    step, wibble = side, 100.0
    while step >= 2:
        half = step // 2

        def fill(rows: range, columns: range, around: list[tuple[int, int]]) -> None:
            for row in rows:
                for column in columns:
                    near = [grid[(row + y) % side, (column + x) % side] for y, x in around]
                    shift = wibble * rng.uniform(-wibble, wibble)  # noqa: B023  called at once
                    grid[row, column] = sum(near) / 4 + shift

        diamond = [(-half, 0), (half, 0), (0, -half), (0, half)]
        square = [(-half, -half), (-half, half), (half, -half), (half, half)]
        fill(range(half, side, step), range(half, side, step), square)
        fill(range(0, side, step), range(half, side, step), diamond)
        fill(range(half, side, step), range(0, side, step), diamond)
        step, wibble = half, wibble / decay
    grid -= grid.min()
    grid /= grid.max()
    return grid


@pytest.mark.parametrize(("side", "decay"), [(2, 3), (4, 1.4), (16, 2)])
def test_a_plasma_map_is_the_diamond_square_fractal(side: int, decay: float) -> None:
    expected = _plasma_point_by_point(side, decay, _rng())

    np.testing.assert_allclose(plasma(side, decay, [_rng()])[0], expected, atol=1e-12)


def test_each_plasma_map_reaches_from_zero_to_one() -> None:
    maps = plasma(64, 1.75, [_rng(index) for index in range(8)])

    assert maps.min(axis=(1, 2)).tolist() == [0.0] * 8
    assert maps.max(axis=(1, 2)).tolist() == [1.0] * 8


def test_a_larger_decay_is_smoother() -> None:
    def roughness(decay: float) -> float:
        return float(np.abs(np.diff(plasma(64, decay, [_rng()])[0], axis=1)).mean())

    assert roughness(3) < roughness(2) < roughness(1.4)


def test_fog_is_the_same_in_all_channels() -> None:
    grey = np.full((1, 32, 32, 3), 90, dtype=np.uint8)

    foggy = corrupt(grey, "fog", 5)

    assert (foggy == foggy[..., :1]).all()
    assert len(np.unique(foggy)) > 20


def test_white_stays_white_where_fog_is_thickest_and_darkens_where_it_is_thin() -> None:
    white = np.full((1, 32, 32, 3), 255, dtype=np.uint8)

    foggy = fog(white, (1.5, 2), [_rng()])

    # (1 + 1.5 p) / 2.5 for the plasma p of 0 to 1: from 0.4 to 1.
    assert foggy.min() == pytest.approx(0.4 * 255, abs=1)
    assert foggy.max() >= 254


def test_the_brightest_value_of_each_image_is_its_bound() -> None:
    images = np.random.default_rng(0).integers(0, 100, (4, 32, 32, 3), dtype=np.uint8)
    images[1:, 0, 0] = 180

    foggy = fog(images, (3, 1.4), [_rng(index) for index in range(4)])

    assert (foggy.max(axis=(1, 2, 3)) <= images.max(axis=(1, 2, 3))).all()


def test_black_stays_black() -> None:
    black = np.zeros((1, 32, 32, 3), dtype=np.uint8)

    assert corrupt(black, "fog", 5).max() == 0


@pytest.mark.parametrize(
    ("size", "side"), [((24, 41), 64), ((33, 8), 64), ((8, 8), 8), ((1, 1), 2)]
)
def test_the_map_is_a_power_of_two_not_below_the_longer_side(
    size: tuple[int, int], side: int
) -> None:
    white = np.full((1, *size, 3), 255, dtype=np.uint8)

    foggy = fog(white, (1.0, 2), [_rng()])

    cut = plasma(side, 2, [_rng()])[0, : size[0], : size[1]]
    np.testing.assert_allclose(foggy[0, ..., 0], (1 + cut) / 2 * 255, atol=1)


def test_fog_draws_as_many_numbers_as_the_map_has_points_but_one() -> None:
    used, expected = _rng(), _rng()

    fog(np.zeros((1, 32, 20, 3), dtype=np.uint8), (1, 2), [used])
    expected.random_sample(32 * 32 - 1)

    assert used.random_sample() == expected.random_sample()
