"""Tests, corrections and groups against other libraries, values by hand and stated properties."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

from robench.metrics.significance import holm, mcnemar, mean_std, p_value, tie_groups


def discordant(only_a: int, only_b: int, both: int = 10) -> list[NDArray[np.bool_]]:
    a = np.repeat([True, False, True, False], [only_a, only_b, both, both])
    b = np.repeat([False, True, True, False], [only_a, only_b, both, both])
    return [a, b]


@pytest.mark.parametrize(
    ("only_a", "only_b"), [(0, 0), (5, 0), (7, 7), (8, 7), (3, 20), (900, 1_000), (0, 3_000)]
)
def test_mcnemar_is_the_exact_binomial_test(only_a: int, only_b: int) -> None:
    total = only_a + only_b
    expected = binomtest(only_a, total).pvalue if total else 1.0

    result = mcnemar(*discordant(only_a, only_b))

    assert (result.only_a, result.only_b) == (only_a, only_b)
    assert result.p == pytest.approx(expected, rel=1e-9)
    assert mcnemar(*discordant(only_b, only_a)).p == result.p


def test_mcnemar_by_hand() -> None:
    # 1 against 5: twice (1 + 6) of 64 outcomes
    assert mcnemar(*discordant(1, 5)).p == pytest.approx(14 / 64, abs=1e-15)


def test_mcnemar_rejects_no_more_often_than_it_says() -> None:
    # 4000 comparisons of equal models; a correct test rejects more than alpha + 4 standard errors
    # of them with probability < 1e-4, and seeds are fixed
    rng = np.random.default_rng(0)
    p = np.array([mcnemar(*(rng.random((2, 300)) < 0.5)).p for _ in range(4_000)])

    for alpha in (0.01, 0.05, 0.2, 0.5):
        size = (p <= alpha).mean()
        assert size <= alpha + 4 * math.sqrt(alpha * (1 - alpha) / 4_000)
        assert size >= 0.6 * alpha  # exact, hence a little below


def test_mcnemar_refuses_unlike_images_and_shares() -> None:
    with pytest.raises(ValueError, match="the same images"):
        mcnemar(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="other than 0 and 1"):
        mcnemar(np.ones(3), np.full(3, 0.5))
    with pytest.raises(ValueError, match="other than 0 and 1"):
        mcnemar(np.ones(3), np.full(3, np.nan))


def test_p_values_are_normal_tails() -> None:
    assert p_value(-1.96, 1.0) == pytest.approx(2 * norm.sf(1.96), rel=1e-12)
    assert p_value(0.3, 0.1) == pytest.approx(2 * norm.sf(3), rel=1e-9)
    assert (p_value(0.0, 0.0), p_value(1e-9, 0.0), p_value(0.0, 2.0)) == (1.0, 0.0, 1.0)
    for wrong in ((math.nan, 1.0), (1.0, math.nan), (1.0, -1.0)):
        with pytest.raises(ValueError, match="expected a difference"):
            p_value(*wrong)


def test_holm_by_hand() -> None:
    # 0.005 x 4, 0.01 x 3, 0.03 x 2, then 0.04 x 1, which may not be below the one before it
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_rejects_what_the_step_down_procedure_rejects(p: list[float]) -> None:
    adjusted, order = holm(p), np.argsort(p, kind="stable")

    assert all(a >= b for a, b in zip(adjusted, p, strict=True))
    assert (np.diff(adjusted[order]) >= 0).all()
    still = True
    for rank, place in enumerate(order):
        still = still and p[place] * (len(p) - rank) <= 0.05
        assert (adjusted[place] <= 0.05) == still


@pytest.mark.parametrize("p", [[-0.1], [1.1], [math.nan], [[0.5]]])
def test_what_is_not_a_probability_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="p-values in"):
        holm(p)


def matrix(pairs: list[tuple[int, int]], count: int) -> NDArray[np.bool_]:
    apart = np.zeros((count, count), dtype=np.bool_)
    for i, j in pairs:
        apart[i, j] = apart[j, i] = True
    return apart


def test_groups_by_hand() -> None:
    # values 0.1 < 0.2 < 0.3 < 0.4, neighbours alike
    apart = matrix([(0, 2), (0, 3), (1, 3)], 4)

    assert tie_groups([0.1, 0.2, 0.3, 0.4], apart, higher_is_better=False) == (
        (0, 1),
        (1, 2),
        (2, 3),
    )
    assert tie_groups([0.1, 0.2, 0.3, 0.4], apart, higher_is_better=True) == (
        (3, 2),
        (2, 1),
        (1, 0),
    )
    assert tie_groups([0.5, 0.4], matrix([], 2), higher_is_better=False) == ((1, 0),)
    assert tie_groups([0.5, 0.4], matrix([(0, 1)], 2), higher_is_better=False) == ((1,), (0,))
    assert tie_groups([], matrix([], 0), higher_is_better=False) == ()


@given(st.integers(1, 8), st.randoms(use_true_random=False), st.booleans())
def test_rows_share_a_group_exactly_where_they_are_not_apart(
    count: int, rng: "object", higher: bool
) -> None:
    draw = rng.random  # type: ignore[attr-defined]
    values = [round(draw(), 1) for _ in range(count)]
    apart = matrix([pair for pair in combinations(range(count), 2) if draw() < 0.4], count)

    groups = tie_groups(values, apart, higher_is_better=higher)

    sets = [set(group) for group in groups]
    for i, j in combinations(range(count), 2):
        assert any({i, j} <= one for one in sets) == (not apart[i, j])
    assert set().union(*sets) == set(range(count))
    assert not any(one <= other for one in sets for other in sets if one is not other)
    assert groups[0][0] == min(range(count), key=lambda i: -values[i] if higher else values[i])


def test_matrices_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="as square a matrix"):
        tie_groups([1.0], matrix([], 2), higher_is_better=True)
    with pytest.raises(ValueError, match="NaN"):
        tie_groups([math.nan], matrix([], 1), higher_is_better=True)
    with pytest.raises(ValueError, match="symmetric"):
        tie_groups([1.0, 2.0], np.array([[False, True], [False, False]]), higher_is_better=True)
    with pytest.raises(ValueError, match="apart from itself"):
        tie_groups([1.0], np.array([[True]]), higher_is_better=True)


def test_several_seeds_have_a_mean_and_a_spread_and_one_has_no_spread() -> None:
    assert mean_std([0.1, 0.3]) == pytest.approx((0.2, math.sqrt(0.02), 2))
    assert mean_std([0.1]) == (0.1, None, 1)
    for wrong in ([], [math.nan]):
        with pytest.raises(ValueError, match="at least 1 finite value"):
            mean_std(wrong)
