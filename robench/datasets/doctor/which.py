"""Which of ImageNet's relatives some class folders are: by classes, file names and folder name."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from robench.datasets.catalogue import DATASETS
from robench.datasets.class_lists import class_mask, wnids

MASKED = ("imagenet-r", "imagenet-a", "imagenet-o")
COMPLETE = ("imagenet", "imagenet-sketch", "stylized-imagenet")
TRAINING = "imagenet (training pictures)"
V2 = ("imagenet-v2", "imagenet-v2-threshold0.7", "imagenet-v2-top-images")
PER_CLASS = MappingProxyType({"imagenet": 50, "stylized-imagenet": 50, **dict.fromkeys(V2, 10)})
"""Pictures that every class has, where that is the same number for all."""

STRAY = 10
"""So many classes may be missing or too many, and it is still that set and no other."""

_FILES = (
    (re.compile(r"ILSVRC2012_val_\d+", re.ASCII), "imagenet"),
    (re.compile(r"sketch_\d+", re.ASCII), "imagenet-sketch"),
    (re.compile(r"n\d{8}_\d+", re.ASCII), TRAINING),
)


@dataclass(frozen=True)
class Guess:
    """What class folders named by wnid may be.

    Attributes:
        sets: The candidates; one where that is clear.
        why: How it was told.
        called: The set that the folder's name says, where the classes say another.
    """

    sets: tuple[str, ...]
    why: str
    called: str = ""


@cache
def classes_of(name: str) -> frozenset[str]:
    """The wnids of a set."""
    return frozenset(class_mask(name).names if name in MASKED else wnids())


def guess(folder: Path, found: frozenset[str], sample: tuple[str, ...], most: int) -> Guess:
    """Tell the set of class folders named by wnid.

    Args:
        folder: That holds them.
        found: The wnids that are there.
        sample: The name of one picture of each class.
        most: Pictures of the largest class.
    """
    called, filed = _called(folder), _filed(sample)
    if filed == TRAINING and (called in ("", "imagenet") or most > PER_CLASS["imagenet"]):
        return Guess((TRAINING,), "by its file names")
    close = next((name for name in MASKED if len(found ^ classes_of(name)) <= STRAY), "")
    if close:
        other = called if called and called != close else ""
        return Guess((close,), "by its classes", other)
    if called and len(found - classes_of(called)) <= STRAY:
        return Guess((called,), "by the name of its folder")
    if filed and found <= classes_of(filed):
        return Guess((filed,), "by its file names")
    near = _nearest(found)
    return Guess(near, "by its classes" if len(near) == 1 else "")


def _nearest(found: frozenset[str]) -> tuple[str, ...]:
    """Of the sets that have all these classes, those that have the fewest others."""
    others = {
        name: len(classes_of(name) - found)
        for name in (*COMPLETE, *MASKED)
        if found <= classes_of(name)
    }
    least = min(others.values())
    return tuple(name for name in others if others[name] == least)


def _called(folder: Path) -> str:
    """The set that has a folder of this name; the more of the path agrees, the better."""
    parts = tuple(part.lower() for part in folder.resolve().parts)
    best, deepest = "", 0
    for name in (*COMPLETE, *MASKED):
        entry = DATASETS[name]
        for place in (entry.folder, *entry.aliases, f"{entry.folder}/{entry.name}"):
            wanted = Path((place or "").lower()).parts
            if len(wanted) > deepest and parts[-len(wanted) :] == wanted:
                best, deepest = name, len(wanted)
    return best


def _filed(sample: tuple[str, ...]) -> str:
    """The set that most of some file names speak of; empty where they tell nothing."""
    for pattern, name in _FILES:
        if sum(pattern.match(one) is not None for one in sample) > len(sample) / 2:
            return name
    return ""
