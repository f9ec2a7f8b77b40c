"""Which of ImageNet's 1000 classes a set has, and what becomes of the logits of the others."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.errors import RunError
from robench.registry import lookup

OUTPUTS = 1000


@dataclass(frozen=True)
class ClassMask:
    """The classes of a set, among the 1000 of ImageNet.

    Attributes:
        name: Of the set.
        groups: For each class of the set the ImageNet classes (0 to 999) that stand for it: one,
            but for ObjectNet, where several may.
        names: For each class its wnid or, for ObjectNet, the name of its folder.
    """

    name: str
    groups: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]

    @property
    def classes(self) -> int:
        """How many classes the set has."""
        return len(self.groups)

    @cached_property
    def position(self) -> dict[int, int]:
        """From a class of ImageNet to the class of the set."""
        return {index: place for place, group in enumerate(self.groups) for index in group}

    def apply(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Keep the logits of the set's classes; of several that stand for one the largest.

        Args:
            logits: (n, 1000) float32.

        Returns:
            (n, classes) float32.

        Raises:
            ValueError: Not 1000 logits.
        """
        if logits.ndim != 2 or logits.shape[1] != OUTPUTS:
            raise ValueError(f"expected logits (n, {OUTPUTS}), got shape {logits.shape}")
        columns, starts = self._flat
        kept: NDArray[np.float32] = np.maximum.reduceat(logits[:, columns], starts, axis=1)
        return kept

    @cached_property
    def _flat(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All ImageNet classes group by group, and where each group begins."""
        sizes = [len(group) for group in self.groups]
        columns = [index for group in self.groups for index in group]
        return np.array(columns), np.cumsum([0, *sizes[:-1]])


def wnids() -> tuple[str, ...]:
    """The 1000 WordNet ids of ILSVRC-2012, sorted: the order of every ImageNet network."""
    return tuple(_lists()["imagenet"])


@lru_cache
def class_mask(name: str) -> ClassMask:
    """The classes of ``imagenet-r``, ``imagenet-a``, ``imagenet-o`` or ``objectnet``.

    R, A and O: Hendrycks et al., ICCV 2021 and CVPR 2021, each with 200 classes of its own.
    ObjectNet: Barbu et al., NeurIPS 2019; 113 of its 313 classes stand for 125 of ImageNet, in the
    mapping of wise-ft (Wortsman et al., CVPR 2022), which takes the largest logit of a class.

    Raises:
        UnknownNameError: No such list.
        RunError: The file of lists was altered.
    """
    lists = _lists()
    known = {key: lists[key] for key in ("imagenet-r", "imagenet-a", "imagenet-o", "objectnet")}
    found = lookup(known, name, "class list")
    if isinstance(found, dict):
        return ClassMask(name, tuple(map(tuple, found.values())), tuple(found))
    names = tuple(lists["imagenet"][index] for index in found)
    return ClassMask(name, tuple((index,) for index in found), names)


def unmapped() -> frozenset[str]:
    """The 200 classes of ObjectNet that ImageNet does not have."""
    return frozenset(_lists()["objectnet-unmapped"])


def objectnet_name(folder: str) -> str:
    """A folder of ObjectNet as the lists spell it: ``Air freshener`` is ``air_freshener``."""
    return folder.lower().replace(" ", "_")


@lru_cache(maxsize=1)
def objectnet_names() -> frozenset[str]:
    """All 313 classes of ObjectNet."""
    return unmapped() | frozenset(class_mask("objectnet").names)


def digest(names: Sequence[str]) -> str:
    """SHA-256 of sorted wnids, one a line: how class lists are compared."""
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(names)).encode()).hexdigest()


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    """The file, once its lists have their known checksums."""
    text = files("robench.datasets").joinpath("class_lists.json").read_text()
    lists: dict[str, Any] = json.loads(text)
    for name, expected in lists["sha256"].items():
        ids = [lists["imagenet"][index] for index in _indices(lists, name)]
        if digest(ids) != expected:
            raise RunError(f"class_lists.json: the list {name} was altered. Install robench again.")
    return lists


def _indices(lists: dict[str, Any], name: str) -> Sequence[int]:
    """The classes of a list, 0 to 999."""
    if name == "imagenet":
        return range(OUTPUTS)
    found = lists[name]
    if isinstance(found, dict):
        return [index for group in found.values() for index in group]
    return [int(index) for index in found]
