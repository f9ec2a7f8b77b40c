"""Sets of another distribution, edits and single anomaly sets in tables and pages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from robench.files import write_json
from robench.metrics import METRICS
from robench.passport import inputs_id, passport_id
from robench.report.comparison import Comparison
from robench.report.render import render
from robench.report.results import load_run
from robench.report.story import commands
from robench.report.table import compare
from robench.store import Store
from robench.types import Cell, Passport, Record

LISTING = "cd548dfb392b770a132afc4f81942a0fdebba8d9f986a743095f99ebf9a7d126"
NUMBERS: Mapping[tuple[Cell, str], tuple[float, int]] = {
    (Cell("imagenet"), "error"): (0.25, 1000),
    (Cell("imagenet-v2"), "error"): (0.375, 1000),
    (Cell("imagenet-v2"), "ece"): (0.04, 1000),
    (Cell("imagenet-e", "full"), "error"): (0.2, 1000),
    (Cell("imagenet-e", "background_20"), "error"): (0.4, 1000),
    (Cell("imagenet-o", against="imagenet"), "aupr"): (0.3, 1000),
    (Cell("imagenet-c", "fog", 3), "error"): (0.5, 100),
}


def passport(cell: Cell, metric: str, n: int) -> Passport:
    rule = "spread" if n == 100 else "all that are there"
    inputs: dict[str, Any] = {
        "set": cell.evalset,
        "corruption": cell.corruption or None,
        "source": {"kind": "files", "listing": LISTING},
        "subset": {"rule": rule, "n": n, "of": 50_000},
        "precision": "fp32",
    }
    return Passport(inputs, {"metric": metric}, {"device": "cpu"})


def store(folder: Path) -> Path:
    """A run that was measured on several suites."""
    numbers = []
    for (cell, metric), (value, n) in NUMBERS.items():
        carried = passport(cell, metric, n)
        version = METRICS[metric].version
        model = {"arch": "resnet50"}
        key = passport_id(carried)
        record = Record("ab", model, cell, metric, version, value, 0.01, n, 50_000, key, "2026")
        numbers.append((record, carried))
    with Store(folder / "eval") as written:
        written.append(numbers)
    names = {
        f"{name}.{inputs_id(passport(Cell(name), 'error', 1000))[:8]}": {"ece": floor}
        for name, floor in (("imagenet", 0.011), ("imagenet-v2", 0.022))
    }
    write_json(folder / "eval" / "curves.json", {"reliability": {}, "floor": names})
    suites = ["imagenet-v2", "imagenet-c", "folder:mine"]
    plain = {"sha256": "ab", "file": "resnet50.pth", "model": model, "suites": suites}
    write_json(folder / "eval" / "checkpoint.json", plain)
    return folder


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return compare([store(tmp_path_factory.mktemp("shifted"))])


def titles(comparison: Comparison, section: Any) -> list[str]:  # noqa: ANN401  a Section
    return [column.title for column in comparison.section(section)]


def test_shifted_sets_stand_in_the_table_under_their_own_names(comparison: Comparison) -> None:
    assert titles(comparison, "shift") == [
        "imagenet-v2 error",
        "imagenet-e error, mean of 2 edits",
    ]
    assert comparison.numbers[0, "error@imagenet-e"].value == pytest.approx(0.3)
    assert "imagenet-v2 error" in render(comparison, "markdown")
    assert titles(comparison, "edit") == [
        "imagenet-e full: error",
        "imagenet-e background 20: error",
    ]


def test_a_single_anomaly_set_is_no_mean_and_stands_there_once(comparison: Comparison) -> None:
    found = [column.title for column in comparison.columns if column.metric == "aupr"]

    assert found == ["imagenet-o: AUPR"]


def test_noise_floors_name_the_set_that_they_belong_to(comparison: Comparison) -> None:
    [line] = comparison.floors

    assert "imagenet: ECE 1.1 %; imagenet-v2: ECE 2.2 %" in line


def test_checksums_are_shortened_in_footnotes(comparison: Comparison) -> None:
    text = " ".join(comparison.footnotes.values())

    assert LISTING not in text
    assert f"{LISTING[:12]}..." in text


def test_the_command_of_each_suite_has_the_limit_of_its_own_sets(tmp_path: Path) -> None:
    lines = {line.split("--suite ")[1]: line for line in commands(load_run(store(tmp_path)))}

    home = f"--out runs/{tmp_path.name}"
    assert set(lines) == {
        f"imagenet-v2 {home}",
        f"imagenet-c --limit 100 {home}",
        f"folder:mine --limit 100 {home}",
    }


def test_networks_that_normalise_unlike_are_compared_on_anomalies(tmp_path: Path) -> None:
    folders = []
    for number, mean in enumerate((0.4, 0.5)):
        inputs = {"set": "imagenet", "network": {"mean": mean}}
        clean = Passport(inputs, {"metric": "error"}, {})
        against = {"set": "imagenet", "inputs_id": inputs_id(clean)}
        mine = {"set": "imagenet-o", "against": against, "network": {"mean": mean}}
        odd = Passport(mine, {"metric": "aupr", "inside": inputs_id(clean)}, {})
        cells = {Cell("imagenet"): clean, Cell("imagenet-o", against="imagenet"): odd}
        numbers = []
        for cell, carried in cells.items():
            metric = carried.conventions["metric"]
            key = passport_id(carried)
            record = Record("ab", {}, cell, metric, 1, 0.5, 0.01, 99, 99, key, "2026")
            numbers.append((record, carried))
        folders.append(tmp_path / str(number))
        with Store(folders[-1] / "eval") as written:
            written.append(numbers)

    comparison = compare(folders)

    assert comparison.warnings == ()
    assert "inputs id" not in " ".join(comparison.footnotes.values())
