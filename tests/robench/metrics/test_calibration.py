"""Calibration errors against the authors' numbers, torchmetrics and values by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from robench.metrics.calibration import bin_index, ece, rms_calibration, rms_calibration_published
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
        low, high = expected["tie_range"]["rms"]
        slack = 0.2 * (high - low)  # the range is that of 200 random orders
        assert low - slack <= value <= high + slack
    else:
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
    for metric in (rms_calibration, rms_calibration_published):
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
    for metric in (ece, rms_calibration):
        assert metric(confidence, correct) == value


def test_a_bin_includes_its_upper_edge() -> None:
    np.testing.assert_array_equal(bin_index(np.array([0.0, 0.5, 0.51, 1.0]), 2), [0, 0, 1, 1])


@pytest.mark.parametrize("bad", [np.nan, 1.5, -0.1])
def test_what_is_not_a_probability_is_refused(bad: float) -> None:
    confidence = np.append(np.full(120, 0.5), bad)
    for metric in (ece, rms_calibration, rms_calibration_published):
        with pytest.raises(ValueError, match="got 1 outside"):
            metric(confidence, np.ones(121))
