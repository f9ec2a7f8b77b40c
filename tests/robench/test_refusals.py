"""What cannot work is one message and exit code 2, before anything is written."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from robench import checkpoint
from robench.cli import app
from robench.store import load_results

RUN = CliRunner()
TRAIN = ("train", "--aug", "none", "--arch", "air32", "--data", "digits", "--out", "run")


def invoke(*arguments: str | int | Path) -> tuple[int, str]:
    result = RUN.invoke(app, [str(item) for item in arguments])
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mixing-set", "empty", "--aug", "ipmix"], "--mixing-set empty"),
        (["--mixing-set", "damaged", "--aug", "ipmix"], "--mixing-set damaged"),
        (["--aug", "ipmix(preset='official_imagenet')", "--mixing-set", "good"], "preset"),
        (["--arch", "vit_tiny_patch16_224"], "cannot be trained on digits"),
        (["--subset", "129"], "last batch would hold 1 of 129"),
        (["--subset", "1", "--val", "0.6"], "leaves none to train on"),
        (["--set", "lr=[1"], "is not a value"),
        (["--set", "std=[0,1,1]"], "greater than 0"),
        (["--seed", "99999999999999999999"], "seed"),
        (["--recipe", "bad.yaml"], "bad.yaml"),
        (["--aug", "none(k={[]:1})"], "literals"),
        (["--device", "meta"], "expected auto, cpu or cuda"),
        (["--data", "gaussian"], "training set"),
    ],
)
def test_training(options: list[str], message: str) -> None:
    Path("empty").mkdir()
    Path("damaged").mkdir()
    Path("good").mkdir()
    Image.new("RGB", (40, 40), (10, 200, 30)).save("good/picture.png")
    Path("damaged/picture.png").write_bytes(b"no picture")
    Path("bad.yaml").write_bytes(b"\xff\xfe\x00lr: 1")

    code, output = invoke(*TRAIN, *options)

    assert code == 2, output
    assert message in output
    assert not Path("run").exists()


def test_a_checkpoint_of_unknown_origin_is_not_continued(digits_checkpoint: Path) -> None:
    Path("run").mkdir()
    Path("run/last.pt").write_bytes(digits_checkpoint.read_bytes())

    for options in ([], ["--resume"]):
        code, output = invoke(*TRAIN, *options)
        assert code == 2
        assert "unknown origin" in output


def test_all_checkpoints_are_checked_before_the_first_is_measured(digits_checkpoint: Path) -> None:
    Path("a").mkdir()
    Path("a/last.pt").write_bytes(digits_checkpoint.read_bytes())

    code, output = invoke("eval", "a/last.pt", "nowhere.pt", "--suite", "digits", "--limit", 100)

    assert code == 2
    assert "nowhere.pt" in output
    assert not Path("a/eval").exists()


def test_fresh_discards_nothing_when_the_data_are_bad(digits_checkpoint: Path) -> None:
    evaluate = ("eval", digits_checkpoint, "--limit", 100, "--out", "run")
    assert invoke(*evaluate, "--suite", "digits")[0] == 0
    before = load_results("run")

    code, _ = invoke(*evaluate, "--suite", "cifar10", "--fresh")

    assert code == 2
    assert load_results("run") == before


def test_outputs_without_their_checkpoint_are_not_taken_for_this_ones(
    digits_checkpoint: Path,
) -> None:
    evaluate = ("eval", digits_checkpoint, "--suite", "digits", "--limit", 100, "--out", "run")
    assert invoke(*evaluate)[0] == 0
    Path("run/eval/checkpoint.json").unlink()

    code, output = invoke(*evaluate)

    assert code == 2
    assert "--fresh" in output
    assert invoke(*evaluate, "--fresh")[0] == 0


def test_what_the_caller_says_of_a_foreign_network_is_part_of_its_identity(
    digits_checkpoint: Path,
) -> None:
    torch.save(checkpoint.load(digits_checkpoint)["state_dict"], "foreign.pt")
    foreign = ("eval", "foreign.pt", "--suite", "digits", "--limit", 100, "--classes", 10)

    assert invoke(*foreign, "--arch", "air32", "--out", "run")[0] == 0
    code, output = invoke(*foreign, "--arch", "air32(num_classes=10)", "--out", "run")

    assert code == 2, output


def test_a_network_of_other_data_is_measured_with_a_note(digits_checkpoint: Path) -> None:
    plain = checkpoint.load(digits_checkpoint)
    plain["meta"]["data"] = "cifar10"
    checkpoint.save(Path("other.pt"), plain)

    code, output = invoke("eval", "other.pt", "--suite", "digits", "--limit", 100)

    assert code == 0
    assert "was trained on cifar10, not digits" in output


def test_resuming_with_other_mixing_pictures_is_refused() -> None:
    Path("mix").mkdir()
    for number in range(3):
        Image.new("RGB", (40, 40), (number * 80, 10, 20)).save(f"mix/{number}.png")
    train = (
        *("train", "--aug", "ipmix", "--arch", "air32", "--data", "digits", "--out", "run"),
        *("--subset", 64, "--epochs", 1, "--mixing-set", "mix", "--set", "batch_size=32"),
    )
    assert invoke(*train)[0] == 0
    Image.new("RGB", (40, 40), (1, 2, 3)).save("mix/0.png")

    code, output = invoke(*train, "--resume")

    assert code == 2
    assert "mixing pictures" in output


def test_a_lost_log_is_written_again_on_resume() -> None:
    train = (*TRAIN, "--subset", 64, "--epochs", 1, "--set", "batch_size=32")
    assert invoke(*train)[0] == 0
    loss = json.loads(Path("run/log.jsonl").read_text())["loss"]
    for name in ("log.jsonl", "env.json"):
        Path("run", name).unlink()

    assert invoke(*train, "--resume")[0] == 0

    assert json.loads(Path("run/log.jsonl").read_text())["loss"] == loss
    assert Path("run/env.json").exists()
