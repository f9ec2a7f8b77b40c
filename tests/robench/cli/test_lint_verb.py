"""`robench lint` and `robench ls protocols` as they are typed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from robench.cli import app
from robench.protocols import CATALOGUE, PROTOCOLS

ROOT = Path(__file__).resolve().parent.parent.parent.parent
REPORTS = ROOT / "reports"
STORED = sorted(path.parent for path in REPORTS.glob("*/*/eval/results.jsonl"))


def call(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.output


def plain(*arguments: object) -> dict[str, Any]:
    _, output = call("lint", *arguments, "--format", "json")
    found: dict[str, Any] = json.loads(output)
    return found


@pytest.mark.parametrize("folder", STORED, ids=lambda path: "-".join(path.parts[-3:-1]))
def test_the_stored_reports_are_sound(folder: Path) -> None:
    (result,) = plain(folder)["results"]

    assert result["integrity"] == []
    assert result["ok"]


def test_the_stored_cifar10_run_compares_under_strict_and_not_with_papers() -> None:
    (result,) = plain(REPORTS / "cifar10-air32" / "ipmix-c")["results"]
    protocols = {one["name"]: one for one in result["protocols"]}

    assert protocols["strict"]["status"] == "matches"
    assert protocols["hendrycks2019"]["status"] == "not concerned"
    (reason,) = protocols["augmix"]["reasons"]
    assert (reason["entries"], reason["of"], reason["aspect"]) == (75, 75, "source")
    assert "regenerated" in reason["found"]


def test_the_stored_pictures_of_imagenet_match_nobody() -> None:
    (result,) = plain(REPORTS / "imagenet-samples" / "timm-resnet18")["results"]

    names = {one["name"]: one["status"] for one in result["protocols"]}
    assert all(names[name] == "does not match" for name in CATALOGUE)


def test_a_run_a_store_and_a_file_are_the_same() -> None:
    run = REPORTS / "cifar10-air32" / "none"

    texts = [call("lint", run / part) for part in ("", "eval", "eval/results.jsonl")]

    assert texts[0] == texts[1] == texts[2]
    assert texts[0][0] == 0


def test_text_fits_a_terminal_and_names_what_was_asked_for() -> None:
    code, output = call("lint", REPORTS / "cifar10-air32" / "ipmix-c", "--protocol", "augmix")

    assert code == 1
    assert max(map(len, output.splitlines())) <= 120
    assert output.rstrip().endswith("Violation: the protocol augmix: does not match.")


def test_several_files_give_the_worst_code() -> None:
    good, other = REPORTS / "cifar10-air32" / "none", REPORTS / "demo" / "none"

    assert call("lint", good, other)[0] == 0
    assert call("lint", good, other, "--protocol", "pixmix")[0] == 1
    assert len(plain(good, other)["results"]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere",), "is not a folder"),
        ((ROOT / "README.md",), "expected a run folder or its results.jsonl"),
        ((ROOT / "docs",), "holds no results"),
        ((REPORTS / "demo" / "none", "--protocol", "pixmx"), "Did you mean 'pixmix'"),
        ((REPORTS / "demo" / "none", "--format", "yaml"), "Unknown format 'yaml'"),
    ],
)
def test_what_cannot_be_read_is_one_message(arguments: tuple[object, ...], told: str) -> None:
    done = CliRunner().invoke(app, ["lint", *map(str, arguments)])

    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_results_without_passports_are_refused(tmp_path: Path) -> None:
    source = REPORTS / "demo" / "none" / "eval" / "results.jsonl"
    (tmp_path / "results.jsonl").write_bytes(source.read_bytes())

    code, output = call("lint", tmp_path)

    assert code == 2
    assert "passports.json is missing" in output


def test_protocols_are_listed_with_ids_and_choices() -> None:
    code, output = call("ls", "protocols")

    assert code == 0
    assert all(f"{name} " in output and one.id in output for name, one in PROTOCOLS.items())
    assert f"protocols: {' '.join(PROTOCOLS)}" in call("ls")[1]


def test_neither_needs_torch() -> None:
    code = (
        "import robench.report.lint.words, robench.protocols.overview, sys; "
        "print(sorted({'torch', 'timm', 'sklearn'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.strip() == "[]"
