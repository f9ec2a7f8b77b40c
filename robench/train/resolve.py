"""From what a command line gives to one complete configuration."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import augmentations
from augmentations.base import Augmentation
from robench.config import TrainConfig, validated
from robench.datasets.own import PREFIX
from robench.models import WITH_DROPOUT
from robench.recipes import default_for, load_recipe
from robench.registry import build, canonical, parse_call, with_plugins

DEFAULT_SET = "orbit-traps"
PICTURES = 1000  # of a named mixing set
CONSISTENT = {"ipmix", "augmix"}  # methods whose authors train with JSD


def resolve(
    values: Mapping[str, Any], recipe: str | None, changes: Mapping[str, Any]
) -> TrainConfig:
    """Make a complete configuration from what a command line gives.

    Args:
        values: Fields of `TrainConfig` as given; None means not given.
        recipe: Name or file, None for the architecture's own.
        changes: Values of the recipe to replace.

    Raises:
        InputError: A name or a value that does not fit.
    """
    defaults = {key: TrainConfig.model_fields[key].default for key in ("aug", "arch", "data")}
    given = defaults | {key: value for key, value in values.items() if value is not None}
    plan = load_recipe(recipe or default_for(given["arch"]), changes)
    if given["arch"] not in WITH_DROPOUT:
        plan = plan.model_copy(update={"dropout": 0.0})
    name, arguments = parse_call(given["aug"])
    loss = given.pop("loss", "auto")
    loss = plan.loss if loss == "auto" else loss
    loss = ("jsd" if name in CONSISTENT else "ce") if loss == "auto" else loss
    given |= {"aug": canonical(name, arguments), "recipe": plan, "loss": loss}
    given = {"epochs": plan.epochs, **given}
    if make_method(given["aug"]).needs_partners:
        given.setdefault("mixing_set", DEFAULT_SET)
        if not Path(given["mixing_set"]).is_dir():
            given.setdefault("mixing_n", PICTURES)
    given.setdefault("out", Path("runs") / _run_name(given))
    config: TrainConfig = validated(TrainConfig, given, "training")
    return config


def make_method(text: str) -> Augmentation:
    """The augmentation that ``--aug`` names."""
    catalogue = with_plugins(augmentations.METHODS, "robench.augmentations")
    method: Augmentation = build(catalogue, text, "augmentation")
    return method


def _run_name(given: Mapping[str, Any]) -> str:
    """Folder of a run whose ``--out`` was not given: data, architecture, method, loss, seed."""
    data = given["data"]
    short = f"folder-{Path(data).resolve().name}" if data.startswith(PREFIX) else data
    values = {"seed": 0, **given, "data": short}
    name = "{data}-{arch}-{aug}-{loss}-seed{seed}".format_map(values)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
