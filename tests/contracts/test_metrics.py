"""Promises that every metric keeps."""

import numpy as np
import pytest

from robench.metrics import METRICS
from robench.metrics.score import score
from robench.registry import load
from robench.suites import METRICS as MEASURED
from robench.types import Outputs

N, K = 400, 10


def outputs(kind: str, seed: int = 0, n: int = N) -> Outputs:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, K, n)
    if kind == "fooled":
        return Outputs(
            np.arange(n), labels, fooled=rng.random(n) < 0.4, steps=np.zeros(n, np.int16)
        )
    if kind == "sequences":
        sequences, labels = np.repeat(np.arange(n), 3), np.repeat(labels, 3)
        films = (rng.normal(size=(3 * n, K)) + np.eye(K)[labels]).astype(np.float32)
        before = np.where(np.arange(3 * n) % 3 == 0, -1, np.arange(3 * n) - 1)
        return Outputs(sequences, labels, films, sequences=sequences, references=before)
    logits = rng.normal(size=(n, K)) + 3 * np.eye(K)[labels]
    return Outputs(np.arange(n), labels, logits=logits.astype(np.float32))


def inside(kind: str) -> Outputs | None:
    return outputs("logits", seed=1) if kind == "pair" else None


@pytest.mark.parametrize("name", METRICS)
def test_a_value_is_finite_has_a_standard_error_and_comes_back(name: str) -> None:
    metric = METRICS[name]
    given, other = outputs(metric.needs), inside(metric.needs)

    value, stderr = score(metric, given, other)

    assert value >= 0
    assert np.isfinite(value)
    assert stderr is not None
    assert 0 <= stderr < 0.5
    assert score(metric, given, other) == (value, stderr)


@pytest.mark.parametrize("name", METRICS)
def test_a_thousandfold_set_has_a_smaller_standard_error(name: str) -> None:
    metric = METRICS[name]
    small = score(metric, outputs(metric.needs, n=metric.minimum + 200), inside(metric.needs))
    large = score(metric, outputs(metric.needs, n=20_000), inside(metric.needs))

    assert small[1] is not None
    assert large[1] is not None
    if metric.needs != "pair":  # there the in-distribution half stays as small
        assert large[1] < small[1] / 2


@pytest.mark.parametrize("name", [name for name, m in METRICS.items() if m.needs != "fooled"])
def test_logits_that_are_not_numbers_are_refused(name: str) -> None:
    given = outputs("logits")
    assert given.logits is not None
    given.logits[3, 2] = np.nan

    with pytest.raises(ValueError, match="1"):
        score(METRICS[name], given, inside(METRICS[name].needs))


@pytest.mark.parametrize("name", METRICS)
def test_an_entry_describes_itself(name: str) -> None:
    metric = METRICS[name]

    assert metric.name == name
    assert metric.version >= 1
    assert metric.paper
    assert {"pair": "positive" in metric.conventions}.get(metric.needs, True)
    assert load(metric.function).__doc__
    assert any(name in names for names in MEASURED.values()), "no kind of cell measures it"


IDENTITY = {
    "error": {},
    "top5_error": {"ties": "lower class first"},
    "nll": {"unit": "nats"},
    "brier": {"over_classes": "sum"},
    "ece": {"bins": 15, "binning": "equal width"},
    "aupr": {"positive": "out-of-distribution", "score": "msp", "area": "average precision"},
    "auroc": {"positive": "out-of-distribution", "score": "msp"},
    "adv_error": {},
}


@pytest.mark.parametrize("name", IDENTITY)
def test_what_identifies_stored_numbers_has_not_changed(name: str) -> None:
    assert dict(METRICS[name].conventions) == IDENTITY[name]
    assert METRICS[name].version == 1


def constant(right: bool) -> Outputs:
    """Every image in one class, and all right or all wrong."""
    logits = np.tile(np.array([4, 1, 0, 0, 0, 0], dtype=np.float32), (N, 1))
    labels = np.zeros(N, dtype=np.int64) if right else np.ones(N, dtype=np.int64)
    return Outputs(np.arange(N), labels, logits)


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.needs in ("logits", "pair")])
@pytest.mark.parametrize("right", [True, False])
def test_a_network_that_always_says_the_same_has_a_value(name: str, right: bool) -> None:
    metric = METRICS[name]
    value, stderr = score(metric, constant(right), constant(True) if inside(metric.needs) else None)

    assert np.isfinite(value)
    assert stderr == pytest.approx(0, abs=1e-9) or metric.needs == "pair"
    if name in ("error", "aurra"):
        assert value == float(right == metric.higher_is_better)
