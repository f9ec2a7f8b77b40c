"""`robench data make` on the command line."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from robench.cli import app

RUN = CliRunner()


def make(*arguments: str | int | Path) -> tuple[int, str]:
    result = RUN.invoke(app, ["data", "make", *(str(item) for item in arguments)])
    return result.exit_code, result.output


def test_the_verb_says_where_what_and_how_fast(tmp_path: Path) -> None:
    options = ("--data-dir", tmp_path, "--only", "contrast,pixelate", "--limit", 4, "--jobs", 1)

    code, output = make("digits-c", *options)

    assert code == 0, output
    lines = output.strip().splitlines()
    assert lines[0] == str(tmp_path / "digits-c")
    assert lines[1].startswith("3 files, 0.1 MB")
    assert lines[2].startswith("40 images made in")
    assert "images/s" in lines[2]
    code, output = make("digits-c", *options)
    assert code == 0
    assert "0 images made" in output


def test_options_for_pictures_reach_the_maker(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    Image.new("RGB", (48, 40), (200, 30, 90)).save(tmp_path / "mine/a.png")

    code, output = make(
        *("c", "--from", tmp_path / "mine", "--out", tmp_path / "set", "--data-dir", tmp_path),
        *("--family", "tiny", "--keep-size", "--format", "png", "--severities", "2,4"),
        *("--skip", "frost", "--seed", 5, "--jobs", 1),
    )

    assert code == 0, output
    plain = json.loads((tmp_path / "set/manifest.json").read_text())
    png = {"kind": "png", "compress_level": 3}
    assert (plain["family"], plain["seed"], plain["format"]) == ("tiny", 5, png)
    assert plain["benchmark_size"] is False
    assert len(plain["cells"]) == 36
    assert (tmp_path / "set/fog/4/a.png").is_file()


def test_the_help_breaks_lines_only_where_they_are_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    _, output = make("--help")

    intro = [line.strip() for line in output.partition("╭")[0].splitlines()]
    broken = [(one, two) for one, two in itertools.pairwise(intro) if one and two]
    assert broken
    assert all(len(f"{one} {two.split()[0]}") > 78 for one, two in broken)


def test_what_makes_sets_is_imported_without_what_draws_pixels() -> None:
    code = "import robench.datasets.making, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"cv2", "scipy", "torch", "sklearn", "rich"} & set(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cifar-c"], "Did you mean"),
        (["digits-c", "--only", "fgo", "--limit", "1"], "Did you mean 'fog'"),
        (["digits-c", "--limit", "1"], "robench data get frost"),
        (["digits-c", "--skip", "frost", "--jobs", "0"], "--jobs must be at least 1"),
        (["imagenet-c", "--skip", "frost"], "name it with --from"),
        (["imagenet-c", "--skip", "frost", "--from", "absent"], "No folder of pictures"),
        (["cifar10-c", "--skip", "frost"], "cifar-10-batches-py"),
        (["c", "--severities", "one"], "--severities expects numbers"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_two(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    code, output = make(*arguments, "--data-dir", tmp_path)

    assert code == 2
    assert message in output
    assert "Traceback" not in output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("awaited", ["manifest.json", "gaussian_noise.npy"])
def test_ctrl_c_exits_with_130_and_leaves_no_half_written_file(
    awaited: str, tmp_path: Path
) -> None:
    out = tmp_path / "digits-c"
    command = [
        *(sys.executable, "-m", "robench", "data", "make", "digits-c", "--skip", "frost"),
        *("--data-dir", str(tmp_path), "--jobs", "2"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    began = time.monotonic()
    while not (out / awaited).exists() and time.monotonic() - began < 60:
        time.sleep(0.02)
    time.sleep(0.2)  # processes are at work, or are just starting

    os.killpg(process.pid, signal.SIGINT)
    _, message = process.communicate(timeout=60)

    assert process.returncode == 130
    assert message.startswith("Interrupted. What was finished is saved")
    assert "Traceback" not in message
    assert not json.loads((out / "manifest.json").read_text())["complete"]
    assert {path.name for path in out.glob(".*")} <= {".lock"}
