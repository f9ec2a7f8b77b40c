"""The arithmetic of aggregates, against published values."""

import csv
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from robench.metrics.aggregates import AGGREGATES, TEST_CORRUPTIONS, at_severity
from robench.metrics.alexnet import ALEXNET
from robench.metrics.averaging import aggregate, cell_weights, weights_of
from robench.metrics.constants import CONSTANTS, Constants
from robench.metrics.groups import TEST_PERTURBATIONS
from robench.types import Aggregate

ALL = list(product(TEST_CORRUPTIONS, range(1, 6)))
OWN = {(name, s): ALEXNET[name][s - 1] for name, s in ALL}
CLEAN = 0.4348
RESNET50_FLIPS = (14.04, 17.38, 6.00, 4.29, 7.54, 3.03, 4.86, 6.79, 4.01, 11.32)  # unconfirmed
USERS = Constants(
    "mine", "top5_distance", dict.fromkeys(TEST_PERTURBATIONS, (2.0,)), None, "measured", True
)


def percent(
    definition: Aggregate, values: Mapping[tuple[str, int], float], clean: float | None = None
) -> float:
    value = aggregate(definition, values, clean).value
    assert value is not None
    return 100 * value


@pytest.mark.parametrize("name", ["mce", "rel_mce"])
def test_alexnet_scores_exactly_one_hundred(name: str) -> None:
    assert percent(AGGREGATES[name], OWN, CLEAN) == pytest.approx(100, abs=1e-9)
    for severity in range(1, 6):
        alone = at_severity(AGGREGATES[name], severity)
        assert percent(alone, OWN, CLEAN) == pytest.approx(100, abs=1e-9)


def test_relative_mce_by_hand() -> None:
    values = {("fog", 1): 0.5, ("fog", 2): 0.7, ("snow", 5): 0.6}
    fog = (0.5 + 0.7 - 2 * 0.2) / (0.67474 + 0.76050 - 2 * CLEAN)
    snow = (0.6 - 0.2) / (0.94952 - CLEAN)

    result = aggregate(AGGREGATES["rel_mce"], values, clean=0.2)

    assert result.value == pytest.approx((fog + snow) / 2, abs=1e-12)
    assert result.label == "3/75 cells"


def test_without_the_clean_error_there_is_no_relative_mce() -> None:
    result = aggregate(AGGREGATES["rel_mce"], OWN)

    assert (result.value, result.have, result.lacks) == (None, 75, "the clean error")
    assert not result.complete


def test_the_plausible_flip_rates_of_resnet50_give_the_published_mfr() -> None:
    rates = zip(TEST_PERTURBATIONS, RESNET50_FLIPS, strict=True)
    values = {(name, 1): rate / 100 for name, rate in rates}

    assert percent(AGGREGATES["mfr"], values) == pytest.approx(58.0, abs=0.05)
    assert percent(AGGREGATES["mean_flip_rate"], values) == pytest.approx(np.mean(RESNET50_FLIPS))


def test_mt5d_has_a_value_only_with_constants_of_the_users() -> None:
    values = dict.fromkeys(product(TEST_PERTURBATIONS, [1]), 1.5)

    without = aggregate(AGGREGATES["mt5d"], values)
    given = aggregate(AGGREGATES["mt5d"], values, constants=USERS)

    assert (without.value, without.lacks, without.complete) == (None, "constants", False)
    assert given.value == pytest.approx(0.75)
    assert given.complete


def test_constants_of_another_metric_or_without_a_cell_are_refused() -> None:
    bare = Constants("bare", "error", ALEXNET, None, "", verified=True)
    few = Constants("few", "top5_distance", {"snow": (1.0,)}, None, "", verified=True)
    with pytest.raises(ValueError, match="expected constants of flip_rate, got mine"):
        aggregate(AGGREGATES["mfr"], {("snow", 1): 0.1}, constants=USERS)
    with pytest.raises(ValueError, match="few to have tilt 1"):
        aggregate(AGGREGATES["mt5d"], {("tilt", 1): 0.1}, constants=few)
    with pytest.raises(ValueError, match="expected a clean error among bare"):
        aggregate(AGGREGATES["rel_mce"], OWN, clean=0.2, constants=bare)


@pytest.mark.parametrize("name", AGGREGATES)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_the_value_is_the_weighted_sum_of_the_cells(name: str, share: float) -> None:
    definition = AGGREGATES[name]
    rng = np.random.default_rng(3)
    everything = list(product(definition.corruptions, definition.levels))
    cells = everything[: max(1, round(share * len(everything)))]
    errors, constants = rng.random(len(cells)), USERS if name == "mt5d" else None

    values = dict(zip(cells, errors.tolist(), strict=True))
    value = aggregate(definition, values, 0.3, constants).value
    weights = weights_of(definition, cells, constants)

    assert weights is not None
    assert value == pytest.approx(
        weights.cells @ errors + weights.clean * 0.3 + weights.offset, abs=1e-12
    )
    plain = cell_weights(definition, cells, constants)
    assert plain is None or plain.tolist() == weights.cells.tolist()


def test_weights_of_a_plain_mean_are_equal_and_without_cells_there_are_none() -> None:
    weights = weights_of(AGGREGATES["mean_ce"], ALL[:4])

    assert weights is not None
    assert weights.cells.tolist() == [0.25] * 4
    assert cell_weights(AGGREGATES["mean_ce"], ALL[:4]) is None
    assert weights_of(AGGREGATES["mce"], []) is None
    assert weights_of(AGGREGATES["mt5d"], [("snow", 1)]) is None


@pytest.fixture(scope="session")
def published(shared: Path) -> dict[str, dict[str, str]]:
    with (shared / "data" / "imagenet_testbed_top1s.csv").open(newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file)}


def errors_of(row: Mapping[str, str], source: str) -> dict[tuple[str, int], float]:
    columns = {key: f"imagenet-c.{key[0]}.{key[1]}_{source}" for key in ALL}
    return {key: 1 - float(row[c]) / 100 for key, c in columns.items() if row.get(c)}


@pytest.mark.shared
@pytest.mark.parametrize(("model", "mce"), [("resnet50", 78.2), ("alexnet", 102.3)])
def test_published_errors_after_a_resize_give_their_mce(
    model: str, mce: float, published: dict[str, dict[str, str]]
) -> None:
    values = errors_of(published[model], "on-disk")
    assert len(values) == 75
    assert percent(AGGREGATES["mce"], values) == pytest.approx(mce, abs=0.05)


@pytest.mark.shared
def test_the_same_network_scores_four_points_less_on_corruptions_made_in_memory(
    published: dict[str, dict[str, str]],
) -> None:
    drawn = errors_of(published["resnet50"], "in-memory")
    files = {k: v for k, v in errors_of(published["resnet50"], "on-disk").items() if k in drawn}

    assert len(files) == 70  # 14 corruptions: nobody made glass blur in memory
    assert percent(AGGREGATES["mce"], files) == pytest.approx(77.35, abs=0.005)
    assert percent(AGGREGATES["mce"], drawn) == pytest.approx(73.3, abs=0.05)


def test_the_constants_of_mce_are_verified_and_those_of_mfr_are_not() -> None:
    assert CONSTANTS["alexnet-c"].verified
    assert CONSTANTS["alexnet-c"].clean == CLEAN
    assert not CONSTANTS["alexnet-p"].verified
    assert all(one.source for one in CONSTANTS.values())


def test_a_cell_that_is_no_number_is_named() -> None:
    values = OWN | {("fog", 3): float("nan")}

    for name in ("mean_ce", "mce"):
        with pytest.raises(ValueError, match=f"{name}: fog 3 is nan"):
            aggregate(AGGREGATES[name], values)
