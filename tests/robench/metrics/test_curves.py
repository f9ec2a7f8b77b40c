"""Reliability diagrams."""

import json

import numpy as np
import pytest

from robench.metrics.calibration import ece, rms_calibration
from robench.metrics.curves import noise_floor, reliability


def test_the_diagram_adds_up_to_the_calibration_error() -> None:
    rng = np.random.default_rng(4)
    confidence, correct = rng.random(500) ** 2, (rng.random(500) < 0.4).astype(np.float64)

    curve = reliability(confidence, correct)
    rows = zip(curve["confidence"], curve["accuracy"], curve["count"], strict=True)
    total = sum(abs(c - a) * n for c, a, n in rows if c is not None and a is not None and n)

    assert total / 500 == pytest.approx(ece(confidence, correct), abs=1e-12)
    assert sum(n or 0 for n in curve["count"]) == 500


def test_empty_bins_are_none_and_the_curve_is_valid_json() -> None:
    curve = reliability(np.array([0.1, 0.1]), np.array([1.0, 0.0]), bins=2)

    expected = {"confidence": [0.1, None], "accuracy": [0.5, None], "count": [2, 0]}
    assert json.loads(json.dumps(curve, allow_nan=False)) == expected


def test_what_is_not_a_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        reliability(np.array([np.nan]), np.array([1.0]))


def test_the_noise_floor_is_what_calibrated_networks_score() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1.0, 10_000)
    fresh = [
        rms_calibration(confidence, (rng.random(10_000) < confidence).astype(float))
        for _ in range(20)
    ]

    floor = noise_floor(confidence)

    by_hand = np.sqrt(np.mean(confidence * (1 - confidence)) / 100)  # spread of a bin of 100
    assert floor["rms"] == pytest.approx(by_hand, rel=0.02)
    assert floor["rms"] == pytest.approx(np.mean(fresh), rel=0.05)
    assert floor == noise_floor(confidence)
    assert set(noise_floor(confidence[:50])) == {"ece"}
