"""Every metric that torchmetrics or scikit-learn has as well, on the same stored outputs."""

import numpy as np
import pytest
import torch
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    log_loss,
    roc_auc_score,
    top_k_accuracy_score,
)
from torchmetrics.functional.classification import (
    binary_auroc,
    binary_average_precision,
    multiclass_accuracy,
    multiclass_calibration_error,
)

from robench.metrics import METRICS
from robench.metrics.proper import softmax
from robench.metrics.score import score
from robench.types import Outputs

CLASSES = 12


def outputs(seed: int, gain: float, decimals: int = 12) -> Outputs:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, 600)
    logits = rng.normal(size=(600, CLASSES)) + gain * np.eye(CLASSES)[labels]
    return Outputs(np.arange(600), labels, logits.round(decimals).astype(np.float32))


CELL, INSIDE = outputs(0, 2.0), outputs(1, 3.0)
assert CELL.logits is not None
assert INSIDE.logits is not None
LOGITS, LABELS = torch.from_numpy(CELL.logits), torch.from_numpy(CELL.labels)
PROBABILITIES = softmax(CELL.logits)
OUT, IN = (-softmax(cell).max(axis=1) for cell in (CELL.logits, INSIDE.logits))
SCORES, TRUTH = np.concatenate([OUT, IN]), np.repeat([1, 0], 600)


def measured(name: str) -> float:
    return score(METRICS[name], CELL, INSIDE if METRICS[name].needs == "pair" else None)[0]


def test_errors_are_one_minus_the_accuracies_of_torchmetrics_and_scikit_learn() -> None:
    for name, top in (("error", 1), ("top5_error", 5)):
        other = multiclass_accuracy(LOGITS, LABELS, num_classes=CLASSES, average="micro", top_k=top)
        assert measured(name) == pytest.approx(1 - float(other), abs=1e-6)  # float32 there
    exact = accuracy_score(CELL.labels, PROBABILITIES.argmax(axis=1))
    top5 = top_k_accuracy_score(CELL.labels, PROBABILITIES, k=5)
    assert measured("error") == pytest.approx(1 - exact, abs=1e-12)
    assert measured("top5_error") == pytest.approx(1 - top5, abs=1e-12)


def test_ece_is_that_of_torchmetrics_with_15_bins() -> None:
    other = multiclass_calibration_error(
        torch.from_numpy(PROBABILITIES), LABELS, num_classes=CLASSES, n_bins=15, norm="l1"
    )
    assert measured("ece") == pytest.approx(float(other), abs=1e-6)


def test_nll_and_brier_are_those_of_scikit_learn_and_numpy() -> None:
    one_hot = np.eye(CLASSES)[CELL.labels]
    assert measured("nll") == pytest.approx(log_loss(CELL.labels, PROBABILITIES), abs=1e-9)
    assert measured("brier") == pytest.approx(((PROBABILITIES - one_hot) ** 2).sum(1).mean())


def test_areas_are_those_of_torchmetrics_and_scikit_learn_in_both_directions() -> None:
    truth, scores = torch.from_numpy(TRUTH), torch.from_numpy(SCORES)
    # torchmetrics takes scores outside [0, 1] as logits; confidences are not
    pairs = {
        "aupr": (float(binary_average_precision(1 + scores, truth)), (TRUTH, SCORES)),
        "aupr_in": (float(binary_average_precision(-scores, 1 - truth)), (1 - TRUTH, -SCORES)),
    }
    for name, (other, arguments) in pairs.items():
        assert measured(name) == pytest.approx(other, abs=1e-6)
        assert measured(name) == pytest.approx(average_precision_score(*arguments), abs=1e-12)
    assert measured("auroc") == pytest.approx(float(binary_auroc(1 + scores, truth)), abs=1e-6)
    for arguments in ((TRUTH, SCORES), (1 - TRUTH, -SCORES)):
        assert measured("auroc") == pytest.approx(roc_auc_score(*arguments), abs=1e-12)
