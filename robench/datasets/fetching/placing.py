"""Arranged files -> the data folder: by renaming, never over anything that differs.

A plan is written first. A process that is killed leaves each file or folder in its old or its new
place, whole; the next one goes on by the plan.
"""

import filecmp
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from robench.datasets.manifest import NAME
from robench.datasets.official import LABELS
from robench.errors import InputError, RunError
from robench.files import read_json, write_json
from robench.types import EvalSet

PLAN = "plan.json"
TREE = "tree"
PLACED = "placed.json"


def write_plan(ready: Path, entry: EvalSet, target: str, file: str) -> None:
    """Say what is to go where.

    Args:
        ready: Holds the arranged files in ``tree/``.
        entry: The set.
        target: The folder below ``tree/`` and below the data folder.
        file: Name of the archive.

    Raises:
        RunError: Not writable.
    """
    tops = sorted(path.name for path in (ready / TREE / target).iterdir())
    whole = entry.layout == "classes" or NAME in tops
    write_json(ready / PLAN, {"target": target, "tops": tops, "whole": whole, "file": file})


def place(ready: Path, data_dir: Path) -> dict[str, Any]:
    """Move the arranged files into the data folder, as far as that is not done.

    What is there already and the same stays; class folders, which are one set only all together,
    go only where nothing is.

    Returns:
        The plan.

    Raises:
        InputError: Something else is there; nothing was moved.
        RunError: The disk refuses.
    """
    plan: dict[str, Any] = read_json(ready / PLAN)
    source, target = ready / TREE / plan["target"], data_dir / plan["target"]
    try:
        if source.exists():
            _refuse(source, target, whole=plan["whole"])
            _move(source, target)
    except OSError as error:
        raise RunError(
            f"Cannot move {source} to {target}: {error.strerror or error}. Both must lie on one "
            f"disk; the same command goes on from there."
        ) from error
    return plan


def _refuse(source: Path, target: Path, *, whole: bool) -> None:
    """Fail if moving would overwrite or mix anything."""
    if whole and target.is_dir() and not target.is_symlink() and any(target.iterdir()):
        raise InputError(f"{target} is there already and is not empty: move it away first.")
    if (target / NAME).exists():
        raise InputError(f"{target} holds what robench made ({NAME}): move it away first.")
    clash = next(_clashes(source, target), None)
    if clash is not None:
        raise InputError(f"{clash} is there already and differs: move it away first.")


def _clashes(source: Path, target: Path) -> Iterator[Path]:
    """What differs."""
    if not target.exists() and not target.is_symlink():
        return
    if source.is_dir() and target.is_dir():
        for path in source.iterdir():
            yield from _clashes(path, target / path.name)
    elif not (source.is_file() and target.is_file() and filecmp.cmp(source, target, False)):
        yield target


def _move(source: Path, target: Path) -> None:
    """Rename the highest folders that are not there, the labels of arrays last."""
    if source.is_file() and target.exists():
        source.unlink()
    elif source.is_file() or not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    else:
        for path in sorted(source.iterdir(), key=lambda path: (path.name == LABELS, path.name)):
            _move(path, target / path.name)
        source.rmdir()


def is_placed(folder: Path, digest: str, data_dir: Path) -> bool:
    """Whether all that an archive held was placed once, and is still there."""
    plan = _placed(folder).get(digest)
    return plan is not None and all(
        (data_dir / plan["target"] / name).exists() for name in plan["tops"]
    )


def note_placed(folder: Path, digest: str, plan: dict[str, Any]) -> None:
    """Remember what an archive held.

    Raises:
        RunError: Not writable.
    """
    write_json(folder / PLACED, {**_placed(folder), digest: plan})


def _placed(folder: Path) -> dict[str, Any]:
    path = folder / PLACED
    return dict(read_json(path)) if path.is_file() else {}
