"""The flares of C-bar by hand and by what they promise."""

import importlib

import numpy as np
import pytest

from corruptions import Images
from corruptions.bar.sparkles import _flares, _weights, inverse_sparkles, sparkles
from corruptions.base import Floats, Rng

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (2, 24, 41, 3), dtype=np.uint8)


def _rngs(count: int) -> list[Rng]:
    """Sources of randomness of some images."""
    return [np.random.RandomState(seed) for seed in range(count)]


def _flare(*lengths: float, exponent: float = 1.0) -> Floats:
    """The weights (21, 21) of a flare in the middle, with rays of these lengths."""
    flares = _flares(np.array([[10.0, 10.0]]), np.array([len(lengths)]), np.array(lengths))
    weights: Floats = _weights(flares, slice(0, 21), 21, exponent)[0]
    return weights


def test_rays_go_round_from_upwards_over_left_by_the_square_of_length_over_distance() -> None:
    weights = _flare(1.0, 2.0, 3.0, 4.0)

    # Ten pixels away, and a quarter less on a ray than between two.
    up, left, down, right = weights[0, 10], weights[10, 0], weights[20, 10], weights[10, 20]
    expected = [0.75 * length**2 / 100 for length in (1, 2, 3, 4)]
    np.testing.assert_allclose([up, left, down, right], expected, rtol=1e-5)


def test_midway_between_two_rays_their_mean_length_counts() -> None:
    weights = _flare(1.0, 2.0, 3.0, 4.0)

    # On the diagonals the squared distance is 200; the fourth lies between the last and the first.
    corners = [weights[0, 0], weights[20, 0], weights[20, 20], weights[0, 20]]
    expected = [length**2 / 200 for length in (1.5, 2.5, 3.5, 2.5)]
    np.testing.assert_allclose(corners, expected, rtol=1e-5)


def test_weights_stop_at_one() -> None:
    weights = _flare(5.0, 5.0, 5.0)
    rows, columns = np.mgrid[-10:11, -10:11]

    assert (weights[np.hypot(rows, columns) < 4] == 1.0).all()
    assert (weights[np.hypot(rows, columns) > 5.1] < 1.0).all()


def test_the_exponent_sharpens_the_edge() -> None:
    weights = _flare(2.0, 2.0, 2.0, 2.0, exponent=3.0)

    np.testing.assert_allclose(weights[10, 0], 0.75 * (4 / 100) ** 3, rtol=1e-4)


def test_flares_of_one_image_do_not_share_rays() -> None:
    centres = np.array([[10.0, 10.0], [4.0, 12.0]])
    lengths = np.random.default_rng(0).uniform(1, 3, 7 + 5)
    both = _weights(_flares(centres, np.array([7, 5]), lengths), slice(2, 9), 21, 1.0)

    first = _flares(centres[:1], np.array([7]), lengths[:7])
    second = _flares(centres[1:], np.array([5]), lengths[7:])

    np.testing.assert_array_equal(both[0], _weights(first, slice(2, 9), 21, 1.0)[0])
    np.testing.assert_array_equal(both[1], _weights(second, slice(2, 9), 21, 1.0)[0])


@pytest.mark.parametrize("corruption", [sparkles, inverse_sparkles])
def test_flares_only_brighten(corruption: object) -> None:
    assert callable(corruption)
    for pictures in (PICTURE, OBLONG):
        assert (corruption(pictures, 3.0, _rngs(len(pictures))) >= pictures).all()


def test_sparkles_are_white_at_the_drawn_places() -> None:
    black = np.zeros((1, 40, 60, 3), dtype=np.uint8)
    places = np.random.RandomState(0).uniform(size=(5, 2)) * (40, 60)

    result = sparkles(black, 7.0, _rngs(1))[0]

    for row, column in np.rint(places - 0.5).astype(int).clip(0, (39, 59)):
        assert result[row, column].min() >= 250
    np.testing.assert_array_equal(result, result[..., :1].repeat(3, axis=-1))


def test_rays_of_sparkles_are_at_least_a_pixel_long() -> None:
    black = np.zeros((1, 32, 32, 3), dtype=np.uint8)

    assert sparkles(black, 0.0, _rngs(1)).max() == 255


def test_stronger_inverse_sparkles_fade_faster_outside_the_rays() -> None:
    black = np.zeros((1, 64, 64, 3), dtype=np.uint8)
    weak, strong = (inverse_sparkles(black, magnitude, _rngs(1)) for magnitude in (1.0, 10.0))

    row, column = np.random.RandomState(0).uniform(0.25, 0.75, 2) * 64
    rows, columns = np.mgrid[:64, :64]
    distance = np.hypot(rows - row, columns - column)
    assert weak[0][distance < 4].max() < 80
    assert strong[0][distance < 4].max() < 80
    assert (strong[0][distance > 32] > weak[0][distance > 32]).all()


def test_inverse_sparkles_draws_in_the_published_order() -> None:
    black = np.zeros((1, 64, 64, 3), dtype=np.uint8)
    rng = np.random.RandomState(0)
    centre = 64 * rng.uniform(0.25, 0.75, (1, 2))
    private = np.random.RandomState(rng.randint(0, 2**32))
    count = rng.randint(50, 200)
    flare = _flares(centre, np.array([count]), private.normal(16, 4, count))

    # An exponent of 0.65 of the squared ratio at magnitude 5.
    visible = _weights(flare, slice(0, 64), 64, 0.65)[0]

    result = inverse_sparkles(black, 5.0, _rngs(1))[0, :, :, 0]
    np.testing.assert_allclose(result, 255 * (1 - visible), atol=1)


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = sparkles(OBLONG, 5.0, _rngs(2)), inverse_sparkles(OBLONG, 5.0, _rngs(2))
    monkeypatch.setattr(importlib.import_module("corruptions.bar.sparkles"), "STRIP", 500)

    np.testing.assert_array_equal(sparkles(OBLONG, 5.0, _rngs(2)), expected[0])
    np.testing.assert_array_equal(inverse_sparkles(OBLONG, 5.0, _rngs(2)), expected[1])
