"""``imagenet-c-lite``: a prediction with its error, which never passes for mCE."""

import re
import shutil
from pathlib import Path

import pytest

from robench.config import EvalConfig
from robench.evaluate.run import evaluate_all
from robench.report.render import render
from robench.report.table import compare


def table(data_dir: Path, out: Path) -> str:
    """What is shown of a network that makes no error."""
    values = {"model": "imagenet_tree:reading", "suite": "imagenet-c-lite", "threads": 1}
    config = EvalConfig.model_validate(
        {**values, "data_dir": data_dir, "out": out, "device": "cpu"}
    )
    [folder] = evaluate_all([config])
    return render(compare([folder]), "markdown")


@pytest.fixture(scope="module")
def light(imagenet_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Severity 3 alone, without the clean pictures."""
    data_dir = tmp_path_factory.mktemp("light")
    for path in (imagenet_tree / "imagenet-c").iterdir():
        shutil.copytree(path / "3", data_dir / "imagenet-c" / path.name / "3")
    return data_dir


def test_the_table_shows_the_prediction_with_its_error(light: Path, tmp_path: Path) -> None:
    shown = table(light, tmp_path)

    header, _, row = shown.splitlines()[:3]
    assert "predicted mCE (severity 3)" in header
    assert not re.search(r"(?<!predicted )mCE", header)
    assert "5.9 ± 0.8" in row  # the intercept: it errs nowhere
    assert "predicted mCE is not mCE" in shown
    assert "of a prediction its error on other networks" in shown
    assert "files on disk, resize 256, centre crop 224" in shown
    assert "preprocess: resize 256 bilinear, centre crop 224" in shown


def test_with_a_corruption_missing_nothing_is_predicted(light: Path, tmp_path: Path) -> None:
    data_dir = shutil.copytree(light, tmp_path / "data")
    shutil.rmtree(data_dir / "imagenet-c" / "fog")

    shown = table(data_dir, tmp_path / "run")

    assert "14/15 cells" in shown
    assert "mCE" not in shown
