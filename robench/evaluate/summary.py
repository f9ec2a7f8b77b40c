"""What a page needs beside the records: small files, brought up to date cell by cell."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError
from robench.files import read_json, write_arrays, write_json
from robench.metrics.curves import noise_floor, reliability
from robench.metrics.derive import Derived, derive
from robench.store import Store
from robench.types import Cell, Outputs

CORRECT, FLIPS, CURVES = "correct.npz", "flips.npz", "curves.json"


class Summary:
    """``correct.npz``, ``flips.npz`` and ``curves.json`` of a store.

    The first holds which images were right, bit-packed, and the second how often the prediction
    flipped in each sequence, both for paired tests; the third reliability curves and the noise
    floor of the calibration errors, of clean and shifted sets. Cells go by the name of their
    outputs' file, without its suffix.

    Args:
        store: Open for writing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._bits = _read_arrays(store.folder / CORRECT)
        self._flips = _read_arrays(store.folder / FLIPS)
        self._curves, self._floors = _read_curves(store)

    def holds(self, name: str, cell: Cell) -> bool:
        """Whether a cell is in it, or need not be."""
        if cell.against:
            return True
        if cell.difficulty:
            return f"of-{name}" in self._flips
        drawn = not _has_curve(cell) or (name in self._curves and name in self._floors)
        return drawn and f"n-{name}" in self._bits

    def add(self, name: str, cell: Cell, outputs: Outputs) -> None:
        """Take up a cell."""
        if self.holds(name, cell):
            return
        derived = derive(outputs)  # lazy: an attack has no logits to derive from
        if cell.difficulty:
            self._add_flips(name, derived, outputs)
            return
        right = ~outputs.fooled if outputs.fooled is not None else derived["correct"] > 0
        self._bits[name] = np.packbits(right)
        self._bits[f"n-{name}"] = np.array(len(right))
        if _has_curve(cell):
            self._curves[name] = reliability(derived["confidence"], derived["correct"])
            self._floors[name] = noise_floor(derived["confidence"])

    def _add_flips(self, name: str, derived: Derived, outputs: Outputs) -> None:
        """How often each sequence flipped, of how many comparisons."""
        compared = _comparisons(outputs)
        self._flips[name] = np.rint(derived["flips"] * compared).astype(np.uint8)
        self._flips[f"of-{name}"] = np.array(compared)

    def write(self) -> None:
        """Write the files; cells whose outputs are gone stay, as their records do."""
        write_arrays(self._store.folder / CORRECT, dict(sorted(self._bits.items())))
        if self._flips:
            write_arrays(self._store.folder / FLIPS, dict(sorted(self._flips.items())))
        curves = {"reliability": self._curves, "floor": self._floors}
        write_json(self._store.folder / CURVES, curves)


def _comparisons(outputs: Outputs) -> int:
    """How many frames of a sequence are compared; as many in each."""
    if outputs.references is None:
        raise ValueError("expected a perturbation cell, got one without sequences")
    return int((outputs.references >= 0).sum()) // outputs.size


def _has_curve(cell: Cell) -> bool:
    """Clean and shifted sets have one."""
    return not (cell.attack or cell.corruption)


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What is there; nothing where it is damaged, for it can be made again."""
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile):
        return {}


def _read_curves(store: Store) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is there, likewise."""
    path = store.folder / CURVES
    try:
        plain = read_json(path) if path.exists() else {}
    except InputError:
        plain = {}
    return dict(plain.get("reliability", {})), dict(plain.get("floor", {}))
