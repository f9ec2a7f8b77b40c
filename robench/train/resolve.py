"""From what a command line gives to one complete configuration."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import augmentations
from augmentations import parsing
from augmentations.base import Augmentation
from augmentations.compose import parse
from augmentations.datasets import settings_for
from robench.config import TrainConfig, validated
from robench.datasets.own import PREFIX
from robench.errors import InputError
from robench.models import WITH_DROPOUT
from robench.recipes import default_for, load_recipe
from robench.registry import build, canonical, parse_call, with_plugins

DEFAULT_SET = "orbit-traps"
CONSISTENT = {"ipmix", "augmix", "augmax", "prime"}  # methods whose authors train with JSD


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
    aug = _spelled(given["aug"], given["data"])
    method = make_method(aug)
    loss = given.pop("loss", "auto")
    if loss == "auto":
        # Views that go through unlike normalisations have to be compared, whatever the recipe.
        loss = "jsd" if method.routes else plan.loss
    loss = _loss_of(aug) if loss == "auto" else loss
    given |= {"aug": aug, "recipe": plan, "loss": loss}
    given = {"epochs": plan.epochs, **given}
    if method.needs_partners:
        given.setdefault("mixing_set", DEFAULT_SET)
    elif unused := sorted({"mixing_set", "mixing_n"} & given.keys()):
        option = unused[0].replace("_", "-")
        raise InputError(
            f"--{option} {given[unused[0]]}: {aug} mixes no pictures in; leave it out."
        )
    given.setdefault("out", Path("runs") / _run_name(given))
    config: TrainConfig = validated(TrainConfig, given, "training")
    return config


def make_method(text: str) -> Augmentation:
    """The augmentation that ``--aug`` names, a method or a composition of several.

    Raises:
        InputError: A name, a value or a composition that does not fit.
    """
    catalogue = with_plugins(augmentations.METHODS, "robench.augmentations")
    try:
        return parse(text, lambda one: build(catalogue, one, "augmentation"))
    except ValueError as error:
        raise InputError(f"--aug {text!r}: {error}.") from error


def _spelled(text: str, data: str) -> str:
    """The one spelling of ``--aug``, with the switches that belong to the data set."""

    def method(one: str) -> str:
        name, arguments = parse_call(one)
        return canonical(name, _telling(name, settings_for(data, name, arguments)))

    try:
        return parsing.canonical(text, method)
    except ValueError as error:
        raise InputError(f"--aug {text!r}: {error}.") from error


def _telling(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without which the method would be another; numbers as the method has them."""
    kept = dict(arguments)
    for key, value in arguments.items():
        rest = {other: kept[other] for other in kept if other != key}
        made, without = (make_method(canonical(name, some)) for some in (kept, rest))
        if made == without:
            kept = rest
        elif isinstance(getattr(without, key, None), float) and type(value) is int:
            kept[key] = float(value)
    return kept


def _loss_of(aug: str) -> str:
    """What a method's authors minimise; a composition has no authors."""
    name = "" if parsing.is_composed(aug) else parse_call(aug)[0]
    return "jsd" if name in CONSISTENT else "ce"


def _run_name(given: Mapping[str, Any]) -> str:
    """Folder of a run whose ``--out`` was not given: data, architecture, method, loss, seed."""
    data = given["data"]
    short = f"folder-{Path(data).resolve().name}" if data.startswith(PREFIX) else data
    values = {"seed": 0, **given, "data": short}
    name = "{data}-{arch}-{aug}-{loss}-seed{seed}".format_map(values)
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
