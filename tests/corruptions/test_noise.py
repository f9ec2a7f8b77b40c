"""The noise corruptions against what their names promise."""

import numpy as np
import pytest

from corruptions import Images, corrupt
from corruptions.base import image_rng
from corruptions.noise import gaussian_noise, impulse_noise, shot_noise

GREY: Images = np.full((16, 32, 32, 3), 128, dtype=np.uint8)
VALUES = GREY.size


def test_gaussian_noise_has_the_published_spread() -> None:
    # Standard error of a standard deviation over 49152 values: 0.32 %. Five of them; clipping at
    # 0.1 starts five deviations from the mean.
    for severity, sigma in enumerate((0.04, 0.06, 0.08, 0.09, 0.10), start=1):
        noise = corrupt(GREY, "gaussian_noise", severity) / 255 - 128 / 255

        assert noise.std() == pytest.approx(sigma, rel=0.016)


def test_gaussian_noise_truncates_half_a_level_away() -> None:
    # Standard error of the mean: 0.04 * 255 / sqrt(49152) = 0.046 levels. Five of them.
    mean = corrupt(GREY, "gaussian_noise", 1).mean()

    assert mean == pytest.approx(128 - 0.5, abs=0.23)


def test_gaussian_noise_differs_between_channels() -> None:
    noise = corrupt(GREY, "gaussian_noise", 1).astype(float) - 128
    correlation = np.corrcoef(noise.reshape(-1, 3).T)

    assert np.abs(correlation - np.eye(3)).max() < 5 / np.sqrt(VALUES / 3)


def test_without_spread_gaussian_noise_changes_nothing() -> None:
    images = np.arange(192, dtype=np.uint8).reshape(1, 8, 8, 3)

    result = gaussian_noise(images, 0.0, [image_rng(0, "gaussian_noise", 1, 0)])

    np.testing.assert_array_equal(result, images)


def test_shot_noise_has_the_variance_of_photons() -> None:
    # A Poisson count of mean m has variance m: over 49152 values a relative standard error of
    # sqrt((2 + 1/m) / n) < 0.65 %. Five of them; 500 photons spread over levels wide enough for
    # truncation to add no more than 1/12 level squared.
    for severity, photons in enumerate((500, 250, 100, 75, 50), start=1):
        variance = (corrupt(GREY, "shot_noise", severity) / 255).var()

        assert variance == pytest.approx(128 / 255 / photons, rel=0.035)


def test_shot_noise_leaves_black_black() -> None:
    black = np.zeros((1, 8, 8, 3), dtype=np.uint8)

    assert shot_noise(black, 3, [image_rng(0, "shot_noise", 1, 0)]).max() == 0


def test_impulse_noise_hits_the_published_share_of_values_and_half_of_them_white() -> None:
    for severity, amount in enumerate((0.01, 0.02, 0.03, 0.05, 0.07), start=1):
        result = corrupt(GREY, "impulse_noise", severity)
        hit = result != 128
        error = 5 * np.sqrt(amount / VALUES)  # five standard errors of a binomial share

        assert set(np.unique(result)) == {0, 128, 255}
        assert hit.mean() == pytest.approx(amount, abs=error)
        assert (result == 255).mean() == pytest.approx(amount / 2, abs=error)


def test_impulse_noise_hits_channels_independently() -> None:
    hit = corrupt(GREY, "impulse_noise", 5) != 128
    expected = 0.07**2
    error = 5 * np.sqrt(expected / (VALUES / 3))

    assert (hit[..., 0] & hit[..., 1]).mean() == pytest.approx(expected, abs=error)


def test_impulse_noise_draws_who_is_hit_and_then_the_colour() -> None:
    images = np.full((1, 8, 8, 3), 128, dtype=np.uint8)
    rng = image_rng(0, "impulse_noise", 1, 0)
    hit, white = rng.random_sample((8, 8, 3)) <= 0.3, rng.random_sample((8, 8, 3)) <= 0.5

    result = impulse_noise(images, 0.3, [image_rng(0, "impulse_noise", 1, 0)])

    np.testing.assert_array_equal(result[0], np.where(hit, np.where(white, 255, 0), 128))
