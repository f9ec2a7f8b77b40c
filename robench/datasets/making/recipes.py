"""What each benchmark set is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import corruptions
from corruptions import CORRUPTIONS, GROUPS, load
from corruptions.base import resolve_family
from robench.datasets.sequences import stored_name
from robench.errors import InputError, UnknownNameError
from robench.registry import unknown

Kind = Literal["c", "c-bar", "p"]
SEVERITIES = (1, 2, 3, 4, 5)
FAMILIES: dict[Kind, tuple[str, ...]] = {
    "c": ("cifar", "tiny", "imagenet", "inception"),
    "c-bar": ("cifar", "imagenet"),
    "p": ("cifar", "imagenet"),
}
"""The families for which each kind of set is published."""


@dataclass(frozen=True)
class Recipe:
    """One set that can be made.

    Attributes:
        name: As on the command line.
        kind: Corruptions of Hendrycks & Dietterich, those of Mintun et al., or perturbations.
        family: Whose severities; None leaves the choice to the caller.
        clean: The labelled data set it is made from; None for folders of pictures.
        folder: Where it goes below the data folder; None if the caller must say.
    """

    name: str
    kind: Kind
    family: str | None = None
    clean: str | None = None
    folder: str | None = None


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("cifar10-c", "c", "cifar", "cifar10", "CIFAR-10-C"),
        Recipe("cifar100-c", "c", "cifar", "cifar100", "CIFAR-100-C"),
        Recipe("digits-c", "c", "cifar", "digits", "digits-c"),
        Recipe("cifar10-c-bar", "c-bar", "cifar", "cifar10", "CIFAR-10-C-bar"),
        Recipe("cifar100-c-bar", "c-bar", "cifar", "cifar100", "CIFAR-100-C-bar"),
        Recipe("digits-c-bar", "c-bar", "cifar", "digits", "digits-c-bar"),
        Recipe("cifar10-p", "p", "cifar", "cifar10", "CIFAR-10-P"),
        Recipe("cifar100-p", "p", "cifar", "cifar100", "CIFAR-100-P"),
        Recipe("digits-p", "p", "cifar", "digits", "digits-p"),
        Recipe("tiny-imagenet-c", "c", "tiny", None, "tiny-imagenet-c"),
        Recipe("imagenet-c", "c", "imagenet", None, "imagenet-c"),
        Recipe("imagenet-c-bar", "c-bar", "imagenet", None, "imagenet-c-bar"),
        Recipe("imagenet-p", "p", "imagenet", None, "imagenet-p"),
        Recipe("c", "c"),
        Recipe("c-bar", "c-bar"),
        Recipe("p", "p"),
    )
}


@dataclass(frozen=True)
class Item:
    """One corruption or perturbation of a set.

    Attributes:
        name: Of its file or folder, such as ``gaussian_noise_2``.
        of: What is drawn, ``gaussian_noise``.
        levels: Severities; of a perturbation its one difficulty.
    """

    name: str
    of: str
    levels: tuple[int, ...]


def items(
    kind: Kind,
    family: str,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    severities: Sequence[int] = SEVERITIES,
) -> tuple[Item, ...]:
    """What a set is made of, in the official order.

    Args:
        kind: See `Recipe`.
        family: One of ``FAMILIES[kind]``.
        only: Names to make and no others; for kind ``c`` the procedural corruptions too, which
            are no part of the published set.
        skip: Names to leave out.
        severities: Of corruptions; perturbations have their published difficulties.

    Raises:
        UnknownNameError: A name that the set does not have.
        InputError: Nothing is left.
    """
    usual, offered = _names(kind, family)
    for name in (*only, *skip):
        if name not in offered:
            what = "perturbation" if kind == "p" else "corruption"
            raise UnknownNameError(unknown(offered, name, f"{what} of this set"))
    chosen = [name for name in offered if name in (only or usual) and name not in skip]
    if not chosen:
        raise InputError("Nothing is left to make: --skip takes everything out.")
    levels = tuple(sorted(set(severities)))
    if kind == "p":
        return tuple(offered[name] for name in chosen)
    return tuple(Item(name, name, levels) for name in chosen)


def _names(kind: Kind, family: str) -> tuple[list[str], dict[str, Item]]:
    """What is made unless something else is asked for, and all that can be."""
    if kind == "p":
        names = corruptions.PERTURBATIONS
        found = {item.name: item for name in names for item in _difficulties(name, family)}
        return list(found), found
    bar = [name for name in GROUPS.get("bar", ()) if family in load(name).severities]
    if kind == "c-bar":
        return bar, {name: Item(name, name, SEVERITIES) for name in bar}
    added = {name for group in ("bar", "procedural") for name in GROUPS.get(group, ())}
    offered = [name for name in CORRUPTIONS if name not in GROUPS.get("bar", ())]
    usual = [name for name in offered if name not in added]
    return usual, {name: Item(name, name, SEVERITIES) for name in offered}


def _difficulties(name: str, family: str) -> list[Item]:
    """The folders of one perturbation: one for each difficulty that has frames of its own."""
    own = corruptions.load_perturbation(name).strengths[resolve_family(family, 0, 0)]
    return [Item(stored_name(name, n), name, (n,)) for n in range(1, len(own) + 1)]
