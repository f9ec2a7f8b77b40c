"""Top-1 and top-5 error against values worked out by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import top_k_accuracy_score

from robench.metrics.accuracy import error, top5_error, top5_error_per_image


@pytest.mark.parametrize(("correct", "value"), [([1, 1], 0.0), ([0, 0], 1.0), ([1, 0, 1, 1], 0.25)])
def test_error_is_the_share_of_wrong_images(correct: list[float], value: float) -> None:
    assert error(np.array(correct, dtype=np.float64)) == value


def test_no_images_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 image"):
        error(np.array([]))


def test_top5_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(500, 12)), rng.integers(0, 12, 500)

    accuracy = top_k_accuracy_score(labels, logits, k=5, labels=range(12))

    assert top5_error(logits, labels) == pytest.approx(1.0 - accuracy, abs=1e-12)


def test_of_equal_logits_the_lower_class_comes_first() -> None:
    labels = np.arange(8)

    wrong = top5_error_per_image(np.zeros((8, 8)), labels)

    np.testing.assert_array_equal(wrong, [0, 0, 0, 0, 0, 1, 1, 1])


def test_five_classes_are_always_right_and_four_are_refused() -> None:
    labels = np.array([0, 4])
    assert top5_error(np.eye(2, 5), labels) == 0.0
    with pytest.raises(ValueError, match="at least 5 classes, got 4"):
        top5_error(np.eye(2, 4), np.array([0, 1]))
