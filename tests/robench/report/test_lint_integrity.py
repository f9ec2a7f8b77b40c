"""What cannot be right in a file of results is found."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lint_stores import edit, following, write

from robench.errors import InputError
from robench.metrics import METRICS
from robench.protocols import CATALOGUE
from robench.report.lint import integrity
from robench.report.lint.integrity import Finding
from robench.report.lint.judging import lint

PIXMIX = CATALOGUE["pixmix"]
Plain = dict[str, Any]
Change = Callable[[list[Plain], Plain], None]


def found(run: Path) -> list[Finding]:
    return list(lint(run).findings)


def small(folder: Path) -> Path:
    """Clean error, calibration, attack and an anomaly number."""
    return write(folder, following(PIXMIX, "cifar10", "gaussian"))


def line(**changes: object) -> Change:
    """Change the first record."""

    def change(lines: list[Plain], _: Plain) -> None:
        lines[0].update(changes)

    return change


def cell(**changes: object) -> Change:
    def change(lines: list[Plain], _: Plain) -> None:
        lines[0]["cell"].update(changes)

    return change


def lose(lines: list[Plain], content: Plain) -> None:
    del content["passports"][lines[0]["passport_id"]]


def alter(_: list[Plain], content: Plain) -> None:
    next(iter(content["inputs"].values()))["preprocess"] = "something else"


def alter_conventions(lines: list[Plain], content: Plain) -> None:
    content["passports"][lines[0]["passport_id"]]["conventions"]["ties"] = "none"


def double(lines: list[Plain], _: Plain) -> None:
    lines.append({**lines[0], "value": 0.5})


@pytest.mark.parametrize(
    ("change", "kind", "told"),
    [
        (lose, "no passport", "is not in passports.json"),
        (alter, "altered passport", "has the hashes"),
        (alter_conventions, "altered passport", "has the hashes"),
        (line(passport_id="0" * 16), "no passport", "0000000000000000"),
        (line(metric="rms"), "passport of another metric", "its passport error version 1"),
        (line(metric="erorr"), "unknown metric", "no metric of that name"),
        (line(version=9), "passport of another metric", "error version 9"),
        (line(value=25.0), "impossible value", "expected between 0 and 1 (fractions"),
        (line(value=-0.1), "impossible value", "-0.1"),
        (line(value=math.nan), "no value", "nan is not a finite number"),
        (line(value="0.2"), "no value", "'0.2'"),
        (line(value=None), "no value", "None"),
        (line(stderr=-0.1), "impossible standard error", "-0.1"),
        (line(stderr=math.inf), "impossible standard error", "inf"),
        (line(n=20_000), "impossible n", "n = 20000; the complete set has 10000"),
        (line(n=9_999), "n unlike the passport", "its passport says 10000 of 10000"),
        (line(checkpoint="cd" * 32), "several checkpoints", "2 checkpoints"),
        (cell(evalset="cifar100"), "passport of another cell", "set cifar100"),
        (cell(corruption="fog", severity=3), "passport of another cell", "corruption fog"),
        (double, "two values", "as 0.25 and 0.5"),
    ],
)
def test_what_was_tampered_with_is_found(
    change: Change, kind: str, told: str, tmp_path: Path
) -> None:
    run = small(tmp_path)
    assert found(run) == []
    edit(run, change)

    findings = {one.kind: one for one in found(run)}

    assert kind in findings
    assert told in findings[kind].text
    assert not lint(run).ok


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clean error is computed by version 2 today."""
    today = {**METRICS, "error": replace(METRICS["error"], version=2)}
    monkeypatch.setattr(integrity, "METRICS", today)


@pytest.mark.usefixtures("newer")
def test_an_old_version_of_a_metric_is_scored_again(tmp_path: Path) -> None:
    run = small(tmp_path)

    (finding,) = found(run)

    assert (finding.kind, finding.mend) == ("version", f"robench score {run}")
    assert "version 1 of error; today's is 2" in finding.text


@pytest.mark.usefixtures("newer")
def test_an_old_version_beside_the_new_one_is_no_problem(tmp_path: Path) -> None:
    old, new = (following(PIXMIX, "cifar10") for _ in range(2))
    new[0].version = 2

    assert found(write(tmp_path, [old[0], *new])) == []


def test_other_conventions_than_the_metric_has_are_found(tmp_path: Path) -> None:
    entries = following(PIXMIX, "cifar10")
    entries[1].conventions = {"bin_size": 15}

    (finding,) = found(write(tmp_path, entries))

    assert finding.kind == "other conventions"
    assert "bin_size 15, but rms_published version 1 has 100" in finding.text


def test_an_attack_cannot_mend_errors(tmp_path: Path) -> None:
    entries = following(PIXMIX, "cifar10")
    entries[-1].inputs["attack"]["stop"] = "first"
    entries[-1].value = 0.2

    (finding,) = found(write(tmp_path, entries))

    assert finding.kind == "attack below clean"
    assert "0.2 is below the clean error 0.25" in finding.text


@pytest.mark.parametrize("value", ["0.2", None, [0.2], 10**400])
def test_a_value_that_is_no_number_is_one_problem(value: object, tmp_path: Path) -> None:
    run = small(tmp_path)

    def change(lines: list[Plain], _: Plain) -> None:
        for one in lines:
            one["value"] = value

    edit(run, change)

    assert {one.kind for one in found(run)} == {"no value"}


def test_nan_is_not_there_twice(tmp_path: Path) -> None:
    run = small(tmp_path)
    edit(run, line(value=math.nan))

    assert [one.kind for one in found(run)] == ["no value"]


def test_an_attack_that_goes_all_the_way_may(tmp_path: Path) -> None:
    entries = following(PIXMIX, "cifar10")
    entries[-1].inputs["attack"] = {**entries[-1].inputs["attack"], "stop": "never"}
    entries[-1].value = 0.2

    assert found(write(tmp_path, entries)) == []


def test_cells_of_one_mean_that_were_measured_unlike_each_other(tmp_path: Path) -> None:
    entries = following(CATALOGUE["augmix"], "cifar10-c")
    entries[7].set_images(100, "first")

    (finding,) = found(write(tmp_path, entries))

    assert finding.kind == "unlike cells"
    assert "cifar10-c: its cells were not measured alike (subset" in finding.text


def test_two_whole_passes_are_no_mixture(tmp_path: Path) -> None:
    trial = following(CATALOGUE["augmix"], "cifar10-c")
    for entry in trial:
        entry.set_images(100, "first")

    assert found(write(tmp_path, trial + following(CATALOGUE["augmix"], "cifar10-c"))) == []


def test_problems_of_one_kind_are_counted_and_told_once(tmp_path: Path) -> None:
    run = write(tmp_path, following(CATALOGUE["augmix"], "cifar10-c"))

    def shift(lines: list[Plain], _: Plain) -> None:
        for one in lines[:30]:
            one["value"] = 30.0

    edit(run, shift)

    (finding,) = found(run)
    assert finding.entries == 30


def test_a_torn_last_line_is_a_remark_and_a_damaged_one_an_error(tmp_path: Path) -> None:
    run = small(tmp_path)
    results = run / "eval" / "results.jsonl"
    text = results.read_text()

    results.write_text(text + '{"schema": 1, "che')
    assert any("no end" in remark for remark in lint(run).remarks)

    results.write_text('{"schema": 1, "che\n' + text)
    with pytest.raises(InputError, match="line 1 is damaged"):
        lint(run)


@pytest.mark.parametrize("content", ["{", '{"passports": {"a": {}}}', "[]"])
def test_passports_that_cannot_be_read_are_an_error(content: str, tmp_path: Path) -> None:
    run = small(tmp_path)
    (run / "eval" / "passports.json").write_text(content)

    with pytest.raises(InputError, match=r"passports\.json is damaged"):
        lint(run)


def test_fields_of_other_types_are_an_error(tmp_path: Path) -> None:
    run = small(tmp_path)
    edit(run, line(n="many"))

    with pytest.raises(InputError, match="line 1 is damaged: expected whole numbers"):
        lint(run)
