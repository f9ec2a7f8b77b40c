"""What the table of ``reports/metrics/metrics.md`` says, as far as it needs no reference material.

`metric_table` beside this file writes the table and adds the rest.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import mannwhitneyu
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve
from test_averaging import USERS
from test_parity import CLASSES, outputs
from test_perturbation import one_hot
from test_perturbation import outputs as film
from torchmetrics.functional import classification as tm

from robench.metrics import METRICS
from robench.metrics.aggregates import AGGREGATES
from robench.metrics.averaging import aggregate
from robench.metrics.constants import CONSTANTS, Constants
from robench.metrics.derive import derive
from robench.metrics.overview import Row, rows
from robench.metrics.prediction import PREDICTIONS
from robench.metrics.score import score
from robench.registry import load
from robench.types import Aggregate, Floats, Metric, Outputs

TABLE = Path(__file__).resolve().parents[3] / "reports" / "metrics" / "metrics.md"
DOUBLE, SINGLE = 1e-9, 1e-6  # tolerances: of float64, and of a library that sums in float32
Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """A metric against something else, over some cases.

    Attributes:
        name: Of the metric or aggregate.
        against: What, in words.
        deviation: The largest.
        cases: How many.
        tolerance: What the deviation may be at most.
        note: More in words.
    """

    name: str
    against: str
    deviation: float
    cases: int
    tolerance: float = DOUBLE
    note: str = ""

    @property
    def text(self) -> str:
        """For a table."""
        note = f"; {self.note}" if self.note else ""
        return f"{self.against}: {short(self.deviation)} ({self.cases}){note}"


def short(value: float) -> str:
    """Few digits."""
    return f"{value:.0e}" if 0 < abs(value) < 1e-4 else f"{value:.4g}"


# --- against other libraries


def peers() -> Iterator[Check]:
    """On 6 cells of 600 images and 12 classes; pairs also with their scores rounded to ties."""
    cells: list[Arrays] = [
        derive(outputs(seed, gain), outputs(seed + 50, gain + 1))
        for seed, gain in enumerate((0.5, 0.5, 2.0, 2.0, 6.0, 6.0))
    ]
    tied = [{key: d[key].round(1) for key in ("out_score", "in_score")} for d in cells]
    for name, library, tolerance, other in PEERS:
        metric = METRICS[name]
        function, cases = load(metric.function), cells + tied * (metric.needs == "pair")
        gaps = [abs(function(*(d[key] for key in metric.inputs)) - other(d)) for d in cases]
        yield Check(name, f"{library} {version(library)}", max(gaps), len(gaps), tolerance)


def joined(d: Arrays, *, inside: bool = False) -> tuple[NDArray[np.int64], Floats]:
    """Truth and score of both sides, as scikit-learn has them."""
    scores = np.concatenate([d["out_score"], d["in_score"]])
    truth = np.repeat([1, 0], [len(d["out_score"]), len(d["in_score"])])
    return (1 - truth, -scores) if inside else (truth, scores)


def tensors(d: Arrays, *, inside: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Score and truth for torchmetrics, which takes scores outside [0, 1] as logits."""
    truth, scores = joined(d, inside=inside)
    return torch.from_numpy(scores if inside else 1 + scores), torch.from_numpy(truth)


def accuracy(d: Arrays, top: int) -> float:
    given = torch.from_numpy(d["logits"]), torch.from_numpy(d["labels"])
    return float(tm.multiclass_accuracy(*given, CLASSES, average="micro", top_k=top))


def calibration_error(d: Arrays) -> float:
    given = torch.from_numpy(d["probabilities"]), torch.from_numpy(d["labels"])
    return float(tm.multiclass_calibration_error(*given, CLASSES, n_bins=15, norm="l1"))


def brier_by_class(d: Arrays) -> float:
    return float(
        sum(sk.brier_score_loss(d["labels"] == k, d["probabilities"][:, k]) for k in range(CLASSES))
    )


def top5(d: Arrays) -> float:
    return 1 - float(sk.top_k_accuracy_score(d["labels"], d["logits"], k=5))


def label_loss(d: Arrays) -> float:
    wide = d["logits"].astype(np.float64)
    return float(np.mean(logsumexp(wide, axis=1) - wide[np.arange(600), d["labels"]]))


def equal_mass(d: Arrays, bins: int = 6) -> float:
    """Mean square gap of the first of six bins of 100 images, from the least confident up."""
    given = d["correct"], d["confidence"]
    right, confident = calibration_curve(*given, n_bins=6, strategy="quantile")
    return float(((right - confident)[:bins] ** 2).sum() / 6)


def debiased(d: Arrays) -> float:
    noise = float((d["confidence"] * (1 - d["confidence"])).mean() / 100)
    return math.sqrt(max(0.0, equal_mass(d) - noise))


def at_nearest_recall(truth: NDArray[np.int64], scores: Floats) -> float:
    """The curve of scikit-learn, read by the rule of Hendrycks et al."""
    false, found, _ = sk.roc_curve(truth, scores, drop_intermediate=False)
    until = int(np.argmax(found >= 1)) + 1
    distance = np.abs(found[1:until] - 0.95)
    return float(false[1:until][distance == distance.min()][-1])


def exceeding(d: Arrays) -> float:
    sides = d["out_score"], d["in_score"]
    return float(mannwhitneyu(*sides).statistic / (len(sides[0]) * len(sides[1])))


SK, TM = "scikit-learn", "torchmetrics"
PEERS: Sequence[tuple[str, str, float, Callable[[Arrays], float]]] = (
    ("error", SK, DOUBLE, lambda d: 1 - sk.accuracy_score(d["labels"], d["predictions"])),
    ("error", TM, SINGLE, lambda d: 1 - accuracy(d, 1)),
    (
        "top5_error",
        SK,
        DOUBLE,
        top5,
    ),
    ("top5_error", TM, SINGLE, lambda d: 1 - accuracy(d, 5)),
    ("nll", SK, DOUBLE, lambda d: sk.log_loss(d["labels"], d["probabilities"])),
    ("nll", "scipy", DOUBLE, label_loss),
    ("brier", SK, DOUBLE, brier_by_class),
    ("ece", TM, SINGLE, calibration_error),
    ("rms", SK, DOUBLE, lambda d: math.sqrt(equal_mass(d))),
    ("rms_published", SK, DOUBLE, lambda d: math.sqrt(equal_mass(d, 5))),
    ("rms_debiased", SK, DOUBLE, debiased),
    ("aupr", SK, DOUBLE, lambda d: sk.average_precision_score(*joined(d))),
    ("aupr", TM, SINGLE, lambda d: float(tm.binary_average_precision(*tensors(d)))),
    ("auroc", SK, DOUBLE, lambda d: sk.roc_auc_score(*joined(d))),
    ("auroc", TM, SINGLE, lambda d: float(tm.binary_auroc(*tensors(d)))),
    ("auroc", "scipy", DOUBLE, exceeding),
    ("fpr95", SK, DOUBLE, lambda d: at_nearest_recall(*joined(d))),
    ("aupr_in", SK, DOUBLE, lambda d: sk.average_precision_score(*joined(d, inside=True))),
    ("aupr_in", TM, SINGLE, lambda d: float(tm.binary_average_precision(*tensors(d, inside=True)))),
    ("fpr95_in", SK, DOUBLE, lambda d: at_nearest_recall(*joined(d, inside=True))),
)

# --- against values worked by hand

TWO_BINS = {  # 100 images at 0.2 of which 30 are right, 150 at 0.9 of which 105 are: gaps 0.1, 0.2
    "confidence": np.repeat([0.2, 0.9], [100, 150]),
    "correct": np.repeat([1.0, 0.0, 1.0, 0.0], [30, 70, 105, 45]),
}
FILM = one_hot([[1, 2, 2, 1], [5, 5, 5, 5]])
SWAP = np.stack([np.arange(10, 0, -1), [9, 10, *range(8, 0, -1)]]).astype(np.float32)[None]
SIDES = {"out_score": -np.repeat([0.9, 0.05], [3, 7]), "in_score": -np.repeat([0.8, 0.1], [95, 5])}
JUMP = {"out_score": np.repeat([2.0, 0.0], [94, 6]), "in_score": np.repeat([1.0, 0.0], [30, 20])}
ODDS = {"logits": np.log([[1.0, 3.0], [1.0, 1.0]]), "labels": np.array([0, 1])}
THIRDS = {"out_score": np.array([3.0, 1.0]), "in_score": np.array([2.0, 1.0])}
HAND: Mapping[str, tuple[Arrays, float]] = {
    "error": ({"correct": np.array([1.0, 0.0, 1.0, 1.0])}, 0.25),
    "top5_error": ({"logits": np.zeros((8, 8)), "labels": np.arange(8)}, 3 / 8),
    "nll": (ODDS, math.log(4 * 2) / 2),
    "brier": ({"probabilities": np.array([[0.5, 0.3, 0.2]]), "labels": np.array([0])}, 0.38),
    "ece": (TWO_BINS, (100 * 0.1 + 150 * 0.2) / 250),
    "rms": (TWO_BINS, math.sqrt(0.4 * 0.01 + 0.6 * 0.04)),
    "rms_published": (TWO_BINS, math.sqrt(0.4 * 0.01)),
    "rms_debiased": (TWO_BINS, math.sqrt(0.4 * 0.01 + 0.6 * 0.04 - (0.16 + 0.09) / 250)),
    "aurra": (
        {"confidence": np.array([0.2, 0.9, 0.5]), "correct": np.array([1.0, 1.0, 0.0])},
        (1 + 1 / 2 + 2 / 3) / 3,
    ),
    "aupr": (THIRDS, 1 / 2 * 1 + 1 / 2 * 2 / 4),
    "auroc": (THIRDS, (1 + 1 + 0 + 1 / 2) / 4),
    "fpr95": (JUMP, 0.6),
    "aupr_in": (THIRDS, 1 / 2 * 1 / 2 + 1 / 2 * 2 / 3),
    "fpr95_in": (SIDES, 0.3),
    "flip_rate": (derive(film(FILM, "rotate", 1)), 1 / 3),
    "top5_distance": (derive(film(SWAP, "scale", 1)), 2.0),
    "adv_error": ({"fooled": np.array([True, False, False, False])}, 0.25),
}


def by_hand() -> Iterator[Check]:
    """Each metric on a few images."""
    for name, (arrays, value) in HAND.items():
        metric = METRICS[name]
        found = load(metric.function)(*(arrays[key] for key in metric.inputs))
        yield Check(name, f"{value:.4g}", abs(found - value), 1)


def formulas() -> Iterator[Check]:
    """Each aggregate against its formula over 20 random sets of cells."""
    rng = np.random.default_rng(0)
    for name, one in AGGREGATES.items():
        gaps = []
        for _ in range(20):
            cells, clean = rng.random((len(one.corruptions), len(one.levels))), float(rng.random())
            values = dict(zip(keys(one), cells.ravel().tolist(), strict=True))
            found = aggregate(one, values, clean, user(one)).value
            gaps.append(math.inf if found is None else abs(found - formula(one, cells, clean)))
        yield Check(name, f"formula in numpy {np.__version__}", max(gaps), len(gaps))


def keys(one: Aggregate) -> list[tuple[str, int]]:
    return list(product(one.corruptions, one.levels))


def user(one: Aggregate) -> Constants | None:
    """Constants for an aggregate that has none of its own."""
    return USERS if one.constants == "user" else None


def formula(one: Aggregate, cells: Floats, clean: float) -> float:
    """The aggregate as its paper writes it."""
    if one.name in PREDICTIONS:
        fit = PREDICTIONS[one.name]
        weights = [fit["weights"][name] for name in one.corruptions]
        return float(fit["intercept"] + np.dot(weights, cells[:, 0]))
    if not one.constants:
        return float(cells.mean())
    reference = user(one) or CONSTANTS[one.constants]
    theirs = np.array([reference.values[name] for name in one.corruptions])
    less = (clean, reference.clean) if one.relative else (0.0, 0.0)
    return float(((cells - less[0]).sum(1) / (theirs - less[1]).sum(1)).mean())


# --- at the edges


def cell(n: int, right: float = 0.5, classes: int = 10, gain: float | None = None) -> Outputs:
    """Images of unlike confidence unless a gain is given; every so many of them are right."""
    labels, place = np.arange(n) % classes, np.arange(n)
    wrong = np.floor((place + 1) * right) == np.floor(place * right)
    gains = np.linspace(1, 6, n) if gain is None else np.full(n, gain)
    logits = gains[:, None] * np.eye(classes)[(labels + wrong) % classes]
    return Outputs(np.arange(n), labels, logits.astype(np.float32))


def with_logit(value: float) -> Outputs:
    given = cell(400)
    assert given.logits is not None
    given.logits[3, 2] = value
    return given


def attacked(fooled: list[bool]) -> Outputs:
    n = len(fooled)
    return Outputs(np.arange(n), np.zeros(n, np.int64), fooled=np.array(fooled, dtype=np.bool_))


def frames(*classes: list[int]) -> Outputs:
    return film(one_hot([*classes]), "rotate", 1)


Pair = tuple[Outputs, Outputs | None]
LABELLED: Mapping[str, Outputs] = {
    "0 images": cell(0),
    "1 image, right": cell(1, 1.0),
    "99 images": cell(99),
    "150 images": cell(150),
    "1 class": cell(400, classes=1),
    "4 classes": cell(400, classes=4),
    "all right": cell(400, 1.0),
    "all wrong": cell(400, 0.0),
    "all outputs equal": cell(400, gain=0.0),
    "certain, all right": cell(400, 1.0, gain=2000.0),
    "certain, all wrong": cell(400, 0.0, gain=2000.0),
    "a NaN": with_logit(math.nan),
    "an infinity": with_logit(math.inf),
    "a label outside": Outputs(np.arange(400), np.full(400, 10), cell(400).logits),
}
PAIRS: Mapping[str, Pair] = {
    "0 out-of-distribution": (cell(0), cell(400)),
    "0 in-distribution": (cell(400), cell(0)),
    "no partner": (cell(400), None),
    "1 on either side, apart": (cell(1, gain=1.0), cell(1, gain=6.0)),
    "100 and 300, apart": (cell(100, gain=1.0), cell(300, gain=6.0)),
    "apart, the wrong way": (cell(100, gain=6.0), cell(300, gain=1.0)),
    "all scores equal": (cell(100, gain=0.0), cell(300, gain=0.0)),
    "1 class": (cell(100, classes=1), cell(300, classes=1)),
    "a NaN": (with_logit(math.nan), cell(400)),
    "a NaN in-distribution": (cell(400), with_logit(math.nan)),
}
ATTACKED: Mapping[str, Outputs] = {
    "0 images": attacked([]),
    "1 image": attacked([True]),
    "none fooled": attacked([False] * 400),
    "all fooled": attacked([True] * 400),
    "no attack stored": cell(400),
}
FILMS: Mapping[str, Outputs] = {
    "0 sequences": film(np.zeros((0, 3, 10), np.float32), "rotate", 1),
    "1 sequence": frames([1, 2, 2]),
    "1 frame": frames([1], [2]),
    "never flips": frames([1, 1, 1], [2, 2, 2]),
    "always flips": frames([1, 2, 1], [2, 1, 2]),
    "order reversed": film(np.array([[range(10), range(10, 0, -1)]], np.float32), "rotate", 1),
    "all outputs equal": film(np.zeros((2, 3, 10), np.float32), "rotate", 1),
    "2 classes, always flips": film(np.array([[[0, 1], [1, 0], [0, 1]]], np.float32), "rotate", 1),
    "a NaN": film(np.full((2, 3, 10), np.nan, np.float32), "rotate", 1),
    "no sequences stored": cell(400),
}
EDGES: Mapping[str, Mapping[str, Pair]] = {
    "logits": {case: (one, None) for case, one in LABELLED.items()},
    "pair": PAIRS,
    "fooled": {case: (one, None) for case, one in ATTACKED.items()},
    "sequences": {case: (one, None) for case, one in FILMS.items()},
}


def outcome(metric: Metric, pair: Pair) -> str:
    """What happens: a value or the words of a refusal; a warning of NumPy's is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return short(round(score(metric, *pair)[0], 12))
        except ValueError as reason:
            return "refused: " + str(reason).removeprefix(f"{metric.name} ").partition(":")[0]


def mean_edges(one: Aggregate) -> dict[str, str]:
    """The same of an aggregate, whose cells all hold one half unless it is said."""
    everything = keys(one)
    given = user(one)
    half = dict.fromkeys(everything, 0.5)
    return {
        "0 cells": mean_outcome(one, {}, 0.0, given),
        "another's cells": mean_outcome(one, {("speckle_noise", 1): 0.5}, 0.0, given),
        "a cell missing": mean_outcome(one, dict.fromkeys(everything[1:], 0.5), 0.0, given),
        "all 0": mean_outcome(one, dict.fromkeys(everything, 0.0), 0.0, given),
        "all 1": mean_outcome(one, dict.fromkeys(everything, 1.0), 0.0, given),
        "clean as bad": mean_outcome(one, half, 0.5, given),
        "no clean error": mean_outcome(one, half, None, given),
        "no constants given": mean_outcome(one, half, 0.0, None),
        "a NaN": mean_outcome(one, half | {everything[0]: math.nan}, 0.0, given),
    }


def mean_outcome(
    one: Aggregate,
    values: Mapping[tuple[str, int], float],
    clean: float | None,
    given: Constants | None,
) -> str:
    """A value, marked where it is incomplete, or what it lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            result = aggregate(one, values, clean, given)
        except ValueError as reason:
            return f"refused: {reason}"
    if result.value is None:
        return f"none: lacks {result.lacks}" if result.lacks else f"none: {result.label}"
    return short(round(result.value, 12)) + ("" if result.complete else f" ({result.label})")


def edge_tables() -> Iterator[list[str]]:
    """Lines of one table for each kind of input, and one for the aggregates."""
    for need, cases in EDGES.items():
        metrics = [one for one in METRICS.values() if one.needs == need]
        found = {one.name: [outcome(one, pair) for pair in cases.values()] for one in metrics}
        yield matrix([*cases], found)
    means = {name: mean_edges(one) for name, one in AGGREGATES.items()}
    yield matrix([*mean_edges(AGGREGATES["mce"])], {n: [*e.values()] for n, e in means.items()})


def matrix(cases: list[str], found: Mapping[str, list[str]]) -> list[str]:
    """A table with a row for each case and a column for each name; like columns are joined."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for name, outcomes in found.items():
        columns.setdefault(tuple(outcomes), []).append(f"`{name}`")
    lines = ["| | " + " | ".join(", ".join(names) for names in columns.values()) + " |"]
    lines.append("|---|" + "---|" * len(columns))
    for place, case in enumerate(cases):
        outcomes = [one[place] for one in columns]
        if len(columns) > 1 and len(set(outcomes)) == 1:
            outcomes = [f"all: {outcomes[0]}", *[""] * (len(columns) - 1)]
        lines.append(f"| {case} | " + " | ".join(outcomes) + " |")
    return lines


# --- tests


@cache
def committed() -> str:
    return TABLE.read_text()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_the_table_has_every_entry_as_it_is_today(row: Row) -> None:
    start = f"| `{row.name}` | {row.direction} | {row.version} |"
    assert start in committed(), f"run metric_table.py: expected a line with {start}"
    assert row.conventions in committed()


def test_every_entry_is_checked_against_something() -> None:
    checked = {check.name for check in (*peers(), *by_hand(), *formulas())}
    assert checked == {*METRICS, *AGGREGATES}


@pytest.mark.parametrize("checks", [peers, by_hand, formulas])
def test_deviations_are_within_their_tolerance(checks: Callable[[], Iterator[Check]]) -> None:
    for check in checks():
        assert check.deviation <= check.tolerance, check


def test_the_edges_are_as_the_table_says() -> None:
    for line in (line for table in edge_tables() for line in table):
        assert line in committed(), f"run metric_table.py: expected the line {line}"
