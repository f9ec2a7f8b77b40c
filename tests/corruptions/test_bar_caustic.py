"""The light and the lens of rippled water, by hand and by symmetry."""

import numpy as np
import pytest

from corruptions.bar.caustic import (
    _light,
    _pattern,
    _refracted,
    _sine_cosine,
    _slopes,
    caustic_refraction,
)


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
