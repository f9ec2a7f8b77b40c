"""Networks by name: ours, those of plug-ins, and all of timm's. Importing this needs no torch."""

import difflib
from typing import TYPE_CHECKING, Any

from robench import registry
from robench.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from torch import nn

_ZOO = "robench.models.zoo"

ARCHS: dict[str, str] = {
    "air32": f"{_ZOO}:air32",
    "allconv": f"{_ZOO}:allconv",
    "densenet_cifar": f"{_ZOO}:densenet_cifar",
    "resnet18_cifar": f"{_ZOO}:resnet18_cifar",
    "resnext29": f"{_ZOO}:resnext29",
    "wrn16_1": f"{_ZOO}:wrn16_1",
    "wrn28_10": f"{_ZOO}:wrn28_10",
    "wrn40_1": f"{_ZOO}:wrn40_1",
    "wrn40_2": f"{_ZOO}:wrn40_2",
    "wrn40_4": f"{_ZOO}:wrn40_4",
}
PREFIXES = ("timm:", "torchvision:")
"""Of names that mean the network of one library."""
WITH_DROPOUT = frozenset(name for name in ARCHS if name.startswith("wrn"))
"""Networks whose blocks take ``drop_rate``; for others a recipe's dropout does not apply."""

NORMS = BATCH, DUBIN = "batch", "dubin"
"""Kinds of normalisation."""


def create(arch: str, classes: int, **kwargs: object) -> "nn.Module":
    """Make a freshly initialised network, which takes **normalised** images.

    Args:
        arch: One of `ARCHS`, of a plug-in (entry point ``robench.models``), of timm, or of
            torchvision; ``timm:NAME`` and ``torchvision:NAME`` mean that library alone.
        classes: Outputs, at least 1.
        **kwargs: Arguments of the network, ``drop_rate=0.3``; and ``norm``: ``batch`` for its own
            normalisations, ``dubin`` for those of `robench.models.dual_norm`.

    Returns:
        (N, 3, H, W) float32 -> logits (N, classes).

    Raises:
        UnknownNameError: No such network; the message has the nearest names.
        InputError: Arguments that the network does not take, or a network that ``dubin`` does
            not fit.
    """
    if classes < 1:
        raise InputError(f"a network needs at least 1 class, got {classes}")
    norm = kwargs.pop("norm", BATCH)
    if norm not in NORMS:
        raise InputError(f"norm must be one of {NORMS}, got {norm!r}")
    own = registry.with_plugins(ARCHS, "robench.models")
    make = registry.load(own[arch]) if arch in own else _foreign(arch, own)
    try:
        model: nn.Module = make(num_classes=classes, **kwargs)
    except (TypeError, ValueError) as error:
        raise InputError(f"arch {arch!r} with {kwargs}: {error}") from error
    if norm == DUBIN:
        from robench.models.dual_norm import dual_norms  # noqa: PLC0415  needs torch

        dual_norms(model)
    return model


def _foreign(arch: str, own: dict[str, str]) -> Any:  # noqa: ANN401  a factory of any network
    """The factory of timm or else of torchvision for a name that is not ours; without weights."""
    import timm  # noqa: PLC0415  five seconds, only when it is needed
    import torchvision  # noqa: PLC0415

    library, _, name = arch.rpartition(":")
    if library in ("", "timm") and timm.is_model(name):
        return lambda **kwargs: timm.create_model(name, **kwargs)
    theirs = torchvision.models.list_models(module=torchvision.models)
    if library in ("", "torchvision") and name in theirs:
        return lambda **kwargs: torchvision.models.get_model(name, weights=None, **kwargs)
    known = {"timm": timm.list_models(), "torchvision": theirs}
    near = difflib.get_close_matches(name, known.get(library, [*own, *known["timm"], *theirs]), n=3)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise UnknownNameError(
        f"Unknown arch {arch!r}.{hint} Known: {', '.join(sorted(own))}, and every name of "
        "timm.list_models() and torchvision.models.list_models()."
    )
