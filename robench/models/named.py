"""Networks of timm and torchvision by name, and what these libraries say of their pictures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from robench.errors import InputError
from robench.models import ARCHS, PREFIXES, create
from robench.types import Interpolation, Preprocess

DEFAULTS = 1000  # outputs of a network of timm or torchvision
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_KNOWN = ("bilinear", "bicubic")


@dataclass(frozen=True)
class Named:
    """What a library says of a network.

    Attributes:
        mean: Normalisation per channel; None where nothing is said.
        std: Likewise.
        source: Which library.
        preprocess: How pictures are scaled and cropped; None: as the set has it.
        notes: Lines that a user should read.
    """

    mean: Sequence[float] | None = None
    std: Sequence[float] | None = None
    source: str = ""
    preprocess: Preprocess | None = None
    notes: tuple[str, ...] = ()


def is_named(text: str) -> bool:
    """Whether a network is named by its library: ``timm:resnet50``, ``torchvision:alexnet``."""
    return text.startswith(PREFIXES)


def named(name: str, classes: int | None, arguments: Mapping[str, Any]) -> tuple[nn.Module, int]:
    """An untrained network; its weights depend on nothing but torch.

    Raises:
        UnknownNameError: No such network.
    """
    count = classes or DEFAULTS
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return create(name, count, **arguments), count


def of_file(name: str, network: nn.Module, path: Path | None) -> Named:
    """What is known of the pictures for a network.

    Args:
        name: As the user gave it.
        network: Made of it.
        path: File of its weights: torchvision's own are known by their names.

    Raises:
        InputError: timm wants pictures in a way that is not supported.
    """
    config = getattr(network, "pretrained_cfg", None)
    if name.partition(":")[2] in ARCHS or name in ARCHS:
        return Named()
    if isinstance(config, Mapping):
        return _timm(name, network, config, path)
    if is_torchvision(network):
        return _torchvision(name, path)
    return Named()


def is_torchvision(network: nn.Module) -> bool:
    """Whether it is one of torchvision's."""
    return type(network).__module__.startswith("torchvision.")


def _timm(name: str, network: nn.Module, config: Mapping[str, Any], path: Path | None) -> Named:
    """What timm says of pictures for this network.

    Of the size it was trained with, as ``timm.data.resolve_model_data_config`` has it, not of a
    larger ``test_input_size``.
    """
    import timm.data  # noqa: PLC0415  slow to import

    resolve: Any = timm.data.resolve_model_data_config  # type: ignore[attr-defined]
    data = resolve(network)
    (_, height, side), mode = data["input_size"], data.get("crop_mode") or "center"
    if height != side:
        raise InputError(f"timm evaluates this network on {height} x {side} pixels, not a square.")
    if mode not in ("center", "squash") or data["interpolation"] not in _KNOWN:
        raise InputError(
            f"timm evaluates this network with crop_mode {mode!r} and interpolation "
            f"{data['interpolation']!r}; supported are center and squash, bilinear and bicubic."
        )
    scaled = math.floor(side / data["crop_pct"])
    how = Preprocess(
        resize=(scaled, scaled) if mode == "squash" else scaled,
        crop=side,
        interpolation=cast("Interpolation", data["interpolation"]),
        fixed=bool(config.get("fixed_input_size")),
    )
    note = _untagged(name, config, how) if path is not None else ()
    return Named(data["mean"], data["std"], "timm", how, note)


def _untagged(name: str, config: Mapping[str, Any], how: Preprocess) -> tuple[str, ...]:
    """What to say of weights whose training is not named: timm's defaults are those of one."""
    arch, dot, _ = name.rpartition(":")[2].partition(".")
    if dot or not config.get("tag"):
        return ()
    return (
        f"Pictures are prepared as for timm's {arch}.{config['tag']} ({how.id}). Weights of "
        f"another training need its name, timm:{arch}.TAG.",
    )


def _torchvision(name: str, path: Path | None) -> Named:
    """What torchvision says of the weights, which are known by the name of their file."""
    import torchvision  # noqa: PLC0415  slow to import

    arch = name.partition(":")[2] or name
    plain = Named(IMAGENET_MEAN, IMAGENET_STD, "torchvision")
    if path is None:
        return plain
    entries = torchvision.models.get_model_weights(arch)
    entry = next((one for one in entries if one.url.rpartition("/")[2] == path.name), None)
    if entry is None:
        note = (
            f"{path.name} is not the name of any of torchvision's weights for {arch}: pictures are "
            "prepared as the set has it."
        )
        return Named(IMAGENET_MEAN, IMAGENET_STD, "torchvision", notes=(note,))
    way = entry.transforms()
    interpolation = way.interpolation.value
    if interpolation not in _KNOWN:
        raise InputError(f"{path.name}: torchvision scales with {interpolation}, not supported.")
    how = Preprocess(way.resize_size[0], way.crop_size[0], cast("Interpolation", interpolation))
    return Named(way.mean, way.std, "torchvision", how)
