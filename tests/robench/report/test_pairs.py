"""Runs on the same images: paired tests, corrections, tie groups, and means with constants."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from stores import run, wrong

from robench.metrics.alexnet import ALEXNET
from robench.metrics.constants import CONSTANTS, read_constants
from robench.report.options import Options
from robench.report.render import render
from robench.report.table import compare
from robench.types import Cell

CLEAN = Cell("cifar10")


def test_a_single_cell_is_judged_by_mcnemars_exact_test(tmp_path: Path) -> None:
    a, b = wrong(1, 0.2), wrong(2, 0.3)
    runs = [
        run(tmp_path / "a", "none").add(CLEAN, "error", a).write(),
        run(tmp_path / "b", "ipmix").add(CLEAN, "error", b).write(),
    ]

    found = compare(runs).numbers[1, "error@cifar10"].difference

    only_a, only_b = int(((a == 1) & (b == 0)).sum()), int(((a == 0) & (b == 1)).sum())
    assert found is not None
    assert found.p == pytest.approx(binomtest(only_a, only_a + only_b).pvalue, rel=1e-9)
    assert found.value == pytest.approx(b.mean() - a.mean())


def test_three_runs_form_tie_groups_after_holms_correction(tmp_path: Path) -> None:
    base = wrong(1, 0.3, 2000)
    twin = base.copy()
    for kind in (0.0, 1.0):  # as many images better as worse
        twin[np.flatnonzero(base == kind)[:10]] = 1 - kind
    better = base * wrong(2, 0.5, 2000)
    runs = [
        run(tmp_path / name, name).add(CLEAN, "error", losses).write()
        for name, losses in (("none", base), ("cutout", twin), ("ipmix", better))
    ]

    comparison = compare(runs)
    ties = comparison.ties["error@cifar10"]

    assert [set(group) for group in ties.groups] == [{2}, {0, 1}]
    assert ties.ranks == {0: 2, 1: 2, 2: 1}
    assert comparison.best(comparison.columns[0]) == 2
    text = render(comparison, "markdown").replace("\\", "")
    assert "{ipmix air32}" in text
    assert "clean error" in text.split("{ipmix air32}")[1]


def test_flip_rates_are_paired_by_sequence(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cell = Cell("cifar10-p", "rotate", difficulty=1)
    first = rng.integers(0, 20, 300) / 30
    second = np.maximum(first - 1 / 30, 0)  # a little better on nearly every sequence
    runs = [
        run(tmp_path / name, name).add(cell, "flip_rate", losses).write()
        for name, losses in (("none", first), ("ipmix", second))
    ]

    comparison = compare(runs)
    gap = comparison.numbers[1, "mean_flip_rate@cifar10-p"].difference

    assert gap is not None
    assert gap.value == pytest.approx((second - first).mean())
    assert gap.high < 0
    assert gap.high - gap.low < (comparison.numbers[0, "mean_flip_rate@cifar10-p"].stderr or 0)


def test_unlike_images_have_neither_difference_nor_ties(tmp_path: Path) -> None:
    runs = [
        run(tmp_path / "a", "none").add(CLEAN, "error", wrong(1, 0.2, 200)).write(),
        run(tmp_path / "b", "ipmix").add(CLEAN, "error", wrong(2, 0.2, 100), whole=200).write(),
    ]

    comparison = compare(runs, Options(unlike=True))

    assert comparison.ties == {}
    assert comparison.numbers[1, "error@cifar10"].difference is None


def alexnet(folder: Path, images: int = 10_000) -> Path:
    """AlexNet's published errors on ImageNet-C and on the clean images."""
    store = run(folder, "alexnet", data="imagenet")
    for name, errors in ALEXNET.items():
        for severity, error in enumerate(errors, 1):
            store.add(Cell("imagenet-c", name, severity), "error", error, images)
    clean = CONSTANTS["alexnet-c"].clean
    assert clean is not None
    return store.add(Cell("imagenet"), "error", clean, images).write()


def test_alexnet_scores_100_in_every_relative_column(tmp_path: Path) -> None:
    comparison = compare([alexnet(tmp_path / "alexnet")])
    keys = ["mce@imagenet-c", "rel_mce@imagenet-c"]
    keys += [f"mce_severity_{level}@imagenet-c" for level in range(1, 6)]

    values = {key: comparison.numbers[0, key].value for key in keys}

    assert values == {key: pytest.approx(1.0, abs=1e-11) for key in keys}


def test_a_relative_mean_has_no_value_without_the_clean_error(tmp_path: Path) -> None:
    store = run(tmp_path / "run")
    for name in ALEXNET:
        for severity in range(1, 6):
            store.add(Cell("imagenet-c", name, severity), "error", wrong(severity, 0.5))

    keys = {column.key for column in compare([store.write()]).columns}

    assert "mce@imagenet-c" in keys
    assert "rel_mce@imagenet-c" not in keys


def test_the_error_of_a_relative_mean_takes_the_clean_images_into_account(tmp_path: Path) -> None:
    store, clean = run(tmp_path / "run"), wrong(0, 0.3)
    rows, weights = [], []
    for name, reference in ALEXNET.items():
        for severity in range(1, 6):
            rows.append(np.maximum(clean, wrong(severity + 10 * len(name), 0.3)))
            weights.append(1 / (15 * (sum(reference) - 5 * 0.4348)))
            store.add(Cell("imagenet-c", name, severity), "error", rows[-1])
    store.add(Cell("imagenet"), "error", clean)
    number = compare([store.write()]).numbers[0, "rel_mce@imagenet-c"]

    each = np.array(weights) @ np.stack(rows) - sum(weights) * clean

    assert number.value == pytest.approx(each.mean(), rel=1e-12)
    assert number.stderr == pytest.approx(each.std(ddof=1) / np.sqrt(400), rel=1e-9)


def perturbed(folder: Path, metric: str) -> Path:
    """The rates, or distances, of a network that is as stable as the constants."""
    store = run(folder, "alexnet", data="imagenet")
    for name, values in CONSTANTS["alexnet-p"].values.items():
        store.add(Cell("imagenet-p", name, difficulty=1), metric, values[0], 5000)
    return store.write()


def test_every_mfr_says_that_its_constants_are_unverified(tmp_path: Path) -> None:
    comparison = compare([perturbed(tmp_path / "alexnet", "flip_rate")])
    text = render(comparison, "rich")

    assert comparison.numbers[0, "mfr@imagenet-p"].value == pytest.approx(1.0)
    assert "unverified" in " ".join(text.split())
    assert "unverified" in comparison.definitions["mfr@imagenet-p"]


def test_mt5d_needs_constants_of_the_users(tmp_path: Path) -> None:
    folder = perturbed(tmp_path / "alexnet", "top5_distance")
    rates = CONSTANTS["alexnet-p"].values
    lines = [f"  {name}: {2 * values[0]}" for name, values in rates.items()]
    given = tmp_path / "mine.yaml"
    head = ["name: mine", "metric: top5_distance", "source: measured here", "values:"]
    given.write_text("\n".join([*head, *lines]) + "\n")
    own = read_constants(given)

    without = compare([folder])
    with_own = compare([folder], Options(constants={own.metric: own}))

    assert "mt5d@imagenet-p" not in {column.key for column in without.columns}
    assert with_own.numbers[0, "mt5d@imagenet-p"].value == pytest.approx(0.5)
    assert "mine" in next(c.title for c in with_own.columns if c.key == "mt5d@imagenet-p")


def test_a_mean_over_few_images_says_so_in_its_name(tmp_path: Path) -> None:
    store = run(tmp_path / "run")
    for name in ALEXNET:
        for severity in range(1, 6):
            cell = Cell("imagenet-c", name, severity)
            store.add(cell, "error", wrong(severity, 0.5, 20), whole=50_000)

    titles = {column.key: column.title for column in compare([store.write()]).columns}

    assert titles["mce@imagenet-c"] == "mCE, relative to AlexNet (20 of 50,000 images)"


def test_shift_sets_have_a_mean_whose_error_takes_them_as_independent(tmp_path: Path) -> None:
    store = run(tmp_path / "run", data="imagenet")
    for name in ("imagenet-r", "imagenet-a", "imagenet-sketch"):
        store.add(Cell(name), "error", wrong(len(name), 0.4, 100))
    comparison = compare([store.write()])

    column = next(c for c in comparison.columns if c.key.startswith("mean_shift@"))
    number = comparison.numbers[0, column.key]
    each = [comparison.numbers[0, f"error@{cell.evalset}"] for cell in column.cells]

    assert column.title == "error, mean of 3 shift sets"
    assert number.value == pytest.approx(np.mean([one.value for one in each]))
    squares = sum((one.stderr or 0) ** 2 for one in each)
    assert number.stderr == pytest.approx(squares**0.5 / 3)
