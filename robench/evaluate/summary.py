"""What a page needs beside the records: small files, brought up to date cell by cell."""

from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError
from robench.files import read_json, write_arrays, write_json
from robench.metrics.curves import noise_floor, reliability
from robench.metrics.derive import derive
from robench.store import Store
from robench.types import Cell, Outputs

CORRECT, CURVES = "correct.npz", "curves.json"


class Summary:
    """``correct.npz`` and ``curves.json`` of a store.

    The first holds which images were right, bit-packed, for paired tests; the second reliability
    curves and the noise floor of the calibration errors, of clean and shifted sets. Cells go by the
    name of their outputs' file, without its suffix.

    Args:
        store: Open for writing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._bits = _read_bits(store)
        self._curves, self._floors = _read_curves(store)

    def holds(self, name: str, cell: Cell) -> bool:
        """Whether a cell is in it, or need not be."""
        if _is_left_out(cell):
            return True
        drawn = not _has_curve(cell) or (name in self._curves and name in self._floors)
        return drawn and f"n-{name}" in self._bits

    def add(self, name: str, cell: Cell, outputs: Outputs) -> None:
        """Take up a cell."""
        if self.holds(name, cell):
            return
        derived = derive(outputs)  # lazy: an attack has no logits to derive from
        right = ~outputs.fooled if outputs.fooled is not None else derived["correct"] > 0
        self._bits[name] = np.packbits(right)
        self._bits[f"n-{name}"] = np.array(len(right))
        if _has_curve(cell):
            self._curves[name] = reliability(derived["confidence"], derived["correct"])
            self._floors[name] = noise_floor(derived["confidence"])

    def write(self) -> None:
        """Write both files; cells whose outputs are gone stay, as their records do."""
        write_arrays(self._store.folder / CORRECT, dict(sorted(self._bits.items())))
        curves = {"reliability": self._curves, "floor": self._floors}
        write_json(self._store.folder / CURVES, curves)


def _is_left_out(cell: Cell) -> bool:
    """Anomalies have no labels, and sequences are not paired image by image."""
    return bool(cell.against or cell.difficulty)


def _has_curve(cell: Cell) -> bool:
    """Clean and shifted sets have one."""
    return not (cell.attack or cell.corruption)


def _read_bits(store: Store) -> dict[str, NDArray[Any]]:
    """What is there; nothing where it is damaged, for it can be made again."""
    path = store.folder / CORRECT
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
