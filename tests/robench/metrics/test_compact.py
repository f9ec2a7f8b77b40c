"""Summaries of logits give the numbers that all logits give."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from robench.metrics import METRICS
from robench.metrics.compact import TOP, compact, first_classes
from robench.metrics.derive import NotKeptError, derive
from robench.metrics.score import score
from robench.types import Outputs

Logits = NDArray[np.float32]
LOGIT_METRICS = [name for name, metric in METRICS.items() if metric.needs == "logits"]
COUNTS = ("error", "top5_error")


def pair(logits: Logits, labels: NDArray[np.int64]) -> tuple[Outputs, Outputs]:
    """The same cell with all logits and with their summaries."""
    rows = np.arange(len(labels))
    return Outputs(rows, labels, logits), Outputs(rows, labels, **compact(logits, labels))


def drawn(seed: int, kind: str, rows: int = 300, classes: int = 250) -> tuple[Outputs, Outputs]:
    """Logits of some kind; a third of the labels is the first class, the others are anywhere."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3.0, size=(rows, classes)).astype(np.float32)
    if kind == "tied":
        logits = np.round(logits)
    if kind == "constant":
        logits[:] = 2.5
    if kind == "large":
        logits = (logits * 20 + 500).astype(np.float32)
    labels = rng.integers(0, classes, rows)
    right = np.where(rng.random(rows) < 1 / 3, logits.argmax(axis=1), labels)
    return pair(logits, right.astype(np.int64))


@pytest.mark.parametrize("kind", ["plain", "tied", "constant"])
@pytest.mark.parametrize("name", LOGIT_METRICS)
def test_every_metric_is_that_of_all_logits(name: str, kind: str) -> None:
    whole, kept = drawn(1, kind)

    (value, error), (from_kept, error_from_kept) = (
        score(METRICS[name], cell) for cell in (whole, kept)
    )

    within = 0.0 if name in COUNTS else 1e-6
    assert from_kept == pytest.approx(value, abs=within)
    assert error_from_kept == pytest.approx(error, abs=max(within, 1e-12))
    assert np.isfinite(value)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["plain", "tied", "constant", "large"]),
    classes=st.sampled_from([5, TOP - 1, TOP, TOP + 1, 60]),
)
def test_every_derived_array_is_that_of_all_logits(seed: int, kind: str, classes: int) -> None:
    whole, kept = (derive(cell) for cell in drawn(seed, kind, rows=12, classes=classes))

    for name in ("predictions", "correct", "wrong", "top5_wrong", "labels", "firsts"):
        np.testing.assert_array_equal(kept[name], whole[name], err_msg=name)
    for name in ("confidence", "log_loss", "squared_loss", "out_score"):
        np.testing.assert_allclose(kept[name], whole[name], atol=1e-9, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("kind", ["plain", "tied"])
@pytest.mark.parametrize("name", ["flip_rate", "top5_distance"])
def test_stability_is_that_of_all_logits(name: str, kind: str) -> None:
    whole, kept = drawn(2, kind, rows=60)
    rows = np.arange(60)
    frames = {"sequences": rows // 6, "references": np.where(rows % 6 == 0, -1, rows - 1)}

    values = [score(METRICS[name], Outputs(**cell.arrays(), **frames)) for cell in (whole, kept)]

    assert values[0] == values[1]
    assert values[0][0] > 0


def test_labels_beyond_the_first_twenty_keep_their_logit_and_rank() -> None:
    logits = -np.arange(40, dtype=np.float32)[None]

    kept = compact(logits, np.array([33]))

    assert kept["label_rank"].tolist() == [33]
    assert kept["label_logit"].tolist() == [-33.0]
    assert kept["top_classes"].tolist() == [list(range(TOP))]


def test_of_equal_logits_the_lower_class_comes_first_also_at_the_edge() -> None:
    logits = np.zeros((1, 50), np.float32)
    logits[0, [40, 7]] = 1.0

    kept = compact(logits, np.array([3]))

    assert kept["top_classes"][0].tolist() == [7, 40, *range(7), *range(8, 19)]
    assert kept["label_rank"].tolist() == [5]


def test_a_set_without_labels_gives_its_confidences_alone() -> None:
    whole, kept = pair(np.eye(4, 30, dtype=np.float32), np.full(4, -1))

    np.testing.assert_allclose(derive(kept)["out_score"], derive(whole)["out_score"])
    for name in ("correct", "log_loss", "squared_loss", "top5_wrong"):
        with pytest.raises(ValueError, match="4 of 4 images have no label"):
            _ = derive(kept)[name]


@pytest.mark.parametrize("name", ["logits", "probabilities"])
def test_what_summaries_do_not_tell_is_refused_as_not_kept(name: str) -> None:
    with pytest.raises(NotKeptError, match="keeps summaries"):
        _ = derive(drawn(0, "plain")[1])[name]


def test_many_rows_are_summed_up_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    logits = np.random.default_rng(0).normal(size=(10, 30)).astype(np.float32)
    labels = np.arange(10)
    at_once = compact(logits, labels)
    monkeypatch.setattr("robench.metrics.compact.ROWS_AT_ONCE", 3)

    for name, array in compact(logits, labels).items():
        np.testing.assert_array_equal(array, at_once[name])


@pytest.mark.parametrize("make", [np.zeros, np.ones])
def test_first_classes_of_constant_rows_are_the_lowest(make: Callable[..., Logits]) -> None:
    assert first_classes(make((2, 9)), 4).tolist() == [[0, 1, 2, 3]] * 2
