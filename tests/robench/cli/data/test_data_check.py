"""`robench data check`: the card, its exit codes and its JSON."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from robench.cli import app
from robench.datasets.making import Request, make_set

RUN = CliRunner()


def check(*arguments: str | int | Path) -> tuple[int, str]:
    result = RUN.invoke(app, ["data", "check", *(str(item) for item in arguments)])
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two corruptions of twelve digits, as if from elsewhere."""
    only = ("gaussian_noise", "contrast")
    request = Request(
        name="digits-c", data_dir=tmp_path, out=tmp_path / "set", only=only, limit=12, seed=5
    )
    made = make_set(request, jobs=1).folder
    (made / "manifest.json").unlink()
    return made


def test_sound_files_give_a_card_and_exit_code_zero(folder: Path, tmp_path: Path) -> None:
    code, output = check(folder, "--data-dir", tmp_path, "--json", tmp_path / "card.json")

    assert code == 0, output
    assert "All 10 cells are as expected." in output
    assert "other draws: random numbers were never seeded" in output
    assert "equal: no random numbers" in output
    assert "jpeg library" not in output
    plain = json.loads((tmp_path / "card.json").read_text())
    assert plain["as_expected"] is True
    assert [row["severity"] for row in plain["rows"]] == [1, 2, 3, 4, 5] * 2
    assert plain["rows"][0]["differences"]["mean"] > 1
    assert plain["rows"][5]["differences"]["psnr"] is None


def test_a_cell_that_differs_gives_exit_code_one(folder: Path, tmp_path: Path) -> None:
    images = np.load(folder / "contrast.npy").reshape(5, 12, 32, 32, 3)
    np.save(folder / "contrast.npy", images[[0, 1, 2, 4, 3]].reshape(-1, 32, 32, 3))

    code, output = check(folder, "--data-dir", tmp_path, "--only", "contrast")

    assert code == 1
    assert "DIFFERS: matches severity 5: are the files in the wrong order?" in output
    assert "2 of 5 cells differ: contrast-4, contrast-5." in output
    assert "gaussian_noise" not in output


def test_bad_input_gives_exit_code_two(folder: Path, tmp_path: Path) -> None:
    for arguments, message in (
        ((tmp_path / "absent",), "There is no folder"),
        ((folder, "--limit", 0), "--limit must be at least 1"),
        ((folder, "--only", "contrats"), "Did you mean 'contrast'"),
        ((folder, "--from", "digit"), "Did you mean 'digits'"),
    ):
        code, output = check(*arguments, "--data-dir", tmp_path)
        assert code == 2, output
        assert message in output
        assert "Traceback" not in output


def test_sequences_and_all_checksums(tmp_path: Path) -> None:
    request = Request(
        name="digits-p", data_dir=tmp_path, out=tmp_path / "p", only=("brightness",), limit=2
    )
    folder = make_set(request, jobs=1).folder

    code, output = check(folder, "--data-dir", tmp_path, "--all")

    assert code == 0, output
    assert "Perturbation sequences cannot be compared" in output
    assert "SHA-256 verified of 2 of 2 files." in output
    assert output.endswith("No file is damaged.\n")
    assert "corruption " not in output
    (folder / "brightness.npy").unlink()
    code, output = check(folder, "--data-dir", tmp_path)
    assert code == 1
    assert output.endswith("1 files are damaged.\n")
