"""Every metric against the authors' code, other libraries and its edges.

``python tests/robench/metrics/metric_table.py SHARED`` writes ``reports/metrics/metrics.md``. What
needs no reference material is computed in `test_metric_table`, which also asserts it.
"""

import csv
import json
import math
import platform
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import test_averaging as published
import test_metric_table as free
import test_paired as paired
from scipy.stats import binomtest, norm
from test_metric_table import Check, short
from test_perturbation import outputs as film
from test_significance import discordant

from robench.metrics import METRICS, anomaly, calibration
from robench.metrics.aggregates import AGGREGATES, at_severity
from robench.metrics.alexnet import ALEXNET
from robench.metrics.averaging import aggregate
from robench.metrics.effective import fit_line
from robench.metrics.groups import TEST_PERTURBATIONS
from robench.metrics.overview import rows
from robench.metrics.paired import compare_all, losses_per_image, paired_difference
from robench.metrics.score import score
from robench.metrics.significance import holm, mcnemar, p_value
from robench.report.references import read_references

Row = tuple[str, ...]
LINES = {  # R2 and residual spread in points, as the specification has them
    "imagenet-v2": (0.993, 0.50),
    "imagenet-sketch": (0.85, 3.96),
    "imagenet-r": (0.73, 5.28),
    "imagenet-a": (0.85, 5.29),
}

# --- against the authors' code


def goldens(folder: Path) -> Iterator[Check]:
    """Against stored outputs of the official code."""
    yield from calibrations(folder / "calibration.npz")
    yield from anomalies(folder / "ood.npz")
    yield from perturbations(folder / "perturbation.npz")
    cases = json.loads((folder / "mce.json").read_text())["cases"]
    for name, key, scale in (("mce", "mce", 100.0), ("mean_ce", "mean_error", 1.0)):
        gaps = []
        for case in cases:
            values = {(c, s): case["error"][c][s - 1] for c, s in published.ALL}
            gaps.append(abs(published.percent(AGGREGATES[name], values) / 100 - case[key] / scale))
        yield Check(name, "AugMix code", max(gaps), len(gaps))


def calibrations(path: Path) -> Iterator[Check]:
    """Without ties to the digit; with ties within the range of 200 orders of the images."""
    functions = {"rms": calibration.rms_calibration_published, "aurra": calibration.aurra}
    with np.load(path) as stored:
        cases = json.loads(str(stored["expected_json"]))
        for key, function in functions.items():
            gaps, ranges = [], []
            for number in (number for number, case in cases.items() if isinstance(case, dict)):
                right = stored[f"calib-{number}-correct"].astype(np.float64)
                value = function(stored[f"calib-{number}-confidence"], right)
                if cases[number]["tied"]:
                    low, high = cases[number]["tie_range"][key]
                    slack = 0.2 * (high - low)
                    assert low - slack <= value <= high + slack, (key, number, value)
                    ranges.append(low <= value <= high)
                else:
                    gaps.append(abs(value - cases[number][key]))
            note = f"{sum(ranges)} of {len(ranges)} with ties within the range of their orders"
            name = "rms_published" if key == "rms" else key
            yield Check(name, "authors' code", max(gaps), len(gaps), note=note)


def anomalies(path: Path) -> Iterator[Check]:
    """The ``_in`` ones are those of the authors with roles and order exchanged."""
    with np.load(path) as stored:
        cases = json.loads(str(stored["expected_json"]))
        for name in ("aupr", "auroc", "fpr95", "aupr_in", "fpr95_in"):
            plain, gaps = name.removesuffix("_in"), []
            for number in "012":
                pair = stored[f"ood-{number}-out_score"], stored[f"ood-{number}-in_score"]
                given = pair if plain == name else (-pair[1], -pair[0])
                gaps.append(abs(getattr(anomaly, name)(*given) - cases[number][plain]))
            note = "" if plain == name else "roles and order exchanged"
            yield Check(name, "authors' code", max(gaps), len(gaps), note=note)


def perturbations(path: Path) -> Iterator[Check]:
    """Noise and another perturbation at three difficulties, 10, 100 and 1000 classes."""
    with np.load(path) as stored:
        cases = json.loads(str(stored["expected_json"]))
        for name, key in (("flip_rate", "flip_prob"), ("top5_distance", "top5")):
            gaps = []
            for number, kind, level in product("012", ("noise", "nonoise"), (1, 2, 3)):
                perturbation = "gaussian_noise" if kind == "noise" else "translate"
                given = film(stored[f"p-{number}-logits"], perturbation, level)
                expected = cases[number][f"{kind}_d{level}"][key]
                gaps.append(abs(score(METRICS[name], given)[0] - expected))
            yield Check(name, "authors' scripts", max(gaps), len(gaps))


def entries(shared: Path) -> Iterator[Row]:
    """One row for each metric and aggregate."""
    official = [*goldens(shared / "goldens" / "metrics")]
    others, hand, formulas = [*free.peers()], [*free.by_hand()], [*free.formulas()]
    for row in rows():
        needs = f"{row.needs}; {row.conventions}" if row.conventions else row.needs
        yield (
            f"`{row.name}`",
            row.direction,
            str(row.version),
            needs,
            row.source,
            *(said(row.name, checks) for checks in (official, others, [*hand, *formulas])),
        )


def said(name: str, checks: Iterable[Check]) -> str:
    """The checks of one name."""
    mine = [check for check in checks if check.name == name]
    assert all(check.deviation <= check.tolerance for check in mine), mine
    return "; ".join(check.text for check in mine) or "-"


# --- self-tests


def self_tests(shared: Path) -> Iterator[Row]:
    """What is known to come out."""
    yield from alexnet()
    stored = json.loads((shared / "goldens" / "metrics" / "mce.json").read_text())
    means = [sum(ALEXNET[name]) / 5 for name in stored["corruptions"]]
    gap = max(abs(a - b) for a, b in zip(means, stored["alexnet_err"], strict=True))
    yield "AlexNet's 15 means, AugMix code", "6 digits each", f"largest deviation {short(gap)}", ""
    yield from networks(shared)
    lite = json.loads((shared / "specs" / "imagenet_c_lite.json").read_text())["check_resnet50"]
    cells = {(name, 3): error for name, error in lite["errors_severity_3"].items()}
    found = published.percent(AGGREGATES["predicted_mce"], cells)
    note = f"its mCE is {100 * lite['true_mce']:.2f}"
    yield "ResNet-50, predicted mCE", f"{100 * lite['predicted']:.2f}", f"{found:.2f}", note
    rates = zip(TEST_PERTURBATIONS, published.RESNET50_FLIPS, strict=True)
    mfr = published.percent(AGGREGATES["mfr"], {(name, 1): rate / 100 for name, rate in rates})
    note = "unverified: neither AlexNet's rates nor these are from the authors"
    yield "mFR of unconfirmed rates of ResNet-50", "58.0", f"{mfr:.2f}", note
    yield from lines(shared)


def alexnet() -> Iterator[Row]:
    """AlexNet must score 100."""
    for name in ("mce", "rel_mce"):
        one = AGGREGATES[name]
        for definition in (one, *(at_severity(one, level) for level in range(1, 6))):
            found = published.percent(definition, published.OWN, published.CLEAN)
            what = definition.name.replace("_severity_", ", severity ")
            yield f"AlexNet's own errors, {what}", "100", f"{found:.6f}", ""


def networks(shared: Path) -> Iterator[Row]:
    """Published errors of networks on ImageNet-C after Resize-256."""
    with (shared / "data" / "imagenet_testbed_top1s.csv").open(newline="") as file:
        table = {row["model"]: row for row in csv.DictReader(file)}
    for model, expected in (("resnet50", "78.2"), ("alexnet", "102.3")):
        values = published.errors_of(table[model], "on-disk")
        found = published.percent(AGGREGATES["mce"], values)
        yield f"{model} under Resize-256, mCE", expected, f"{found:.2f}", "75 cells of files"
    drawn = published.errors_of(table["resnet50"], "in-memory")
    files = published.errors_of(table["resnet50"], "on-disk")
    for source, cells, expected in (
        ("files", {key: files[key] for key in drawn}, "77.35"),
        ("made in memory", drawn, "73.3"),
    ):
        result = aggregate(AGGREGATES["mce"], cells)
        note = f"printed as {result.label}"
        found = 100 * (result.value or 0)
        yield f"resnet50, 14 corruptions, {source}", expected, f"{found:.2f}", note


def lines(shared: Path) -> Iterator[Row]:
    """Effective robustness: the lines through timm's results."""
    references = read_references(shared / "data" / "timm_results")
    for evalset, (r2, spread) in LINES.items():
        line = fit_line(references[evalset].clean, references[evalset].shifted)
        yield (
            f"line through timm's results, {evalset}",
            f"R² {r2:g}, residual {spread:.2f} points",
            f"R² {line.r2:.4f}, residual {100 * line.residual_sd:.2f} points",
            f"{line.n:,} networks, slope {line.slope:.3f}",
        )


# --- statistics


def statistics() -> Iterator[Row]:
    """Tests, intervals and their cost."""
    yield binomial()
    by_hand = mcnemar(*discordant(1, 5)).p
    yield "McNemar, 1 against 5", "by hand: twice (1 + 6) of 64 = 0.21875", f"{by_hand:.12g}"
    adjusted = holm([0.01, 0.04, 0.03, 0.005]).tolist()
    hand = "by hand: 0.03, 0.06, 0.06, 0.02"
    yield "Holm of 0.01, 0.04, 0.03, 0.005", hand, ", ".join(f"{p:.12g}" for p in adjusted)
    gaps = [abs(p_value(z, 1.0) / (2 * norm.sf(z)) - 1) for z in np.linspace(0.1, 30, 300)]
    yield "normal tail, 0.1 to 30 standard errors", "scipy", f"relative {short(max(gaps))} (300)"
    yield from coverage(2_000)
    yield from null_sizes(20_000)
    yield families(1_000)
    for models in (2, 6):
        start = time.perf_counter()
        paired.test_a_whole_cifar_c_comparison_takes_seconds(models)
        seconds = time.perf_counter() - start
        how = "75 cells of 10,000 images: 20 means with intervals, 75 exact tests, ties"
        yield (
            f"a whole CIFAR-C comparison, {models} models, all pairs",
            how,
            f"{seconds:.1f} s on {processor()}",
        )


def binomial() -> Row:
    """McNemar's p against scipy."""
    few = [(a, total - a) for total in range(1, 81) for a in range(total + 1)]
    cases = [*few, (900, 1_000), (0, 1_000), (4_700, 5_000)]
    gaps = [
        abs(mcnemar(*discordant(a, b)).p / float(binomtest(a, a + b).pvalue) - 1) for a, b in cases
    ]
    against = "scipy.stats.binomtest, all splits of 1 to 80, and 3 large"
    return "McNemar's p", against, f"relative {short(max(gaps))} ({len(cases):,})"


def coverage(sets: int) -> Iterator[Row]:
    """The 95 % interval on images whose cells go together."""
    truth = float(norm.cdf(0.1 / math.sqrt(1.5))) - 0.5
    found = np.array([paired_difference(*paired.clustered(seed)) for seed in range(sets)])
    difference, stderr, low, high = found.T
    held = float(((low <= truth) & (truth <= high)).mean())
    how = f"{sets:,} sets of 200 images x 15 cells, two correlated models, seeds 0 to {sets - 1:,}"
    yield "coverage of the 95 % interval", how, share(held, sets)
    spread = float(np.std(difference, ddof=1))
    a, b = paired.clustered(0)
    naive = math.sqrt((float(np.var(a)) + float(np.var(b))) / a.size)
    ratio = f"{stderr.mean() / spread:.3f}; cells counted as images: {naive / spread:.2f}"
    yield "stated error over the spread of the differences", "the same sets", ratio


def null_sizes(count: int) -> Iterator[Row]:
    """How often models that are equally good are told apart."""
    rng = np.random.default_rng(0)
    common = rng.random((count, 1, 300))
    for title, level in (("independent", np.full_like(common, 0.5)), ("like images hard", common)):
        right = rng.random((count, 2, 300)) < level
        p = np.array([mcnemar(a, b).p for a, b in right])
        sizes = ", ".join(f"{alpha:g}: {(p <= alpha).mean():.4f}" for alpha in (0.01, 0.05, 0.2))
        how = f"{count:,} pairs of equal models on 300 images, {title}, seed 0; rejected at"
        yield "size of McNemar's test", how, sizes


def families(sets: int) -> Row:
    """How often anything is told apart among six equal models."""
    rejected = 0
    for seed in range(sets):
        rng = np.random.default_rng(seed)
        hard = rng.normal(size=200)
        wrong = hard + rng.normal(size=(6, 15, 200)) > 0
        result = compare_all([losses_per_image(one) for one in wrong])
        rejected += bool((result.p_adjusted < 0.05).any())
    how = f"{sets:,} sets of 200 images x 15 cells, 15 pairs each, seeds 0 to {sets - 1:,}"
    return (
        "anything told apart among 6 equal models (Holm, 0.05)",
        how,
        share(rejected / sets, sets),
    )


def share(value: float, count: int) -> str:
    """In percent, with its standard error."""
    return f"{100 * value:.1f} % ± {100 * math.sqrt(value * (1 - value) / count):.1f}"


def processor() -> str:
    """Its name, and how many threads."""
    path = Path("/proc/cpuinfo")
    names = [line for line in path.read_text().splitlines() if "model name" in line]
    return f"one thread of an {names[0].partition(': ')[2]}" if names else platform.processor()


# --- the page

HEAD = f"""# Every metric and aggregate, checked

Written by `OMP_NUM_THREADS=1 python tests/robench/metrics/metric_table.py SHARED`.
Deviations are the largest, absolute, with the number of cases in brackets. Tolerances:
{free.DOUBLE:g}; {free.SINGLE:g} where torchmetrics sums in float32; a value among ties within the
range of 200 orders of the images, widened by a fifth. From scikit-learn come, where it has no such
metric, the bins of `calibration_curve` (`rms`, `rms_published`, `rms_debiased`), the curve of
`roc_curve`, read at the nearest recall (`fpr95`, `fpr95_in`), and the score of each class
(`brier`). A bare number in the last column is the value that was worked out.

## Metrics and aggregates
"""
EDGES = """
## At the edges

Through the public functions, `score` and `aggregate`, with warnings of NumPy taken as errors; 400
images in 10 classes, half of them right, where nothing else is said; values rounded at 12 digits.
Columns with the same outcomes are joined. Cells of aggregates hold 0.5 and the clean error is 0
unless said otherwise; mT5D is divided by constants of 2. A mean with its number of cells is
incomplete, and is not printed under its name.
"""


def page(shared: Path) -> Iterator[str]:
    """The lines of the file."""
    yield HEAD
    columns = ("name", "better", "version", "what it is", "source", "authors' code")
    yield from markdown((*columns, "other libraries", "by hand, or the formula"), entries(shared))
    yield EDGES
    titles = {"logits": "Labelled images", "pair": "Pairs of sets", "fooled": "Attacks"}
    tables = zip([*free.EDGES, "means"], free.edge_tables(), strict=True)
    for need, table in tables:
        title = {**titles, "sequences": "Perturbation sequences", "means": "Aggregates"}[need]
        yield f"**{title}**\n"
        yield from table
        yield ""
    yield "## Self-tests\n"
    yield from markdown(("what", "expected", "found", "note"), self_tests(shared))
    yield "\n## Statistics\n"
    yield from markdown(("what", "against, or on", "found"), statistics())


def markdown(columns: Row, body: Iterable[Row]) -> Iterator[str]:
    """A table."""
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    yield from (f"| {' | '.join(row)} |" for row in body)


if __name__ == "__main__":
    text = "\n".join(page(Path(sys.argv[1])))
    free.TABLE.parent.mkdir(exist_ok=True)
    free.TABLE.write_text(f"{text}\n")
