"""Means over cells: how they are defined, their values and how complete they are."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from corruptions import GROUPS, PERTURBATION_GROUPS, load
from robench.metrics import METRICS
from robench.metrics.aggregates import (
    AGGREGATES,
    C_BAR,
    EXTRA_CORRUPTIONS,
    LITE,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
    aggregate,
    at_difficulty,
    at_severity,
    of_metric,
    remark_of,
)
from robench.metrics.alexnet import ALEXNET
from robench.metrics.constants import Constants

USERS = Constants(
    "mine", "top5_distance", dict.fromkeys(TEST_PERTURBATIONS, (2.0,)), None, "measured", True
)
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
    some = list(product(definition.corruptions, definition.levels))[:-2]
    constants = USERS if definition.constants == "user" else None

    result = aggregate(definition, dict.fromkeys(some, 0.5), clean=0.2, constants=constants)

    assert not result.complete
    assert result.label == f"{definition.cells - 2}/{definition.cells} cells"
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


def test_definitions_count_their_cells_and_say_where_they_come_from() -> None:
    cells = {name: one.cells for name, one in AGGREGATES.items()}

    assert all(one.name == name and one.paper for name, one in AGGREGATES.items())
    assert all(one.metric in METRICS for one in AGGREGATES.values())
    assert cells["mce"] == cells["rel_mce"] == cells["mean_ce"] == 75
    assert cells["mean_c_bar"] == 50
    assert cells["mean_noise"] == 15
    assert cells["mfr"] == cells["mt5d"] == cells["mean_flip_rate_published"] == 10


def test_the_published_mean_over_perturbations_scores_spatter_in_place_of_snow() -> None:
    ours, published = (
        set(AGGREGATES[name].corruptions) for name in ("mean_flip_rate", "mean_flip_rate_published")
    )
    assert (ours - published, published - ours) == ({"snow"}, {"spatter"})


def test_the_aggregate_of_one_severity_has_that_severity_alone() -> None:
    alone = at_severity(AGGREGATES["mce"], 3)

    assert (alone.severities, alone.cells, alone.constants) == ((3,), 15, "alexnet-c")
    assert alone.title == "mCE, relative to AlexNet, severity 3"
    assert at_severity(alone, 3) is alone
    with pytest.raises(ValueError, match="severities"):
        at_severity(AGGREGATES["predicted_mce"], 2)
    with pytest.raises(ValueError, match="no severity"):
        at_severity(AGGREGATES["mfr"], 1)


def test_a_plain_mean_exists_at_other_difficulties_and_a_normalised_one_does_not() -> None:
    harder = at_difficulty(AGGREGATES["mean_flip_rate"], 2)
    values = {(name, 2): 0.25 for name in TEST_PERTURBATIONS} | {("snow", 1): 1.0}

    assert aggregate(harder, values).value == 0.25
    assert at_difficulty(AGGREGATES["mfr"], 1) is AGGREGATES["mfr"]
    for name, level in (("mfr", 2), ("mean_ce", 1), ("mean_flip_rate", 4)):
        with pytest.raises(ValueError, match=f"{name} is not defined at difficulty {level}"):
            at_difficulty(AGGREGATES[name], level)


def test_the_mean_of_another_metric_is_plain_and_over_the_same_cells() -> None:
    mean = of_metric(AGGREGATES["mce"], "aurra", "mean AURRA", higher_is_better=True)

    assert (mean.name, mean.cells, mean.constants) == ("mean_aurra", 75, "")
    assert mean.higher_is_better


def test_every_mfr_says_that_its_constants_are_unverified_unless_others_were_given() -> None:
    assert "unverified" in remark_of(AGGREGATES["mfr"])
    assert "58.0" in remark_of(AGGREGATES["mfr"])
    assert "file of constants" in remark_of(AGGREGATES["mt5d"])
    assert remark_of(AGGREGATES["mt5d"], USERS) == ""
