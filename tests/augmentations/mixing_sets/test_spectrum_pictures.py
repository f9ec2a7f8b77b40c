"""Coloured noise: the spectrum that was asked for, colours, sizes, and what is rejected."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from augmentations.mixing_sets.kinds.spectrum import (
    LIMITS,
    SPECTRUM,
    Recipe,
    amplitude,
    draw_fields,
    draw_recipe,
    palette_root,
    render,
)
from augmentations.mixing_sets.quality import fault, is_hopeless

CHANNELS = 0.2 * np.array([[1.0, 0, 0], [0.9, 0.3, 0], [0.8, 0.3, 0.4]])
RECIPES = [draw_recipe(np.random.default_rng([6, seed])) for seed in range(400)]


def _falling(fields: NDArray[np.float64], axis: int) -> float:
    """Slope of log amplitude against log frequency along an axis, frequencies 2 to 20."""
    lines = np.abs(np.fft.fft2(fields, axes=(1, 2)))
    power = (lines[:, 0, 2:21] if axis == 1 else lines[:, 2:21, 0]) ** 2
    result = np.polyfit(np.log(np.arange(2, 21)), 0.5 * np.log(power.mean(0)), 1)
    return float(-result[0])


def test_the_amplitudes_of_a_field_are_exactly_those_of_the_formula() -> None:
    fields = draw_fields(12345, 32, (1.3, 0.9))
    found = np.abs(np.fft.fft2(fields, axes=(1, 2)))
    frequency = np.abs(np.fft.fftfreq(32, 1 / 32))
    wanted = np.zeros((32, 32))
    for row in range(32):
        for column in range(32):
            total = frequency[column] ** 1.3 + frequency[row] ** 0.9
            wanted[row, column] = 1 / total if total else 0
    inner = np.ones((32, 32), bool)
    inner[np.ix_((0, 16), (0, 16))] = False  # real coefficients: their phase is no phase
    for channel in found:
        ratio = channel[inner] / wanted[inner]
        np.testing.assert_allclose(ratio, ratio.mean(), rtol=1e-9)
    np.testing.assert_allclose(fields.std((1, 2)), 1)
    np.testing.assert_allclose(fields.mean((1, 2)), 0, atol=1e-12)


@pytest.mark.parametrize("slopes", [(0.6, 0.7), (1.5, 1.4), (2.2, 2.3)])
def test_the_slopes_are_recovered_from_rendered_pictures_along_the_axes(
    slopes: tuple[float, float],
) -> None:
    channels = np.eye(3)
    pictures = [render(Recipe(slopes, channels, key), 128) for key in range(12)]
    fields = np.concatenate([p.transpose(2, 0, 1) for p in pictures]).astype(np.float64)
    assert _falling(fields, 1) == pytest.approx(slopes[0], abs=0.05)
    assert _falling(fields, 0) == pytest.approx(slopes[1], abs=0.05)


def test_slopes_are_uniform_and_nearly_equal_on_both_axes() -> None:
    slopes = np.array([recipe.slopes for recipe in RECIPES])
    assert stats.kstest((slopes.mean(1) - 0.5) / 3, "uniform").pvalue > 1e-5
    assert stats.kstest(np.diff(slopes, axis=1)[:, 0] / 0.1, "norm").pvalue > 1e-5


def test_phases_are_uniform_and_channels_independent() -> None:
    wave = np.fft.rfft2(draw_fields(99, 64, (1.0, 1.0)), axes=(1, 2))[:, :, 1:32]
    turns = np.angle(wave) / (2 * np.pi) + 0.5
    assert stats.kstest(turns.ravel(), "uniform").pvalue > 1e-5
    assert stats.kstest((turns[0] - turns[1]).ravel() % 1, "uniform").pvalue > 1e-5
    assert stats.kstest((turns[:, 1:] - turns[:, :-1]).ravel() % 1, "uniform").pvalue > 1e-5


def test_colours_have_the_covariance_of_the_palette() -> None:
    root = palette_root(np.random.default_rng(3))
    fields = draw_fields(7, 64, (0.3, 0.3)).reshape(3, -1)
    fields = np.linalg.solve(np.linalg.cholesky(np.cov(fields)), fields)  # exactly white
    covariance = np.cov(root @ fields)
    np.testing.assert_allclose(covariance, root @ root.T, rtol=1e-6, atol=1e-9)
    assert np.trace(covariance) < 3 / 4  # no variable on [0, 1] has a variance above 1/4


def test_palettes_correlate_the_channels() -> None:
    roots = [palette_root(np.random.default_rng(seed)) for seed in range(50)]
    spread = [np.sqrt(np.diag(root @ root.T)) for root in roots]
    links = [(r @ r.T)[0, 1] / (s[0] * s[1]) for r, s in zip(roots, spread, strict=True)]
    assert np.abs(links).max() > 0.7
    assert min(links) < -0.3 < 0.3 < max(links)


def test_a_picture_uses_the_whole_range() -> None:
    picture = render(RECIPES[0], 50)
    assert picture.shape == (50, 50, 3)
    assert picture.dtype == np.uint8
    assert picture.min() == 0
    assert picture.max() == 255


@pytest.mark.parametrize("size", [63, 64, 96])
def test_the_same_motif_is_seen_at_every_size(size: int) -> None:
    large, small = (np.fft.rfft2(draw_fields(5, s, (1.8, 1.8))) for s in (192, size))
    turned = np.angle(large[:, :6, 1:6] / small[:, :6, 1:6])
    np.testing.assert_allclose(turned, 0, atol=1e-9)


def test_a_candidate_depends_on_its_source_of_randomness_alone() -> None:
    first, again, other = (SPECTRUM.draw(np.random.default_rng(s), 5)(40) for s in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_an_infinite_amplitude_is_left_out_and_the_mean_is_zero() -> None:
    weights = amplitude((1.0, 1.0), 16)
    assert weights[0, 0] == 0
    assert np.isfinite(weights).all()
    assert weights[0, 1] == weights[1, 0] == weights[15, 0] == pytest.approx(1)
    assert weights[2, 3] == pytest.approx(1 / 5)


@pytest.mark.parametrize(("slope", "accepted"), [(0.5, False), (1.3, True), (3.4, False)])
def test_dust_and_blurred_blobs_are_rejected_and_what_lies_between_is_not(
    slope: float, accepted: bool
) -> None:
    for key in range(5):
        picture = render(Recipe((slope, slope), CHANNELS, key), 256)
        assert (fault(picture, LIMITS) is None) == accepted


def test_a_third_of_the_candidates_is_accepted_and_thumbnails_spare_half_of_the_others() -> None:
    """A binomial share of 0.32 leaves 0.15 to 0.53 among 100 with a probability below 1e-4."""
    accepted = [fault(render(recipe, 256), LIMITS) is None for recipe in RECIPES[:100]]
    hopeless = [is_hopeless(render(recipe, 64), LIMITS) for recipe in RECIPES[:100]]
    assert 15 <= sum(accepted) <= 53
    assert not any(a and h for a, h in zip(accepted, hopeless, strict=True))
    assert sum(hopeless) > 30
