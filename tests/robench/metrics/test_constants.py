"""Constants from files of the user's."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from robench.errors import InputError
from robench.metrics.aggregates import AGGREGATES, aggregate
from robench.metrics.constants import read_constants
from robench.metrics.groups import TEST_PERTURBATIONS

GOOD: dict[str, Any] = {
    "name": "alexnet-measured",
    "metric": "top5_distance",
    "source": "our own AlexNet",
    "values": dict.fromkeys(TEST_PERTURBATIONS, 3),
}


def write(path: Path, plain: object) -> Path:
    path.write_text(json.dumps(plain) if path.suffix == ".json" else yaml.safe_dump(plain))
    return path


@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_file_makes_mt5d_computable(ending: str, tmp_path: Path) -> None:
    constants = read_constants(write(tmp_path / f"mine.{ending}", GOOD))

    values = {(name, 1): 1.5 for name in TEST_PERTURBATIONS}

    assert aggregate(AGGREGATES["mt5d"], values, constants=constants).value == 0.5
    assert not constants.verified
    assert "alexnet-measured" in constants.remark
    assert "our own AlexNet" in constants.remark


def test_a_file_of_flip_rates_takes_the_place_of_the_unverified_ones(tmp_path: Path) -> None:
    rates = {**GOOD, "metric": "flip_rate", "values": dict.fromkeys(TEST_PERTURBATIONS, 0.1)}
    constants = read_constants(write(tmp_path / "mine.yaml", rates))

    values = {(name, 1): 0.05 for name in TEST_PERTURBATIONS}

    assert aggregate(AGGREGATES["mfr"], values, constants=constants).value == pytest.approx(0.5)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name is missing"),
    ({"source": None}, "source is missing"),
    ({"metric": "error"}, "expected metric to be flip_rate or top5_distance, got 'error'"),
    ({"metric": ["flip_rate"]}, "expected metric to be .*, got .'flip_rate'."),
    ({"metric": {"flip_rate": 1}}, "expected metric to be"),
    ({"values": [1, 2]}, "expected values to be perturbation: number, got list"),
    ({"values": {"snow": 1}}, "missing: gaussian_noise, shot_noise"),
    ({"values": {**GOOD["values"], "hail": 1}}, "unknown hail; known: gaussian_noise"),
    ({"values": {**GOOD["values"], "snow": 0}}, "expected snow to be a number above 0.*got 0"),
    ({"values": {**GOOD["values"], "snow": float("nan")}}, "got nan"),
    ({"values": {**GOOD["values"], "snow": float("inf")}}, "got inf"),
    ({"values": {**GOOD["values"], "snow": 10**400}}, "expected snow to be a number above 0"),
    ({"values": {**GOOD["values"], "snow": True}}, "got True"),
    ({"values": {**GOOD["values"], "snow": "3"}}, "got '3'"),
    ({"metric": "flip_rate"}, "at most 1 .fractions, not percent., got 3"),
    ({"unit": "percent"}, "got unit too"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_is_wrong_in_a_file_is_named(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "mine.yaml", {**GOOD, **change})
    with pytest.raises(InputError, match=message) as caught:
        read_constants(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "just words", "\x00"])
def test_a_file_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(InputError, match="expected"):
        read_constants(tmp_path / "mine.yaml")
    with pytest.raises(InputError, match="expected YAML or JSON"):
        read_constants(tmp_path / "absent.json")
