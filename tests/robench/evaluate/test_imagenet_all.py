"""The whole of ``imagenet-all`` on a small tree of the right layouts.

One network reads the class off each picture: where it errs, labels, class masks, folder names or
preprocessing are wrong. Another is a small convolution, for numbers that are neither 0 nor 1.
"""

import shutil
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from robench.cli import app
from robench.config import EvalConfig
from robench.datasets import DATASETS
from robench.errors import InputError
from robench.evaluate.run import evaluate_all
from robench.metrics.aggregates import C_BAR, TEST_CORRUPTIONS, TEST_PERTURBATIONS
from robench.report.render import render
from robench.report.table import compare
from robench.store import Store
from robench.suites import SHIFTED_IMAGENET, SUITES
from robench.types import Cell


def config(data_dir: Path, out: Path, **changes: object) -> EvalConfig:
    values = {"model": "imagenet_tree:reading", "suite": "imagenet-all", "threads": 1, **changes}
    return EvalConfig.model_validate({**values, "data_dir": data_dir, "out": out, "device": "cpu"})


def convolution() -> torch.nn.Module:
    """A network that knows nothing."""
    torch.manual_seed(0)
    layers = (torch.nn.Conv2d(3, 4, 16, 16), torch.nn.Flatten(), torch.nn.Linear(784, 1000))
    return torch.nn.Sequential(*layers)


@pytest.fixture(scope="module")
def measured(imagenet_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    out = tmp_path_factory.mktemp("all")
    names = {"reading": "imagenet_tree:reading", "blind": "test_imagenet_all:convolution"}
    configs = [config(imagenet_tree, out / name, model=model) for name, model in names.items()]
    reading, blind = evaluate_all(configs)
    return reading, blind


def errors(folder: Path) -> dict[Cell, float]:
    return {r.cell: r.value for r in Store(folder).records() if r.metric == "error"}


def test_every_set_is_measured(measured: tuple[Path, Path]) -> None:
    for folder in measured:
        cells = {record.cell for record in Store(folder).records()}

        assert {cell.evalset for cell in cells} == {
            *("imagenet", "imagenet-c", "imagenet-c-bar", "imagenet-p", "imagenet-o"),
            *SHIFTED_IMAGENET,
        }
        assert {c.corruption for c in cells if c.evalset == "imagenet-c"} == set(TEST_CORRUPTIONS)
        assert {c.corruption for c in cells if c.evalset == "imagenet-c-bar"} == set(
            C_BAR["imagenet"]
        )
        assert {c.corruption for c in cells if c.evalset == "imagenet-p"} == set(TEST_PERTURBATIONS)
        assert len([c for c in cells if c.severity]) == 75 + 50


def test_a_network_that_reads_the_class_makes_no_error_anywhere(
    measured: tuple[Path, Path],
) -> None:
    found = errors(measured[0])

    assert {cell: value for cell, value in found.items() if value > 0} == {}
    rates = {r.value for r in Store(measured[0]).records() if r.metric == "flip_rate"}
    assert rates == {0.0}


def test_a_network_that_knows_nothing_errs(measured: tuple[Path, Path]) -> None:
    found = errors(measured[1])

    assert found.keys() == errors(measured[0]).keys()
    assert min(found[Cell(name)] for name in ("imagenet", "imagenet-r", "imagenet-v2")) > 0.5


def test_passports_name_the_mask_the_files_and_the_preprocessing(
    measured: tuple[Path, Path],
) -> None:
    store = Store(measured[0])
    passports = store.passports()
    inputs = {r.cell: passports[r.passport_id]["inputs"] for r in store.records()}

    for name, classes in (("imagenet-r", 200), ("imagenet-a", 200), ("objectnet", 113)):
        assert inputs[Cell(name)]["mask"] == name
        assert DATASETS[name].classes == classes
    assert inputs[Cell("imagenet-o", against="imagenet")]["against"]["mask"] == "imagenet-o"
    assert inputs[Cell("imagenet")]["preprocess"] == "resize 256 bilinear, centre crop 224"
    assert inputs[Cell("imagenet-c", "fog", 2)]["preprocess"] == "centre crop 224"
    assert inputs[Cell("objectnet")]["preprocess"].startswith("crop 2 px border, ")
    assert inputs[Cell("imagenet-c", "fog", 2)]["source"]["kind"] == "files"
    assert inputs[Cell("imagenet-p", "tilt", difficulty=1)]["source"]["coding"] == "png"
    assert inputs[Cell("imagenet-p", "snow", difficulty=1)]["source"]["coding"] == "video"


def test_large_corrupted_sets_keep_summaries_and_others_all_logits(
    measured: tuple[Path, Path],
) -> None:
    store = Store(measured[1])

    [fog] = store.stored_paths(Cell("imagenet-c", "fog", 2))
    [clean] = store.stored_paths(Cell("imagenet"))
    kept, whole = store.read_outputs(fog)[2], store.read_outputs(clean)[2]

    assert kept.logits is None
    assert kept.top_logits is not None
    assert kept.top_logits.shape == (8, 20)
    assert whole.logits is not None
    assert whole.logits.shape == (8, 1000)


@pytest.mark.parametrize("style", ["rich", "markdown", "latex", "csv", "json"])
def test_every_table_can_be_shown(measured: tuple[Path, Path], style: str) -> None:
    text = render(compare(measured), style)

    for word in ("imagenet-r", "objectnet", "imagenet-v2"):
        assert word in text.replace("\\", "")


def test_what_is_absent_is_listed_and_the_rest_is_measured(
    imagenet_tree: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    for name in ("imagenet", "imagenet-a"):
        shutil.copytree(imagenet_tree / name, data_dir / name)
    lines: list[str] = []

    class Said:
        def say(self, text: str) -> None:
            lines.append(text)

        def start(self, what: str, total: int) -> None: ...

        def advance(self, steps: int = 1, note: str = "") -> None: ...

    [folder] = evaluate_all([config(data_dir, tmp_path / "run", limit=1)], Said())

    text = "\n".join(lines)
    assert "robench data get imagenet-r" in text
    assert "imagenet-c: drawn from imagenet here" in text
    cells = {record.cell.evalset for record in Store(folder).records()}
    assert cells == {"imagenet", "imagenet-a", "imagenet-c", "imagenet-c-bar", "imagenet-p"}


def test_a_set_alone_needs_its_own_files_only(imagenet_tree: Path, tmp_path: Path) -> None:
    shutil.copytree(imagenet_tree / "objectnet-1.0", tmp_path / "data" / "objectnet-1.0")

    [folder] = evaluate_all([config(tmp_path / "data", tmp_path / "a", suite="objectnet")])

    assert set(errors(folder)) == {Cell("objectnet")}
    with pytest.raises(InputError, match="robench data get imagenet-r"):
        evaluate_all([config(tmp_path / "data", tmp_path / "b", suite="imagenet-r")])


def test_the_light_version_of_imagenet_c_measures_severity_three_alone(
    imagenet_tree: Path, tmp_path: Path
) -> None:
    [folder] = evaluate_all([config(imagenet_tree, tmp_path, suite="imagenet-c-lite")])

    cells = {cell for cell in errors(folder) if cell.severity}
    assert {(cell.evalset, cell.severity) for cell in cells} == {("imagenet-c-lite", 3)}
    assert len(cells) == 15
    assert "predicted mCE" in render(compare([folder]), "markdown")


def test_folders_of_the_users_suit_closed_and_open_networks(
    imagenet_tree: Path, tmp_path: Path
) -> None:
    suite = f"folder:{imagenet_tree / 'imagenet' / 'val'}"

    [folder] = evaluate_all([config(imagenet_tree, tmp_path, suite=suite)])

    assert errors(folder) == {Cell("folder:val"): 0.0}


def test_the_command_line_prints_the_comparison(imagenet_tree: Path, tmp_path: Path) -> None:
    arguments = ["eval", "--model", "imagenet_tree:reading", "--suite", "imagenet-v2"]
    arguments += ["--data-dir", str(imagenet_tree), "--out", str(tmp_path), "--device", "cpu"]

    done = CliRunner().invoke(app, arguments)

    assert done.exit_code == 0, done.output
    assert "imagenet-v2" in done.output


def test_every_set_has_a_suite_of_its_own() -> None:
    for name, entry in DATASETS.items():
        assert entry.role == "ood" or name in SUITES
