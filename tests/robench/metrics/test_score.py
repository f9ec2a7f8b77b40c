"""The list of metrics, their values on stored outputs and their standard errors."""

import math
import subprocess
import sys

import numpy as np
import pytest

from robench import registry
from robench.metrics import METRICS
from robench.metrics.derive import derive
from robench.metrics.score import score
from robench.types import Metric, Outputs


def outputs(n: int, classes: int = 10, seed: int = 0, gain: float = 2.0) -> Outputs:
    """A network that is right about half the time; each image is compared with the next one."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) * gain
    logits[np.arange(n), labels] += gain
    return Outputs(
        np.arange(n),
        labels,
        logits.astype(np.float32),
        fooled=rng.random(n) < 0.7,
        sequences=np.arange(n),
        references=np.roll(np.arange(n), -1),
    )


def inside(metric: Metric, n: int = 300) -> Outputs | None:
    return outputs(n, seed=1, gain=3.0) if metric.needs == "pair" else None


@pytest.mark.parametrize("name", METRICS)
def test_entries_say_their_name_and_their_function_exists(name: str) -> None:
    metric = METRICS[name]
    assert metric.name == name
    assert callable(registry.load(metric.function))


@pytest.mark.parametrize("name", METRICS)
def test_the_score_is_the_function_of_the_derived_arrays(name: str) -> None:
    metric, cell = METRICS[name], outputs(250)
    arrays = derive(cell, inside(metric))
    function = registry.load(metric.function)

    value, stderr = score(metric, cell, inside(metric))

    assert value == function(*(arrays[key] for key in metric.inputs))
    assert isinstance(value, float)
    assert stderr is not None
    assert 0.0 < stderr < 0.25


@pytest.mark.parametrize("name", METRICS)
def test_the_standard_error_repeats_to_the_last_digit(name: str) -> None:
    metric = METRICS[name]
    first = score(metric, outputs(250), inside(metric))
    assert first == score(metric, outputs(250), inside(metric))


@pytest.mark.parametrize("name", METRICS)
def test_too_few_images_are_refused_in_words(name: str) -> None:
    metric = METRICS[name]
    words = rf"^{name} needs >= {metric.minimum} images, got \d+$"
    if metric.needs == "pair":
        words = "^need at least 1 image on either side, got 0 out-of-distribution and"
    with pytest.raises(ValueError, match=words):
        score(metric, outputs(metric.minimum - 1), inside(metric))


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].minimum == 1])
def test_one_image_has_a_value_but_no_standard_error(name: str) -> None:
    metric = METRICS[name]
    value, stderr = score(metric, outputs(1), inside(metric, 1))
    assert math.isfinite(value)
    assert stderr is None


def test_the_standard_error_of_the_error_is_binomial() -> None:
    value, stderr = score(METRICS["error"], outputs(400))
    assert stderr == pytest.approx(math.sqrt(value * (1 - value) / 399), abs=1e-12)


@pytest.mark.parametrize("name", ["aupr", "auroc", "rms", "ece"])
def test_bootstrap_errors_have_the_size_of_the_spread_over_fresh_data(name: str) -> None:
    # seeds are fixed; the spread of 60 values is known to 9 %, of 100 resamples to 7 %, and a
    # correct bootstrap of these smooth metrics stays within a factor 2 (false alarm < 1e-6)
    metric = METRICS[name]
    fresh = [
        score(metric, outputs(400, seed=s), outputs(600, seed=1_000 + s, gain=3.0))[0]
        for s in range(60)
    ]

    stderr = score(metric, outputs(400), outputs(600, seed=1_000, gain=3.0))[1]

    assert stderr is not None
    assert 0.5 < stderr / float(np.std(fresh, ddof=1)) < 2.0


def test_scoring_imports_numpy_alone() -> None:
    code = (
        "import sys, numpy as np;"
        "from robench.metrics import METRICS; from robench.metrics.score import score;"
        "from robench.types import Outputs; import robench.metrics.aggregates;"
        "import robench.metrics.curves;"
        "cell = Outputs(np.arange(9), np.zeros(9, dtype=int), np.ones((9, 6), dtype='f4'),"
        " np.ones(9, dtype=bool), sequences=np.arange(9), references=np.arange(9));"
        "[score(m, cell, cell) for m in METRICS.values() if m.minimum == 1];"
        "print([n for n in ('torch', 'sklearn', 'scipy', 'pandas') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
