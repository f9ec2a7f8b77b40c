"""Means over cells and the comparison of two models."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corruptions import GROUPS, PERTURBATION_GROUPS, load
from robench.metrics.aggregates import (
    AGGREGATES,
    C_BAR,
    EXTRA_CORRUPTIONS,
    LITE,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
    aggregate,
    cell_weights,
    clustered_stderr,
    paired_difference,
)
from robench.metrics.alexnet import ALEXNET

ALL = list(product(TEST_CORRUPTIONS, range(1, 6)))


def check_golden(path: Path) -> None:
    stored = json.loads(path.read_text())
    assert tuple(stored["corruptions"]) == TEST_CORRUPTIONS
    means = [sum(ALEXNET[name]) / 5 for name in stored["corruptions"]]
    np.testing.assert_allclose(means, stored["alexnet_err"], atol=1e-12)
    for case in stored["cases"]:
        values = {(c, s): case["error"][c][s - 1] for c, s in ALL}
        mce, mean = (aggregate(AGGREGATES[name], values).value for name in ("mce", "mean_ce"))
        assert mce == pytest.approx(case["mce"] / 100, abs=1e-11)
        assert mean == pytest.approx(case["mean_error"], abs=1e-11)


def test_the_numbers_of_the_augmix_code_come_out(golden: Path) -> None:
    check_golden(golden / "metrics" / "mce.json")


@pytest.mark.shared
def test_the_numbers_of_the_reference_material_come_out(shared: Path) -> None:
    check_golden(shared / "goldens" / "metrics" / "mce.json")


def test_alexnet_itself_scores_one() -> None:
    values = {(c, s): ALEXNET[c][s - 1] for c, s in ALL}
    half = {key: value for key, value in values.items() if key[1] > 2}

    assert aggregate(AGGREGATES["mce"], values).value == pytest.approx(1.0, abs=1e-12)
    assert aggregate(AGGREGATES["mce"], half).value == pytest.approx(1.0, abs=1e-12)


def test_validation_corruptions_never_enter_the_mean() -> None:
    values = dict.fromkeys(ALL, 0.2) | dict.fromkeys(product(EXTRA_CORRUPTIONS, range(1, 6)), 1.0)

    result = aggregate(AGGREGATES["mean_ce"], values)

    assert result.value == pytest.approx(0.2)
    assert result.complete
    assert not set(EXTRA_CORRUPTIONS) & set(TEST_CORRUPTIONS)


@pytest.mark.parametrize("name", AGGREGATES)
def test_an_incomplete_mean_says_how_much_is_there(name: str) -> None:
    definition = AGGREGATES[name]
    some = list(product(definition.corruptions, definition.severities))[:-10]

    result = aggregate(definition, dict.fromkeys(some, 0.5))

    assert not result.complete
    assert result.label == f"{definition.cells - 10}/{definition.cells} cells"
    assert result.value is not None


@pytest.mark.parametrize("name", AGGREGATES)
def test_without_cells_there_is_no_value(name: str) -> None:
    result = aggregate(AGGREGATES[name], {("speckle_noise", 1): 0.5})
    assert (result.value, result.label) == (None, f"0/{AGGREGATES[name].cells} cells")


def test_the_means_of_c_bar_are_over_the_corruptions_with_a_table() -> None:
    for family, names in C_BAR.items():
        published = {n for n in GROUPS["bar"] if family in load(n).severities}

        assert set(names) == published
        assert len(names) == 10
    assert set(TEST_PERTURBATIONS) == set(PERTURBATION_GROUPS["test"])


def test_the_error_of_a_mean_takes_images_as_the_units() -> None:
    row = (np.random.default_rng(5).random(200) < 0.3).astype(np.float64)
    single = np.sqrt(row.mean() * (1 - row.mean()) / 199)

    # 75 copies of one cell say no more than the one
    assert clustered_stderr(np.tile(row, (75, 1))) == pytest.approx(single, abs=1e-12)


def models(better: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two models over 6 cells of 400 images; the second is right more often."""
    rng = np.random.default_rng(6)
    hardness, cells = rng.random(400), rng.random((6, 400))
    level = 0.5 * hardness + 0.5 * cells
    return level < 0.5, level < 0.5 + better


def test_the_difference_is_that_of_the_errors_and_the_interval_holds_it() -> None:
    a, b = models(0.05)

    difference, stderr, low, high = paired_difference(a, b, seed=1)

    assert difference == pytest.approx(b.mean() - a.mean())
    assert 0.0 < low < difference < high
    exact = float(np.std(b.mean(axis=0) - a.mean(axis=0), ddof=1) / np.sqrt(400))
    assert stderr == pytest.approx(exact, rel=0.1)  # 2000 resamples know it to 1.6 %: 6 sigma
    assert high - low == pytest.approx(3.92 * exact, rel=0.15)


def test_exchanging_the_models_changes_the_sign_and_a_seed_repeats() -> None:
    a, b = models(0.05)
    forth, back = paired_difference(a, b, seed=3), paired_difference(b, a, seed=3)

    assert forth == paired_difference(a, b, seed=3)
    assert forth != paired_difference(a, b, seed=4)
    assert (forth[0], forth[1]) == pytest.approx((-back[0], back[1]))
    assert (forth[2], forth[3]) == pytest.approx((-back[3], -back[2]))


def test_equal_models_differ_by_nothing() -> None:
    a, _ = models(0.0)
    assert paired_difference(a, a) == (0.0, 0.0, 0.0, 0.0)


def test_unlike_shapes_and_single_images_are_refused() -> None:
    with pytest.raises(ValueError, match="the same cells and images"):
        paired_difference(np.ones((2, 5)), np.ones((2, 6)))
    with pytest.raises(ValueError, match="at least 2 images"):
        clustered_stderr(np.ones((2, 1)))


def test_a_prediction_of_mce_equals_the_fit_and_is_another_number_without_a_cell() -> None:
    errors = {name: 0.1 + 0.05 * place for place, name in enumerate(TEST_CORRUPTIONS)}
    definition = AGGREGATES["predicted_mce"]

    whole = aggregate(definition, {(name, 3): error for name, error in errors.items()})
    without = {(name, 3): error for name, error in errors.items() if name != "fog"}

    by_hand = LITE["intercept"] + sum(LITE["weights"][name] * e for name, e in errors.items())
    assert whole.value == pytest.approx(by_hand)
    assert aggregate(definition, without).value == pytest.approx(np.mean(list(without.values())))
    assert not aggregate(definition, {(name, 2): e for name, e in errors.items()}).complete


@pytest.mark.shared
def test_the_prediction_for_a_resnet50_is_that_of_the_fit(shared: Path) -> None:
    known = json.loads((shared / "specs" / "imagenet_c_lite.json").read_text())
    errors = known["check_resnet50"]["errors_severity_3"]

    found = aggregate(AGGREGATES["predicted_mce"], {(n, 3): e for n, e in errors.items()})

    assert found.value == pytest.approx(known["check_resnet50"]["predicted"], abs=1e-5)
    assert abs((found.value or 0) - known["check_resnet50"]["true_mce"]) < 0.008


@pytest.mark.shared
def test_the_fit_and_its_protocol_are_those_of_the_specification(shared: Path) -> None:
    known = json.loads((shared / "specs" / "imagenet_c_lite.json").read_text())

    assert LITE["intercept"] == known["intercept"]
    assert LITE["weights"] == known["weights"]
    assert list(LITE["weights"]) == list(TEST_CORRUPTIONS)
    assert LITE["fit"]["models"] == known["n_models"]
    for name in ("leave_one_out_rmse", "leave_one_out_worst"):
        assert LITE["fit"][name] == known[name]
    assert "Resize 256 + CenterCrop 224" in known["fit_on"]
    assert "resize 256, centre crop 224" in LITE["fit"]["on"]
    assert "no ViT, no CLIP" in known["fit_on"]
    assert "no ViT, no CLIP" in LITE["fit"]["on"]


def test_a_prediction_carries_the_error_that_was_found_on_other_networks() -> None:
    definition = AGGREGATES["predicted_mce"]

    assert definition.error == 0.008
    assert definition.severities == (3,)
    assert definition.cells == 15
    assert "predicted mCE is not mCE" in definition.remark
    assert "0.8 points" in definition.remark
    assert all(one.error is None for one in AGGREGATES.values() if one is not definition)


@pytest.mark.parametrize("name", ["mce", "predicted_mce", "mean_ce"])
def test_the_standard_error_of_a_weighted_mean_takes_images_as_clusters(name: str) -> None:
    # 300 fresh draws of 400 images: their spread is known to 4 %, hence 0.8 to 1.25 (seeds fixed)
    definition = AGGREGATES[name]
    cells = list(product(definition.corruptions, definition.severities))
    weights = cell_weights(definition, cells)

    def draw(seed: int) -> NDArray[np.float64]:
        rng = np.random.default_rng(seed)
        hard = rng.random(400)
        return (rng.random((len(cells), 400)) > hard).astype(np.float64)

    def value(correct: NDArray[np.float64]) -> float:
        errors = dict(zip(cells, (1 - correct).mean(1).tolist(), strict=True))
        return aggregate(definition, errors).value or 0.0

    spread = np.std([value(draw(seed)) for seed in range(300)], ddof=1)

    assert 0.8 < clustered_stderr(draw(0), weights) / spread < 1.25
