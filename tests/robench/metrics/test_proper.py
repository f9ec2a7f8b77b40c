"""Proper scoring rules against values by hand and against other libraries."""

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.special import softmax as scipy_softmax
from sklearn.metrics import brier_score_loss, log_loss

from robench.metrics.proper import brier, nll, nll_per_image, softmax, top1_probability

RNG = np.random.default_rng(1)
LOGITS = (RNG.normal(size=(400, 7)) * 4).astype(np.float32)
LABELS = RNG.integers(0, 7, 400)


def test_probabilities_agree_with_scipy() -> None:
    expected = scipy_softmax(LOGITS.astype(np.float64), axis=1)

    np.testing.assert_allclose(softmax(LOGITS), expected, rtol=1e-12)
    np.testing.assert_array_equal(top1_probability(LOGITS), softmax(LOGITS).max(axis=1))


def test_nll_agrees_with_scikit_learn_and_scipy() -> None:
    wide = LOGITS.astype(np.float64)
    by_hand = logsumexp(wide, axis=1) - wide[np.arange(400), LABELS]

    np.testing.assert_allclose(nll_per_image(LOGITS, LABELS), by_hand, rtol=1e-12, atol=1e-14)
    assert nll(LOGITS, LABELS) == pytest.approx(log_loss(LABELS, softmax(LOGITS)), abs=1e-9)


def test_nll_stays_finite_where_the_probability_underflows() -> None:
    logits = np.array([[2000.0, 0.0]], dtype=np.float32)

    assert nll(logits, np.array([1])) == 2000.0
    assert nll(logits, np.array([0])) == 0.0


def test_brier_agrees_with_scikit_learn() -> None:
    probabilities = softmax(LOGITS)

    # class by class, which every supported version of scikit-learn can do
    expected = sum(brier_score_loss(k == LABELS, probabilities[:, k]) for k in range(7))

    assert brier(probabilities, LABELS) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("own", "value"), [(1.0, 0.0), (0.0, 2.0), (0.5, 0.5)])
def test_brier_sums_over_the_classes(own: float, value: float) -> None:
    probabilities = np.array([[own, 1.0 - own]])
    assert brier(probabilities, np.array([0])) == pytest.approx(value, abs=1e-15)


def test_a_single_class_is_certain_and_right() -> None:
    logits, labels = np.full((3, 1), -7.0, dtype=np.float32), np.zeros(3, dtype=np.int64)

    assert nll(logits, labels) == 0.0
    assert brier(softmax(logits), labels) == 0.0
    np.testing.assert_array_equal(top1_probability(logits), 1.0)


def test_the_inputs_are_left_as_they_were() -> None:
    before = LOGITS.copy()
    softmax(LOGITS), nll(LOGITS, LABELS), top1_probability(LOGITS)
    np.testing.assert_array_equal(LOGITS, before)
