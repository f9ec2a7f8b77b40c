"""What exactly is measured, resolved before anything runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from robench.attacks import make_attack
from robench.config import EvalConfig
from robench.datasets import CellSource, find
from robench.evaluate.forward import Forward
from robench.models.load import LoadedModel
from robench.passport import inputs_id
from robench.types import Cell, EvalSet, Passport

PER_BLOCK = "per block"  # what the ``randomness`` of an attack is that draws for a whole block


@dataclass(frozen=True)
class Bench:
    """A model on a device, the cells that it is measured on, and what holds for all of them.

    Attributes:
        config: As asked.
        suite: Its name, as written down.
        loaded: The checkpoint.
        forward: Its network, ready to run.
        sources: The cells and their images; the clean set first.
        own: Sets that no list has.
        missing: What the suite names and cannot be measured, in words.
        provenance: Versions, device, threads and block.
        flags: By attack cell, what about the network makes its result doubtful, in words.
    """

    config: EvalConfig
    suite: str
    loaded: LoadedModel
    forward: Forward
    sources: tuple[tuple[Cell, CellSource], ...]
    own: tuple[EvalSet, ...]
    missing: tuple[str, ...]
    provenance: dict[str, Any]
    flags: Mapping[Cell, tuple[str, ...]] = field(default_factory=dict)

    @property
    def conditions(self) -> dict[str, Any]:
        """What must be equal for equal bits, beside the inputs."""
        keys = ["block", "threads", "device", "libraries"]
        if self.forward.device.type == "cpu":
            keys.append("cpu")
        found = {key: self.provenance[key] for key in keys}
        return {**found, "checkpoint": self.loaded.sha256, "arch": self.loaded.arch}

    def entry(self, cell: Cell) -> EvalSet:
        """The set of a cell."""
        return find(cell.evalset, self.own)

    def passport(self, cell: Cell, source: CellSource) -> Passport:
        """Resolve one cell; the metric's conventions come with the number."""
        entry = self.entry(cell)
        precision = "fp32" if cell.attack else self.config.precision
        inputs: dict[str, Any] = {
            "set": cell.evalset,
            "preprocess": source.preprocess or entry.preprocess,
            "mask": entry.mask,
            "corruption": cell.corruption or None,
            "severity": cell.severity or None,
            "source": dict(source.source),
            "subset": _subset(source),
            "attack": self._attack(cell) if cell.attack else None,
            "precision": precision,
            "network": self.loaded.network,
        }
        if cell.difficulty:
            inputs["difficulty"] = cell.difficulty
        if cell.against:
            inputs["against"] = self._against(cell, entry, precision)
        flags = {"flags": list(self.flags[cell])} if self.flags.get(cell) else {}
        return Passport(inputs, {}, {**self.provenance, **source.provenance, **flags})

    def _attack(self, cell: Cell) -> dict[str, Any]:
        """All that changes the result of an attack: for some the size of the blocks does."""
        found = dict(make_attack(cell.attack).describe())
        if found.get("randomness") == PER_BLOCK:
            found["block"] = self.forward.block
        return found

    def _against(self, cell: Cell, entry: EvalSet, precision: str) -> dict[str, Any]:
        """The in-distribution side of an anomaly cell."""
        clean = Cell(cell.against)
        inside = next(source for other, source in self.sources if other == clean)
        found = {
            "set": cell.against,
            "inputs_id": inputs_id(self.passport(clean, inside)),
            "subset": _subset(inside),
            "precision": precision,
        }
        return {**found, "mask": entry.mask} if entry.mask else found


def _subset(source: CellSource) -> dict[str, Any]:
    """Which images of the published set were measured."""
    return {"rule": _rule(source), "n": source.size, "of": source.n_expected}


def _rule(source: CellSource) -> str:
    """How they were chosen: the first, evenly spread ones, or all that are there."""
    if source.size == source.n_expected:
        return "all"
    if source.source.get("images") == source.size:
        return "all that are there"
    first = source.positions is None or np.array_equal(source.indices, np.arange(source.size))
    return "first" if first else "spread"
