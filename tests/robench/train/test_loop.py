"""Training on real digits: resumed runs, seeds, what is written, what is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from augmentations import mixing_sets
from augmentations.mixing_sets.packed import MixingSet
from robench import checkpoint
from robench.config import TrainConfig
from robench.errors import InputError, RunError, UnknownNameError
from robench.files import read_json
from robench.progress import Silent
from robench.train.loop import train
from robench.train.resolve import resolve

SETTINGS: Mapping[str, Any] = {"arch": "air32", "data": "digits", "subset": 160, "threads": 1}


class Stop(Exception):  # noqa: N818  what a Ctrl-C would be
    """Raised in the middle of an epoch."""


class StopAfter(Silent):
    """Reports to nobody, and kills the run after some steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count down."""
        self.left -= steps
        if self.left < 0:
            raise Stop


@pytest.fixture(autouse=True)
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small mixing set in memory, in place of the one that is made on first use."""
    numbers = torch.Generator().manual_seed(0)
    array = torch.randint(0, 256, (20, 36, 36, 3), generator=numbers, dtype=torch.uint8).numpy()

    def cached(*_: object, **__: object) -> MixingSet:
        return MixingSet.from_array(array)

    monkeypatch.setattr(mixing_sets, "cached", cached)


def config(tmp_path: Path, name: str = "run", **changes: Any) -> TrainConfig:  # noqa: ANN401
    values = {**SETTINGS, "data_dir": tmp_path, "out": tmp_path / name, "epochs": 3, **changes}
    return resolve(values, None, {"batch_size": 64})


def weights(path: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = checkpoint.load(path)["state_dict"]
    return found


@pytest.mark.parametrize(
    ("aug", "loss", "arch"),
    [("ipmix", "jsd", "air32"), ("ipmix", "ce", "air32"), ("none", "ce", "wrn16_1")],
)
def test_a_killed_and_resumed_run_ends_with_the_same_bits(
    tmp_path: Path, aug: str, loss: str, arch: str
) -> None:
    changes = {"aug": aug, "loss": loss, "arch": arch, "subset": 96}
    whole = train(config(tmp_path, "whole", **changes))
    with pytest.raises(Stop):
        train(config(tmp_path, "killed", **changes), progress=StopAfter(3))
    resumed = train(config(tmp_path, "killed", **changes), resume=True)

    expected, found = weights(whole), weights(resumed)
    assert list(expected) == list(found)
    assert all(torch.equal(expected[key], found[key]) for key in expected)
    assert whole.read_bytes() == resumed.read_bytes()
    log = (tmp_path / "killed" / "log.jsonl").read_text().splitlines()
    assert len(log) == 3


def test_another_seed_gives_another_network(tmp_path: Path) -> None:
    first = weights(train(config(tmp_path, "0", aug="none", epochs=1)))
    again = weights(train(config(tmp_path, "1", aug="none", epochs=1)))
    other = weights(train(config(tmp_path, "2", aug="none", epochs=1, seed=1)))

    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["fc.weight"], other["fc.weight"])


def test_training_leaves_everything_that_describes_the_run(tmp_path: Path) -> None:
    path = train(config(tmp_path, aug="none", val=0.25))

    plain = checkpoint.load(path)
    assert plain["epoch"] == 3
    assert plain["num_classes"] == 10
    assert plain["meta"]["aug"] == "none"
    stored = yaml.safe_load((path.parent / "config.yaml").read_text())
    assert stored["recipe"]["batch_size"] == 64
    assert "torch" in read_json(path.parent / "env.json")["libraries"]
    assert {line["epoch"] for line in plain["history"]} == {1, 2, 3}
    assert 0 <= plain["history"][-1]["val_error"] <= 1


def test_curves_go_to_tensorboard_and_a_resumed_run_goes_on_there(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    settings = config(tmp_path, aug="none", tensorboard=True)
    with pytest.raises(Stop):
        train(settings, progress=StopAfter(4))
    train(settings, resume=True)

    curves = accumulator.EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert [event.step for event in curves.Scalars("train/loss")] == [1, 2, 3]


def test_a_small_network_learns_digits(tmp_path: Path) -> None:
    plain = checkpoint.load(train(config(tmp_path, aug="none", subset=640, epochs=6)))

    assert plain["history"][-1]["train_error"] < plain["history"][0]["train_error"] / 2


def test_a_folder_that_holds_a_run_is_not_overwritten(tmp_path: Path) -> None:
    train(config(tmp_path, aug="none", epochs=1))

    with pytest.raises(InputError, match="--resume"):
        train(config(tmp_path, aug="none", epochs=1))
    with pytest.raises(InputError, match="seed: 0 there, 1 asked"):
        train(config(tmp_path, aug="none", epochs=1, seed=1), resume=True)


def test_a_diverging_run_ends_with_a_clear_error_and_no_checkpoint(tmp_path: Path) -> None:
    values = {**SETTINGS, "data_dir": tmp_path, "out": tmp_path / "run", "aug": "none"}
    mad = resolve(values, None, {"batch_size": 64, "lr": 1e30, "warmup": 0.0})

    with pytest.raises(RunError, match="loss became"):
        train(mad)

    assert not (tmp_path / "run" / "last.pt").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"aug": "ipmx"}, "Did you mean 'ipmix'"),
        ({"aug": "ipmix(k='many')"}, "ipmix"),
        ({"arch": "wrn40_5"}, "wrn40_4"),
        ({"data": "cifr10"}, "cifar10"),
        ({"data": "cifar10"}, "cifar-10-batches-py"),
        ({"subset": 10_000_000}, "--subset 10000000"),
        ({"mixing_set": "orbit-trap"}, "Did you mean 'orbit-traps'"),
        ({"device": "cuda:99"}, "--device cpu"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises((InputError, UnknownNameError), match=message):
        train(config(tmp_path, **changes))

    assert not (tmp_path / "run").exists()


def test_an_unknown_recipe_value_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="learning_rate"):
        resolve({**SETTINGS, "data_dir": tmp_path}, "cifar", {"learning_rate": 1})


def test_a_folder_of_class_folders_can_be_trained_on(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(8):
            pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{number}.png")
    changes: dict[str, Any] = {
        "data": f"folder:{tmp_path / 'pets'}",
        "subset": None,
        "aug": "none",
        "epochs": 1,
    }

    plain = checkpoint.load(train(config(tmp_path, **changes)))

    assert plain["class_names"] == ["cat", "dog"]
    assert plain["meta"]["data"] == "folder:pets"
    unnamed = resolve({**changes, "data_dir": tmp_path}, None, {})
    assert unnamed.out.name == "folder-pets-wrn40_4-none-ce-seed0"
