"""Training with methods that mix labels or ask the network, on real digits."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

import augmentations
from augmentations.base import Augmentation, Batch, ModelHandle
from robench import checkpoint, models
from robench.config import TrainConfig
from robench.errors import InputError
from robench.models.load import load_model
from robench.progress import Silent
from robench.train.loop import train
from robench.train.resolve import resolve
from robench.train.setup import Job, prepare

SETTINGS: Mapping[str, Any] = {"arch": "air32", "data": "digits", "threads": 1, "epochs": 2}
HERE = __name__


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


@dataclass(frozen=True)
class Kept(Augmentation):
    """Images as they are, but their clean loss joins the step."""

    keep: float = 1.0

    needs_model: ClassVar[bool] = True
    takes: ClassVar[torch.dtype] = torch.float32
    gives: ClassVar[torch.dtype] = torch.float32

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> None:
        """Nothing to decide."""

    def _apply_with_model(self, batch: Batch, plan: None, model: ModelHandle | None) -> Batch:
        """Ask for the gradient, and for nothing else."""
        assert model is not None
        model.input_gradient(batch.images, batch.targets, self.keep)
        return batch


class Flat(nn.Module):
    """One linear layer: neither dropout nor statistics of a batch."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.fc = nn.Linear(3 * 32 * 32, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, K)."""
        logits: Tensor = self.fc(x.flatten(1))
        return logits


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The method and the network of this file, under names."""
    named = {"kept": f"{HERE}:Kept"}
    monkeypatch.setattr(augmentations, "METHODS", {**named, **augmentations.METHODS})
    monkeypatch.setitem(models.ARCHS, "flat", f"{HERE}:Flat")


def config(
    tmp_path: Path,
    name: str = "run",
    recipe: Mapping[str, Any] | None = None,
    **changes: Any,  # noqa: ANN401
) -> TrainConfig:
    values = {**SETTINGS, "data_dir": tmp_path, "out": tmp_path / name, "subset": 128, **changes}
    return resolve(values, None, {"batch_size": 64, **(recipe or {})})


def job(settings: TrainConfig) -> Job:
    return prepare(settings, Silent())


@pytest.mark.parametrize(
    ("aug", "changes"),
    [
        ("mixup", {"loss": "bce_softmax"}),
        ("puzzlemix(clean_weight=0.2)", {}),
        ("manifold_mixup", {"arch": "wrn16_1"}),
        ("manifold_mixup", {"precision": "bf16"}),
        ("augmax(steps=2)", {"loss": "jsd"}),
        ("choice(manifold_mixup, puzzlemix)", {}),
        ("schedule(mixup:1, cutmix)", {}),
    ],
)
def test_a_killed_and_resumed_run_ends_with_the_same_bytes(
    tmp_path: Path, aug: str, changes: dict[str, Any]
) -> None:
    recipe = {"dropout": 0.3}
    whole = train(config(tmp_path, "whole", recipe, aug=aug, **changes))
    with pytest.raises(Stop):
        train(config(tmp_path, "killed", recipe, aug=aug, **changes), progress=StopAfter(3))
    resumed = train(config(tmp_path, "killed", recipe, aug=aug, **changes), resume=True)

    assert whole.read_bytes() == resumed.read_bytes()


def test_a_kept_loss_joins_the_step_that_follows(tmp_path: Path) -> None:
    plain = {"weight_decay": 0.0, "schedule": "linear", "warmup": 0.0}

    def weight(name: str, aug: str, lr: float) -> Tensor:
        recipe = {**plain, "lr": lr, "min_lr": lr / 8}
        path = train(config(tmp_path, name, recipe, aug=aug, arch="flat"))
        found: Tensor = checkpoint.load(path)["state_dict"]["fc.weight"]
        return found

    twice = weight("twice", "none", 2**-6)

    torch.testing.assert_close(weight("kept", "kept", 2**-7), twice)
    assert not torch.allclose(weight("once", "none", 2**-7), twice)


@pytest.mark.parametrize(
    "aug", ["kept", "puzzlemix", "puzzlemix(clean_weight=0.5)", "manifold_mixup", "augmax"]
)
def test_the_rehearsal_leaves_the_network_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aug: str
) -> None:
    settings = config(tmp_path, aug=aug, loss="jsd" if aug == "augmax" else "ce")
    model = job(settings).model
    monkeypatch.setattr("robench.train.setup.rehearse", lambda *_: None)
    fresh = job(settings).model.state_dict()

    assert all(torch.equal(value, fresh[key]) for key, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_a_network_with_dual_normalisations_is_trained_saved_and_loaded(tmp_path: Path) -> None:
    path = train(config(tmp_path, aug="augmax(steps=1)", loss="jsd", epochs=1))

    plain = checkpoint.load(path)
    assert plain["arch_args"] == {"norm": "dubin"}
    for route in ("main", "adversarial"):
        counts = [n for key, n in plain["state_dict"].items() if f"{route}.num_batches" in key]
        assert [int(n) for n in counts] == [2] * 6
    loaded = load_model(path)
    assert all(
        torch.equal(value, plain["state_dict"][key.removeprefix("model.")])
        for key, value in loaded.model.state_dict().items()
    )


def test_methods_without_routes_train_the_usual_network(tmp_path: Path) -> None:
    path = train(config(tmp_path, aug="augmax(steps=1, dubin=False)", loss="jsd", epochs=1))

    assert checkpoint.load(path)["arch_args"] == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"aug": "mixup", "loss": "jsd"}, "--loss jsd needs hard labels"),
        ({"aug": "manifold_mixup", "arch": "flat"}, "a Flat can be mixed"),
        ({"aug": "none > manifold_mixup", "compile": True}, "leave out --compile"),
        ({"aug": "augmax", "loss": "ce"}, "train it with --loss jsd"),
        ({"aug": "augmax", "loss": "jsd", "arch": "flat"}, "needs batch normalisation"),
        ({"aug": "augmax", "loss": "jsd", "subset": 65}, "The last batch would hold 1"),
        ({"aug": "mixup", "recipe": {"batch_size": 1}}, "The last batch would hold 1"),
        ({"aug": "kept(keep=-1.0)"}, "keep must not be negative"),
        ({"aug": "schedule(none:1, kept(keep=-1.0))"}, "keep must not be negative"),
    ],
)
def test_what_cannot_work_is_refused_before_the_first_step(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        train(config(tmp_path, **changes))

    assert not (tmp_path / "run").exists()


def test_a_schedule_that_never_comes_to_its_end_is_noted(tmp_path: Path) -> None:
    said: list[str] = []

    class Listening(Silent):
        def say(self, text: str) -> None:
            """Remember it."""
            said.append(text)

    aug = "schedule(none:2, mixup)"
    for epochs, noted in ((2, True), (3, False)):
        said.clear()
        train(config(tmp_path, str(epochs), aug=aug, epochs=epochs), progress=Listening())
        assert noted == any("does not come to its end" in line for line in said)


def test_mixing_inside_the_network_changes_what_is_learnt(tmp_path: Path) -> None:
    def weights(name: str, layers: str) -> Tensor:
        path = train(config(tmp_path, name, aug=f"manifold_mixup(layers={layers})", epochs=1))
        found: Tensor = checkpoint.load(path)["state_dict"]["fc.weight"]
        return found

    at_input, deep = weights("0", "(0,)"), weights("2", "(2,)")

    assert not torch.allclose(at_input, deep)
