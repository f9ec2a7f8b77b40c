"""Arrays that are made of stored outputs."""

import numpy as np
import pytest

from robench.metrics.derive import derive
from robench.types import Outputs


def outputs(rows: list[list[float]], labels: list[int]) -> Outputs:
    return Outputs(
        indices=np.arange(len(labels)),
        labels=np.array(labels, dtype=np.int64),
        logits=np.array(rows, dtype=np.float32),
    )


def test_arrays_have_the_promised_types_and_values() -> None:
    arrays = derive(outputs([[0.0, 0.0], [0.0, np.log(3.0)]], [0, 0]))

    np.testing.assert_array_equal(arrays["correct"], [1.0, 0.0])  # the first of equal logits wins
    np.testing.assert_allclose(arrays["confidence"], [0.5, 0.75], atol=1e-7)
    np.testing.assert_allclose(arrays["probabilities"], [[0.5, 0.5], [0.25, 0.75]], atol=1e-7)
    assert {arrays[name].dtype.name for name in ("correct", "confidence", "probabilities")} == {
        "float64"
    }


def test_images_that_are_worked_on_some_at_a_time_keep_every_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(0, 3, (257, 40)).tolist(), rng.integers(0, 40, 257).tolist()
    names = ("firsts", "top5_wrong", "log_loss", "squared_loss", "confidence")
    whole = derive(outputs(rows, labels))
    expected = {name: whole[name] for name in names}

    monkeypatch.setattr("robench.metrics.derive.VALUES", 7 * 40 + 3)
    some = derive(outputs(rows, labels))

    for name in names:
        np.testing.assert_array_equal(some[name], expected[name])


def test_an_array_is_made_once() -> None:
    arrays = derive(outputs([[0.0, 1.0]], [1]))
    assert arrays["probabilities"] is arrays["probabilities"]


def test_anomaly_scores_are_minus_the_largest_probability_and_need_no_labels() -> None:
    out, inside = outputs([[0.0, 0.0]], [-1]), outputs([[0.0, np.log(3.0)], [9.0, 9.0]], [1, 0])

    arrays = derive(out, inside)

    np.testing.assert_allclose(arrays["out_score"], [-0.5])
    np.testing.assert_allclose(arrays["in_score"], [-0.75, -0.5], atol=1e-7)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_images_with_logits_that_are_not_numbers_are_counted(bad: float) -> None:
    arrays = derive(outputs([[0.0, 1.0], [bad, bad], [0.0, bad]], [0, 1, 1]))
    for name in ("correct", "probabilities", "confidence", "out_score"):
        with pytest.raises(ValueError, match="2 of 3 images"):
            _ = arrays[name]


@pytest.mark.parametrize("label", [-1, 2])
def test_labels_outside_the_classes_are_counted(label: int) -> None:
    arrays = derive(outputs([[0.0, 1.0], [1.0, 0.0]], [0, label]))
    with pytest.raises(ValueError, match=r"1 of 2 labels lie outside 0\.\.1"):
        _ = arrays["correct"]


def test_what_the_cell_has_not_stored_is_named() -> None:
    empty = derive(Outputs(np.arange(1), np.zeros(1, dtype=np.int64)))
    for name, words in (("logits", "logits"), ("fooled", "attack")):
        with pytest.raises(ValueError, match=words):
            _ = empty[name]
    with pytest.raises(ValueError, match="in-distribution"):
        _ = derive(outputs([[0.0, 1.0]], [1]))["in_score"]
