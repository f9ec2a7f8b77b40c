"""The line that robustness is held against."""

import math

import numpy as np
import pytest
from scipy.stats import linregress, percentileofscore

from robench.metrics.effective import effective_robustness, fit_line, percentile

RNG = np.random.default_rng(0)
CLEAN = RNG.uniform(0.5, 0.9, 60)
LOGITS = 1.3 * np.log(CLEAN / (1 - CLEAN)) - 2 + 0.2 * RNG.normal(size=60)
SHIFTED = 1 / (1 + np.exp(-LOGITS))


def test_the_line_agrees_with_scipy() -> None:
    expected = linregress(np.log(CLEAN / (1 - CLEAN)), LOGITS)

    line = fit_line(CLEAN, SHIFTED)

    assert line.n == 60
    assert line.slope == pytest.approx(expected.slope, rel=1e-9)
    assert line.intercept == pytest.approx(expected.intercept, rel=1e-9)
    assert line.r2 == pytest.approx(expected.rvalue**2, rel=1e-9)
    assert line.residual_sd == pytest.approx(
        np.std([effective_robustness(c, s, line) for c, s in zip(CLEAN, SHIFTED, strict=True)])
    )


def test_networks_on_a_line_have_no_effective_robustness_and_one_above_has() -> None:
    on_it = 1 / (1 + np.exp(-(2 * np.log(CLEAN / (1 - CLEAN)) - 1)))
    line = fit_line(CLEAN, on_it)

    assert (line.slope, line.intercept, line.r2) == pytest.approx((2.0, -1.0, 1.0))
    assert line.residual_sd == pytest.approx(0, abs=1e-12)
    assert line.at(0.5) == pytest.approx(1 / (1 + math.e))
    assert effective_robustness(0.5, 0.5, line) == pytest.approx(0.5 - 1 / (1 + math.e))


def test_accuracies_of_zero_and_one_are_clipped_for_the_line_and_not_for_the_distance() -> None:
    clean, shifted = np.array([0.6, 0.7, 0.8, 1.0]), np.array([0.0, 0.1, 0.2, 1.0])

    line = fit_line(clean, shifted)

    clipped = fit_line(clean.clip(0.001, 0.999), shifted.clip(0.001, 0.999))
    assert (line.slope, line.intercept, line.r2) == (clipped.slope, clipped.intercept, clipped.r2)
    assert math.isfinite(line.slope)
    assert effective_robustness(0.6, 0.0, line) == pytest.approx(-line.at(0.6))
    assert line.at(1.0) == line.at(0.9999)


def test_too_little_for_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 3 networks for a line, got 2"):
        fit_line(np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    with pytest.raises(ValueError, match=r"unlike clean accuracies, got 0\.7"):
        fit_line(np.full(5, 0.7), np.linspace(0.1, 0.3, 5))
    with pytest.raises(ValueError, match="the same networks"):
        fit_line(np.full(5, 0.7), np.full(4, 0.7))


@pytest.mark.parametrize("bad", [math.nan, 1.1, -0.1, 76.1])
def test_what_is_not_an_accuracy_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="got 1 outside"):
        fit_line(np.array([0.1, 0.2, bad]), np.array([0.1, 0.2, 0.3]))
    line = fit_line(CLEAN, SHIFTED)
    for pair in ((0.5, bad), (bad, 0.5)):
        with pytest.raises(ValueError, match="got 1 outside"):
            effective_robustness(*pair, line)


def test_percentiles_agree_with_scipy() -> None:
    others = RNG.integers(0, 10, 40).astype(np.float64)
    for value in (-1.0, 3.0, 3.5, 10.0):
        expected = percentileofscore(others, value, kind="mean") / 100
        assert percentile(value, others) == pytest.approx(expected)
    for value, rows in ((0.1, np.array([])), (math.nan, others)):
        with pytest.raises(ValueError, match="finite numbers to rank among"):
            percentile(value, rows)
