"""Errors of means over cells of the same images, and the comparison of models on them."""

import math
import time
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from robench.metrics.aggregates import AGGREGATES, TEST_CORRUPTIONS, aggregate, cell_weights
from robench.metrics.averaging import Weights, weights_of
from robench.metrics.bootstrap import resampler
from robench.metrics.groups import GROUPS
from robench.metrics.paired import (
    clustered_stderr,
    compare_all,
    losses_per_image,
    mean_stderr,
    paired_difference,
)
from robench.metrics.significance import tie_groups


def test_the_error_of_a_mean_takes_images_as_the_units() -> None:
    row = (np.random.default_rng(5).random(200) < 0.3).astype(np.float64)
    single = np.sqrt(row.mean() * (1 - row.mean()) / 199)

    # 75 copies of one cell say no more than the one
    assert clustered_stderr(np.tile(row, (75, 1))) == pytest.approx(single, abs=1e-12)


def models(better: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two models over 6 cells of 400 images; the second is right more often."""
    rng = np.random.default_rng(6)
    hardness, cells = rng.random(400), rng.random((6, 400))
    level = 0.5 * hardness + 0.5 * cells
    return level < 0.5, level < 0.5 + better


def test_the_difference_is_that_of_the_errors_and_the_interval_holds_it() -> None:
    a, b = models(0.05)

    difference, stderr, low, high = paired_difference(a, b, seed=1)

    assert difference == pytest.approx(b.mean() - a.mean())
    assert 0.0 < low < difference < high
    exact = float(np.std(b.mean(axis=0) - a.mean(axis=0), ddof=1) / np.sqrt(400))
    assert stderr == pytest.approx(exact, rel=0.1)  # 2000 resamples know it to 1.6 %: 6 sigma
    assert high - low == pytest.approx(3.92 * exact, rel=0.15)


def test_exchanging_the_models_changes_the_sign_and_a_seed_repeats() -> None:
    a, b = models(0.05)
    forth, back = paired_difference(a, b, seed=3), paired_difference(b, a, seed=3)

    assert forth == paired_difference(a, b, seed=3)
    assert forth != paired_difference(a, b, seed=4)
    assert forth == (-back[0], back[1], -back[3], -back[2])  # to the bit


def test_equal_models_differ_by_nothing() -> None:
    a, _ = models(0.0)
    assert paired_difference(a, a) == (0.0, 0.0, 0.0, 0.0)


def test_unlike_shapes_and_single_images_are_refused() -> None:
    with pytest.raises(ValueError, match="the same cells and images"):
        paired_difference(np.ones((2, 5)), np.ones((2, 6)))
    with pytest.raises(ValueError, match="at least 2 images"):
        clustered_stderr(np.ones((2, 1)))


@pytest.mark.parametrize("name", ["mce", "predicted_mce", "mean_ce"])
def test_the_standard_error_of_a_weighted_mean_takes_images_as_clusters(name: str) -> None:
    # 300 fresh draws of 400 images: their spread is known to 4 %, hence 0.8 to 1.25 (seeds fixed)
    definition = AGGREGATES[name]
    cells = list(product(definition.corruptions, definition.severities))
    weights = cell_weights(definition, cells)

    def draw(seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        hard = rng.random(400)
        return (rng.random((len(cells), 400)) > hard).astype(np.float64)

    def value(correct: NDArray[np.float64]) -> float:
        errors = dict(zip(cells, (1 - correct).mean(1).tolist(), strict=True))
        return aggregate(definition, errors).value or 0.0

    spread = np.std([value(draw(seed)) for seed in range(300)], ddof=1)

    assert 0.8 < clustered_stderr(draw(0), weights) / spread < 1.25


def test_weights_and_clean_errors_enter_the_difference_of_a_relative_mean() -> None:
    rng = np.random.default_rng(8)
    cells = list(product(TEST_CORRUPTIONS, range(1, 6)))
    weights = weights_of(AGGREGATES["rel_mce"], cells)
    a, b = (rng.random((75, 500)) < share for share in (0.5, 0.6))
    clean = rng.random(500) < 0.7, rng.random(500) < 0.8

    found = paired_difference(a, b, weights=weights, clean=clean)

    values = [
        aggregate(
            AGGREGATES["rel_mce"],
            dict(zip(cells, (1 - right.mean(axis=1)).tolist(), strict=True)),
            clean=1 - float(own.mean()),
        ).value
        for right, own in zip((a, b), clean, strict=True)
    ]
    assert values[0] is not None
    assert values[1] is not None
    assert found[0] == pytest.approx(values[0] - values[1], abs=1e-12)
    assert found[2] < found[0] < found[3]


@pytest.mark.parametrize("name", ["rel_mce", "mfr", "mean_flip_rate"])
def test_the_stated_error_of_any_linear_mean_is_the_spread_over_fresh_images(name: str) -> None:
    # as above: the spread of 300 values is known to 4 %, one stated error to less; seeds fixed
    definition = AGGREGATES[name]
    cells = list(product(definition.corruptions, definition.levels))
    weights = weights_of(definition, cells)

    def draw(seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        hard = rng.random(400)
        losses = rng.random((len(cells), 400)) < hard
        return losses_per_image(losses, weights, (hard > 0.7).astype(np.float64))

    spread = np.std([draw(seed).mean() for seed in range(300)], ddof=1)

    assert 0.8 < mean_stderr(draw(0)) / spread < 1.25


def test_losses_of_another_shape_are_refused() -> None:
    losses = np.ones((3, 5))
    for weights, clean, message in (
        (np.ones(2), None, "expected 3 weights"),
        (Weights(np.ones(3), clean=-1.0), None, "expected clean errors of the 5 images, got None"),
        (Weights(np.ones(3), clean=-1.0), np.ones(4), "got .4,."),
    ):
        with pytest.raises(ValueError, match=message):
            losses_per_image(losses, weights, clean)


def test_all_pairs_agree_with_the_comparison_of_two() -> None:
    rng = np.random.default_rng(9)
    hard = rng.random(300)
    right = [rng.random((4, 300)) > hard * level for level in (0.5, 0.7, 0.9)]

    result = compare_all([losses_per_image(~bits) for bits in right], seed=2)

    for i, j in product(range(3), range(3)):
        if i != j:
            pair = paired_difference(right[i], right[j], seed=2)
            assert pair[0] == pytest.approx(result.difference[i, j], abs=1e-15)
            assert pair[1:] == pytest.approx(
                (result.stderr[i, j], result.low[i, j], result.high[i, j]), abs=1e-10
            )
    np.testing.assert_array_equal(result.difference, -result.difference.T)
    np.testing.assert_array_equal(result.low, -result.high.T)
    assert (result.p_adjusted >= result.p).all()
    assert (result.p.diagonal() == 1).all()


def test_models_that_are_equal_are_not_told_apart_by_rounding() -> None:
    one = np.random.default_rng(1).random(999)

    result = compare_all([one, one + 0.5, one])

    assert (result.difference[0, 2], result.stderr[0, 2], result.p[0, 2]) == (0.0, 0.0, 1.0)
    assert (result.low[0, 2], result.high[0, 2]) == (0.0, 0.0)
    assert result.p[0, 1] == 0.0


def test_single_cells_get_the_exact_test() -> None:
    rng = np.random.default_rng(4)
    wrong = (rng.random((3, 200)) < 0.3).astype(np.float64)

    result = compare_all(list(wrong), exact=True)

    only = int(((wrong[0] == 0) & (wrong[1] == 1)).sum()), int((wrong[0] != wrong[1]).sum())
    assert result.p[0, 1] == pytest.approx(binomtest(*only).pvalue, rel=1e-9)
    with pytest.raises(ValueError, match="losses 0 and 1"):
        compare_all([wrong[0], wrong[1] / 2], exact=True)


def test_unlike_images_and_no_models_are_refused() -> None:
    for losses in ([], [np.ones(3), np.ones(4)], [np.ones(1), np.ones(1)], [np.ones((2, 2))]):
        with pytest.raises(ValueError, match=r"the same \(at least 2\) images"):
            compare_all(losses)


def clustered(seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two models with errors that are correlated within an image; b is 0.03 better."""
    rng = np.random.default_rng(seed)
    hard = rng.normal(size=200)
    level = np.stack([hard + 0.5 * rng.normal(size=200) for _ in range(2)])
    noise = 0.5 * rng.normal(size=(2, 15, 200))
    a, b = level[:, None] + noise < np.array([0.0, 0.1])[:, None, None]
    return a, b


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    # 600 sets of 200 images: coverage is known to 0.9 points, and a correct interval has 95 %
    # less a point for so few images; outside 91 to 98 with probability < 1e-4 (seeds fixed)
    many = [clustered(10_000 + seed) for seed in range(4_000)]
    truth = float(np.mean([b.mean() - a.mean() for a, b in many]))
    found = [paired_difference(*clustered(seed)) for seed in range(600)]

    coverage = np.mean([low <= truth <= high for _, _, low, high in found])

    assert 0.91 < coverage < 0.98


def test_counting_cells_as_if_they_were_images_gives_errors_that_are_too_small() -> None:
    # the spread of 600 differences is known to 3 %, the mean of the stated errors to less
    found = [paired_difference(*clustered(seed)) for seed in range(600)]
    spread = float(np.std([difference for difference, *_ in found], ddof=1))
    a, b = clustered(0)
    naive = math.sqrt((np.var(a) + np.var(b)) / a.size)

    assert 0.9 < np.mean([stderr for _, stderr, *_ in found]) / spread < 1.1
    assert naive < 0.75 * spread


@pytest.mark.bench
@pytest.mark.parametrize("models", [2, 6])
def test_a_whole_cifar_c_comparison_takes_seconds(models: int) -> None:
    # 75 cells of 10,000 images: 20 means with intervals, 75 exact tests, ties, for all pairs
    rng = np.random.default_rng(0)
    hard, cells = rng.random(10_000), list(product(TEST_CORRUPTIONS, range(1, 6)))
    wrong = [rng.random((75, 10_000)) < hard * (0.5 + 0.05 * m) for m in range(models)]
    resampler.cache_clear()
    start = time.perf_counter()

    for corruptions in (TEST_CORRUPTIONS, *GROUPS.values(), *((c,) for c in TEST_CORRUPTIONS)):
        rows = [i for i, (name, _) in enumerate(cells) if name in corruptions]
        losses = [losses_per_image(bits[rows]) for bits in wrong]
        result = compare_all(losses)
        apart = result.p_adjusted < 0.05
        tie_groups([loss.mean() for loss in losses], apart, higher_is_better=False)
    for row in range(75):
        compare_all([bits[row] for bits in wrong], exact=True)
    seconds = time.perf_counter() - start

    assert seconds < 20, f"{models} models took {seconds:.1f} s"
