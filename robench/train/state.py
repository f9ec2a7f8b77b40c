"""What a run leaves on disk after every epoch, and how a killed one goes on from there."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn

from robench import checkpoint
from robench.config import TrainConfig, read_yaml
from robench.datasets import find
from robench.errors import InputError
from robench.files import write_atomic, write_json
from robench.models import DUBIN, WITH_DROPOUT
from robench.passport import environment, fingerprint

UNNAMED = {
    "device",
    "threads",
    "compile",
    "tensorboard",
    "seed",
}  # not part of what makes runs seeds of one kind
FREE = {
    "device",
    "tensorboard",
}  # a run may move to another one; on a CPU with as many threads it keeps its bits


@dataclass
class Progressed:
    """How far a run is.

    Attributes:
        epoch: Completed epochs.
        history: One plain dict per completed epoch; the content of ``log.jsonl``.
    """

    epoch: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class About:
    """What a checkpoint says beyond its configuration.

    Attributes:
        class_names: Of the training data.
        mixing_set: source, n and sha256 of the mixing pictures, or None.
        arch_args: Arguments of the architecture.
    """

    class_names: tuple[str, ...]
    mixing_set: dict[str, Any] | None
    arch_args: dict[str, Any]


def check_folder(config: TrainConfig, *, resume: bool) -> None:
    """Check that the run's folder is free, or holds the same run.

    A run that was killed before its first epoch ended has nothing to lose and may begin anew.

    Raises:
        InputError: The folder holds a run and ``resume`` is off, or another run.
    """
    stored = config.out / "config.yaml"
    if not (config.out / "last.pt").exists():
        return
    if not stored.exists():
        raise InputError(f"{config.out} holds a last.pt of unknown origin. Choose another --out.")
    if not resume:
        raise InputError(
            f"{config.out} holds a run already. Continue it with --resume (in Python "
            "resume=True), or choose another --out."
        )
    before, now = read_yaml(stored), config.to_plain()
    unlike = sorted(k for k in now if k not in FREE and before.get(k) != now[k])
    if unlike:
        parts = ", ".join(f"{key}: {before.get(key)!r} there, {now[key]!r} asked" for key in unlike)
        raise InputError(f"{config.out} is another run ({parts}). Choose another --out.")


def describe(config: TrainConfig, *, anew: bool) -> None:
    """Write ``env.json`` and ``config.yaml``; those of a run that goes on stay as they are."""
    env, stored = config.out / "env.json", config.out / "config.yaml"
    if anew or not env.exists():
        write_json(env, environment())
    if anew or not stored.exists():
        write_atomic(stored, yaml.safe_dump(config.to_plain(), sort_keys=True).encode())


def write_log(config: TrainConfig, progressed: Progressed) -> None:
    """Write ``log.jsonl``, one line per completed epoch."""
    lines = "".join(json.dumps(line) + "\n" for line in progressed.history)
    write_atomic(config.out / "log.jsonl", lines.encode())


def save(
    config: TrainConfig,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    about: About,
    progressed: Progressed,
) -> None:
    """Write ``last.pt`` and ``log.jsonl``, each atomically."""
    plain = config.to_plain()
    recipe = config.recipe
    checkpoint.save(
        config.out / "last.pt",
        {
            "format": checkpoint.FORMAT,
            "arch": config.arch,
            "arch_args": about.arch_args,
            "num_classes": len(about.class_names),
            "class_names": list(about.class_names),
            "mean": list(recipe.mean),
            "std": list(recipe.std),
            "state_dict": dict(model.state_dict()),
            "optimizer": optimizer.state_dict(),
            "epoch": progressed.epoch,
            "history": [_untimed(line) for line in progressed.history],
            "config": plain,
            "threads": torch.get_num_threads(),
            "versions": environment()["libraries"],
            "meta": {
                "aug": config.aug,
                "recipe": recipe.name,
                "variant": fingerprint({k: v for k, v in plain.items() if k not in UNNAMED}),
                "data": find(config.data).name,
                "subset": config.subset,
                "seed": config.seed,
                "epochs": progressed.epoch,
                "loss": config.loss,
                "mixing_set": about.mixing_set,
            },
        },
    )
    write_log(config, progressed)


def restore(
    config: TrainConfig, model: nn.Module, optimizer: torch.optim.Optimizer, about: About
) -> Progressed:
    """Load ``last.pt`` into a fresh model and optimiser; nothing there means epoch 0.

    The number of threads is that of the run so far, unless the configuration names it.

    Raises:
        InputError: The file is damaged, of another format, or of other mixing pictures.
    """
    path = config.out / "last.pt"
    if not path.exists():
        return Progressed()
    plain = checkpoint.load(path)
    if plain.get("format") != checkpoint.FORMAT:
        raise InputError(f"{path} is not a checkpoint of robench train: its format is not known.")
    if plain["meta"]["mixing_set"] != about.mixing_set:
        raise InputError(
            f"The mixing pictures are not those that {config.out} began with: "
            f"{plain['meta']['mixing_set']} then, {about.mixing_set} now."
        )
    model.load_state_dict(plain["state_dict"])
    optimizer.load_state_dict(plain["optimizer"])
    if config.threads is None:
        torch.set_num_threads(int(plain["threads"]))
    return Progressed(int(plain["epoch"]), _timed(config.out / "log.jsonl", plain["history"]))


def _untimed(line: dict[str, Any]) -> dict[str, Any]:
    """Without the wall clock: equal runs must leave equal checkpoints, to the byte."""
    return {key: value for key, value in line.items() if key != "seconds"}


def _timed(log: Path, history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The history with the seconds that the log still has."""
    text = log.read_text() if log.exists() else ""
    known = {line["epoch"]: line for line in map(json.loads, text.splitlines())}
    return [known.get(line["epoch"], line) for line in history]


def arch_arguments(config: TrainConfig, routes: tuple[str, ...]) -> dict[str, Any]:
    """What the architecture takes from the recipe (dropout, for the wide ResNets) and the method.

    Args:
        config: The run.
        routes: Normalisations that the method's views name beside the main one.
    """
    dropout = {"drop_rate": config.recipe.dropout} if config.arch in WITH_DROPOUT else {}
    return {**dropout, "norm": DUBIN} if routes else dropout
