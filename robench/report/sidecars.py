"""The small files beside the records of a run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError
from robench.types import Floats

Bits = NDArray[np.bool_]
Pairs = dict[str, tuple[NDArray[Any], int]]


def read_bits(path: Path) -> dict[str, Bits]:
    """Unpack ``correct.npz``: (N,) bool by name; absent files give nothing.

    Raises:
        InputError: Damaged.
    """
    try:
        return {
            name: np.unpackbits(packed, count=count).astype(np.bool_)
            for name, (packed, count) in _pairs(path, "n-").items()
        }
    except (ValueError, TypeError) as error:
        raise _damaged(path, error) from error


def read_flips(path: Path) -> dict[str, Floats]:
    """(V,) shares from the counts of ``flips.npz``; likewise."""
    pairs = _pairs(path, "of-")
    return {name: flips.astype(np.float64) / count for name, (flips, count) in pairs.items()}


def _pairs(path: Path, prefix: str) -> Pairs:
    """Arrays and the number that goes with each.

    Raises:
        InputError: Damaged; the message has the way to make the file again.
    """
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        counted = {name for name in arrays if prefix + name in arrays}
        return {name: (arrays[name], int(arrays[prefix + name])) for name in counted}
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"{path} is damaged: {error}. Make it again: robench score {path.parent}")


def read_log(path: Path) -> tuple[Mapping[str, Any], ...]:
    """One dict per epoch; a torn last line is left out.

    Raises:
        InputError: A damaged line.
    """
    if not path.exists():
        return ()
    lines = path.read_text().splitlines(keepends=True)
    try:
        return tuple(json.loads(line) for line in lines if line.endswith("\n"))
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}.") from error
