"""Anomaly metrics against the authors' numbers, scikit-learn and values by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from robench.metrics.anomaly import (
    aupr,
    aupr_in,
    auroc,
    false_positive_rate,
    fpr95,
    fpr95_in,
)


def check_golden(path: Path) -> None:
    with np.load(path) as stored:
        expected = json.loads(str(stored["expected_json"]))
        for number in "012":
            pair = stored[f"ood-{number}-out_score"], stored[f"ood-{number}-in_score"]
            values = expected[number]
            assert aupr(*pair) == pytest.approx(values["aupr"], abs=1e-9)
            assert auroc(*pair) == pytest.approx(values["auroc"], abs=1e-9)
            assert fpr95(*pair) == pytest.approx(values["fpr95"], abs=1e-9)
            assert false_positive_rate(*pair, 0.9) == pytest.approx(values["fpr90"], abs=1e-9)


def test_the_authors_numbers_come_out(golden: Path) -> None:
    check_golden(golden / "metrics" / "ood.npz")


@pytest.mark.shared
def test_the_authors_numbers_come_out_of_the_reference_material(shared: Path) -> None:
    check_golden(shared / "goldens" / "metrics" / "ood.npz")


@pytest.mark.parametrize("digits", [1, 2, 12])  # 1: heavily tied
def test_areas_agree_with_scikit_learn(digits: int) -> None:
    rng = np.random.default_rng(digits)
    out_score, in_score = rng.normal(0.5, 1, 211).round(digits), rng.normal(0, 1, 977).round(digits)
    truth, scores = np.repeat([1, 0], [211, 977]), np.concatenate([out_score, in_score])

    expected = average_precision_score(truth, scores)
    assert aupr(out_score, in_score) == pytest.approx(expected, abs=1e-12)
    assert auroc(out_score, in_score) == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    other = average_precision_score(1 - truth, -scores)
    assert aupr_in(out_score, in_score) == pytest.approx(other, abs=1e-12)
    assert roc_auc_score(1 - truth, -scores) == pytest.approx(roc_auc_score(truth, scores))


def test_separated_scores_are_perfect_and_exchanged_ones_the_worst() -> None:
    low, high = np.linspace(0, 1, 40), np.linspace(2, 3, 40)

    assert (aupr(high, low), auroc(high, low), fpr95(high, low)) == (1.0, 1.0, 0.0)
    assert (auroc(low, high), fpr95(low, high)) == (0.0, 1.0)
    assert (aupr_in(high, low), fpr95_in(high, low)) == (1.0, 0.0)
    assert fpr95_in(low, high) == 1.0


def test_constant_scores_are_chance() -> None:
    flat_out, flat_in = np.zeros(100), np.zeros(300)

    assert aupr(flat_out, flat_in) == 0.25
    assert aupr_in(flat_out, flat_in) == 0.75
    assert fpr95_in(flat_out, flat_in) == 1.0
    assert auroc(flat_out, flat_in) == 0.5
    assert fpr95(flat_out, flat_in) == 1.0


def test_fpr_takes_the_nearest_recall_not_the_first_that_reaches_it() -> None:
    # recall 0.94 at a cost of 30 of 50, then 1.0 together with the other 20
    out_score, in_score = np.repeat([2.0, 0.0], [94, 6]), np.repeat([1.0, 0.0], [30, 20])
    assert fpr95(out_score, in_score) == 0.6


METRICS: list[Callable[..., float]] = [aupr, aupr_in, auroc, fpr95, fpr95_in]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("pair", [([], [1.0]), ([1.0], [])])
def test_an_empty_side_is_refused(metric: Callable[..., float], pair: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1 image on either side"):
        metric(np.array(pair[0]), np.array(pair[1]))


@pytest.mark.parametrize("metric", METRICS)
def test_scores_that_are_not_numbers_are_counted(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="2 scores are not finite"):
        metric(np.array([1.0, np.nan]), np.array([np.inf, 0.0]))


@pytest.mark.parametrize("metric", METRICS)
def test_a_single_image_on_either_side_is_enough(metric: Callable[..., float]) -> None:
    perfect = metric(np.array([1.0]), np.array([0.0]))
    assert perfect == (0.0 if "fpr" in metric.__name__ else 1.0)


def test_both_directions_are_each_others_with_roles_and_order_exchanged() -> None:
    rng = np.random.default_rng(7)
    out_score, in_score = rng.normal(0.4, 1, 90).round(1), rng.normal(0, 1, 400).round(1)

    assert aupr_in(out_score, in_score) == aupr(-in_score, -out_score)
    assert fpr95_in(out_score, in_score) == fpr95(-in_score, -out_score)
    assert auroc(out_score, in_score) == pytest.approx(auroc(-in_score, -out_score), abs=1e-15)
    assert aupr_in(out_score, in_score) > aupr(out_score, in_score)  # there are more of them


def test_the_share_that_is_accepted_by_hand() -> None:
    # at confidence 0.8 of 100 in-distribution images 95 are accepted, with them 3 of 10 others
    in_score, out_score = -np.repeat([0.8, 0.1], [95, 5]), -np.repeat([0.9, 0.05], [3, 7])
    assert fpr95_in(out_score, in_score) == 0.3


def test_the_message_for_an_empty_side_names_the_sides_as_they_were_given() -> None:
    with pytest.raises(ValueError, match="got 0 out-of-distribution and 2 in-distribution"):
        aupr_in(np.array([]), np.array([0.1, 0.2]))
