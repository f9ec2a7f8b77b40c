"""Random contractive systems: the published constraints hold for every draw."""

import numpy as np
import pytest

from augmentations.mixing_sets.kinds.ifs_maps import (
    Doubles,
    System,
    draw_singular_values,
    draw_system,
)


def _singular_values(system: System) -> Doubles:
    """(n, 2), the larger first."""
    return np.linalg.svd(system.matrices, compute_uv=False).astype(np.float64)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_singular_values_are_ordered_contract_and_have_the_sum_asked_for(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(2000):
        alpha = rng.uniform((5 + n) / 2, (6 + n) / 2)
        first, second = draw_singular_values(rng, n, alpha).T
        assert (second >= -1e-12).all()
        assert (first - second >= -1e-12).all()
        assert (first <= 1 + 1e-12).all()
        assert first.sum() + 2 * second.sum() == pytest.approx(alpha, abs=1e-12)


@pytest.mark.parametrize(("n", "alpha"), [(2, 0.0), (2, 6.0), (3, 9.0), (1, 2.5)])
def test_the_sum_may_lie_at_either_end_of_what_is_possible(n: int, alpha: float) -> None:
    pairs = draw_singular_values(np.random.default_rng(0), n, alpha)
    assert pairs.sum() + pairs[:, 1].sum() == pytest.approx(alpha, abs=1e-12)
    assert -1e-12 <= pairs.min() <= pairs.max() <= 1 + 1e-12


def test_a_system_has_two_to_four_maps_with_the_published_sum_of_singular_values() -> None:
    rng = np.random.default_rng(1)
    sizes = []
    for _ in range(3000):
        system = draw_system(rng)
        n = len(system.shifts)
        alpha = (_singular_values(system) * (1, 2)).sum()
        assert (5 + n) / 2 - 1e-9 <= alpha <= (6 + n) / 2 + 1e-9
        assert np.abs(system.shifts).max() <= 1
        sizes.append(n)
    # Binomial(3000, 1/3) has a standard deviation of 25.8: 5 of them, three times, is below 2e-6.
    assert np.abs(np.bincount(sizes)[2:] - 1000).max() < 129
    assert set(sizes) == {2, 3, 4}


def test_maps_turn_both_ways_and_mirror_in_half_of_the_cases() -> None:
    rng = np.random.default_rng(2)
    mirrors = [np.linalg.det(m) < 0 for _ in range(700) for m in draw_system(rng).matrices]
    # At least 1400 maps: 5 standard deviations of the mean of fair coins.
    assert abs(np.mean(mirrors) - 0.5) < 5 * 0.5 / np.sqrt(len(mirrors))


def test_weights_are_the_areas_of_the_image_of_the_unit_square() -> None:
    system = draw_system(np.random.default_rng(3))
    np.testing.assert_allclose(system.weights, np.abs(np.linalg.det(system.matrices)))


def test_the_fixed_point_is_left_where_it_is_by_one_map() -> None:
    rng = np.random.default_rng(4)
    for _ in range(100):
        system = draw_system(rng)
        point = np.array(system.fixed_point())
        moved = system.matrices @ point + system.shifts
        assert np.abs(moved - point).max(1).min() < 1e-9


def test_jitter_scales_one_map_and_keeps_it_contracting() -> None:
    rng = np.random.default_rng(5)
    factors = []
    for _ in range(500):
        system = draw_system(rng)
        jittered = system.jittered(rng)
        ratio = jittered.rows / system.rows
        changed = np.flatnonzero(np.abs(ratio - 1).max(1) > 1e-12)
        assert len(changed) <= 1
        assert _singular_values(jittered).max() <= 1 + 1e-9
        for i in changed:
            np.testing.assert_allclose(ratio[i], ratio[i, 0])
            factors.append(ratio[i, 0])
    assert 0.8 <= min(factors) < 0.83  # of more than 400 factors a tenth lies there: 1e-18
    assert 1.07 < max(factors) <= 1.1


def test_a_system_that_any_growth_would_break_is_jittered_down_or_not_at_all() -> None:
    turn = System(np.eye(2)[None], np.ones((1, 2)))
    rng = np.random.default_rng(6)
    largest = [_singular_values(turn.jittered(rng)).max() for _ in range(1000)]
    assert max(largest) == 1.0  # four draws in a row above 1: in 1.2 % of cases, never in 4e-6
    assert min(largest) < 0.85
