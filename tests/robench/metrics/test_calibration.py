"""Calibration errors against the authors' numbers, torchmetrics and values by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from robench.metrics.calibration import (
    aurra,
    bin_index,
    ece,
    rms_calibration,
    rms_calibration_debiased,
    rms_calibration_published,
)
from robench.types import Floats


def check_golden(path: Path) -> None:
    with np.load(path) as stored:
        expected = json.loads(str(stored["expected_json"]))
        for number, values in expected.items():
            if isinstance(values, dict):
                confidence = stored[f"calib-{number}-confidence"]
                correct = stored[f"calib-{number}-correct"].astype(np.float64)
                check_case(confidence, correct, values)


def check_case(confidence: Floats, correct: Floats, expected: dict[str, Any]) -> None:
    value = rms_calibration_published(confidence, correct)
    if expected["tied"]:
        for name, found in (("rms", value), ("aurra", aurra(confidence, correct))):
            low, high = expected["tie_range"][name]
            slack = 0.2 * (high - low)  # the range is that of 200 random orders
            assert low - slack <= found <= high + slack
    else:
        assert aurra(confidence, correct) == pytest.approx(expected["aurra"], abs=1e-9)
        small = rms_calibration_published(confidence, correct, bin_size=50)
        assert value == pytest.approx(expected["rms"], abs=1e-9)
        assert small == pytest.approx(expected["rms_bin50"], abs=1e-9)


def test_published_variant_gives_the_authors_numbers(golden: Path) -> None:
    check_golden(golden / "metrics" / "calibration.npz")


@pytest.mark.shared
def test_published_variant_gives_all_the_authors_numbers(shared: Path) -> None:
    check_golden(shared / "goldens" / "metrics" / "calibration.npz")


def test_bins_of_the_strict_variant_by_hand() -> None:
    confidence = np.array([0.9, 0.1, 0.6, 0.2, 0.8])
    correct = np.array([1.0, 0.0, 0.0, 1.0, 1.0])
    first, second = (0.1 + 0.2 - 1.0) / 2, (0.6 + 0.8 + 0.9 - 2.0) / 3  # the last bin takes three

    assert rms_calibration(confidence, correct, 2) == pytest.approx(
        np.sqrt(0.4 * first**2 + 0.6 * second**2)
    )
    assert rms_calibration_published(confidence, correct, 2) == pytest.approx(
        np.sqrt(0.4 * first**2)
    )


def test_with_one_bin_the_published_variant_is_zero_and_the_strict_one_is_not() -> None:
    confidence, correct = np.full(150, 0.9), np.zeros(150)

    assert rms_calibration_published(confidence, correct) == 0.0
    assert rms_calibration(confidence, correct) == pytest.approx(0.9)


def test_fewer_images_than_a_bin_are_refused() -> None:
    for metric in (rms_calibration, rms_calibration_published, rms_calibration_debiased):
        with pytest.raises(ValueError, match="at least 100 images, got 99"):
            metric(np.full(99, 0.5), np.ones(99))


def test_the_order_of_the_images_matters_only_among_ties() -> None:
    rng = np.random.default_rng(2)
    confidence, correct = rng.random(1_000), (rng.random(1_000) < 0.5).astype(np.float64)
    order = rng.permutation(1_000)

    assert rms_calibration(confidence, correct) == pytest.approx(
        rms_calibration(confidence[order], correct[order]), abs=1e-15
    )


@pytest.mark.parametrize("bins", [5, 15, 30])
def test_ece_agrees_with_torchmetrics(bins: int) -> None:
    rng = np.random.default_rng(3)
    confidence = rng.random(2_000)
    correct = (rng.random(2_000) < confidence**2).astype(np.float64)

    # the binary form takes each probability as the confidence and the target as the accuracy
    other = binary_calibration_error(
        torch.from_numpy(confidence), torch.from_numpy(correct).long(), n_bins=bins, norm="l1"
    )

    assert ece(confidence, correct, bins) == pytest.approx(float(other), abs=1e-7)


def test_ece_by_hand() -> None:
    confidence, correct = np.array([0.05, 0.06, 1.0, 0.5]), np.array([0.0, 1.0, 1.0, 1.0])
    assert ece(confidence, correct) == pytest.approx((abs(0.11 - 1.0) + 0.0 + 0.5) / 4)


@pytest.mark.parametrize(("right", "value"), [(1.0, 0.0), (0.0, 1.0)])
def test_a_certain_network_is_perfect_or_the_worst(right: float, value: float) -> None:
    confidence, correct = np.ones(300), np.full(300, right)
    for metric in (ece, rms_calibration, rms_calibration_debiased):
        assert metric(confidence, correct) == value


def test_a_bin_includes_its_upper_edge() -> None:
    np.testing.assert_array_equal(bin_index(np.array([0.0, 0.5, 0.51, 1.0]), 2), [0, 0, 1, 1])


@pytest.mark.parametrize("bad", [np.nan, 1.5, -0.1])
def test_what_is_not_a_probability_is_refused(bad: float) -> None:
    confidence = np.append(np.full(120, 0.5), bad)
    for metric in (
        ece,
        rms_calibration,
        rms_calibration_published,
        rms_calibration_debiased,
        aurra,
    ):
        with pytest.raises(ValueError, match="got 1 outside"):
            metric(confidence, np.ones(121))


def test_the_debiased_variant_by_hand() -> None:
    confidence = np.array([0.9, 0.1, 0.6, 0.2, 0.8])
    correct = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    square = rms_calibration(confidence, correct, 2) ** 2
    first, second = (0.09 + 0.16) / 2, (0.24 + 0.16 + 0.09) / 3

    value = rms_calibration_debiased(confidence, correct, 2)

    assert value == pytest.approx(np.sqrt(square - (first + second) / 5), abs=1e-12)


def draw(gap: float, seed: int) -> tuple[Floats, Floats]:
    """10,000 images whose accuracy lies below their confidence by a gap."""
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.3, 1.0, 10_000)
    return confidence, (rng.random(10_000) < confidence - gap).astype(np.float64)


def test_a_calibrated_network_loses_its_noise_floor_and_a_real_gap_stays() -> None:
    # the mean of p(1 - p) is 0.187, so that bins of 100 measure 0.0432; less that, the square has
    # mean 0 and a spread of 0.00026, and the mean of 50 of its clipped roots is 0.0067 with a
    # spread of 0.0011: four of these each way; seeds fixed
    calibrated = [draw(0.0, seed) for seed in range(50)]

    raw = np.mean([rms_calibration(*one) for one in calibrated])
    debiased = np.mean([rms_calibration_debiased(*one) for one in calibrated])
    real = np.mean([rms_calibration_debiased(*draw(0.1, seed)) for seed in range(50)])

    assert raw == pytest.approx(0.0432, abs=0.002)
    assert debiased == pytest.approx(0.0067, abs=0.0044)
    assert real == pytest.approx(0.1, abs=0.003)


def test_the_debiased_variant_never_exceeds_the_plain_one_and_may_be_zero() -> None:
    for seed in range(20):
        pair = draw(0.02 * (seed % 3), seed)
        assert 0.0 <= rms_calibration_debiased(*pair) <= rms_calibration(*pair)
    flat = np.full(200, 0.5)
    assert rms_calibration_debiased(flat, np.tile([0.0, 1.0], 100)) == 0.0


def test_aurra_by_hand() -> None:
    confidence, correct = np.array([0.2, 0.9, 0.5]), np.array([1.0, 1.0, 0.0])
    assert aurra(confidence, correct) == pytest.approx((1 + 1 / 2 + 2 / 3) / 3, abs=1e-15)


@pytest.mark.parametrize("n", [1, 7, 150])
@pytest.mark.parametrize("right", [0.0, 1.0])
def test_aurra_is_the_accuracy_where_all_are_right_or_all_wrong(n: int, right: float) -> None:
    assert aurra(np.linspace(0.1, 1.0, n), np.full(n, right)) == right


def test_aurra_rewards_being_wrong_at_low_confidence() -> None:
    confidence = np.linspace(0.1, 1.0, 50)
    good = (confidence > 0.5).astype(np.float64)

    assert aurra(confidence, good) > aurra(confidence, good[::-1])
    assert aurra(confidence, good) > good.mean() > aurra(confidence, good[::-1])


def test_of_equal_confidences_aurra_takes_the_first_image_first() -> None:
    assert aurra(np.full(2, 0.5), np.array([1.0, 0.0])) == 0.75
    assert aurra(np.full(2, 0.5), np.array([0.0, 1.0])) == 0.25
    with pytest.raises(ValueError, match="at least 1 images, got 0"):
        aurra(np.array([]), np.array([]))
