"""What exactly is measured, resolved before anything runs."""

from dataclasses import dataclass
from typing import Any

from robench.attacks import Attack, make_attack
from robench.config import EvalConfig
from robench.datasets import DATASETS, CellSource
from robench.evaluate.forward import Forward
from robench.models.load import LoadedModel
from robench.types import Cell, Passport


@dataclass(frozen=True)
class Bench:
    """A model on a device, the cells that it is measured on, and what holds for all of them.

    Attributes:
        config: As asked.
        loaded: The checkpoint.
        forward: Its network, ready to run.
        sources: The cells and their images; the clean set first.
        missing: What the suite names and cannot be measured, in words.
        provenance: Versions, device, threads and block.
    """

    config: EvalConfig
    loaded: LoadedModel
    forward: Forward
    sources: tuple[tuple[Cell, CellSource], ...]
    missing: tuple[str, ...]
    provenance: dict[str, Any]

    def passport(self, cell: Cell, source: CellSource) -> Passport:
        """Resolve one cell; the metric's conventions come with the number."""
        entry = DATASETS[cell.evalset]
        precision = "fp32" if cell.attack else self.config.precision
        attack: Attack | None = make_attack(cell.attack) if cell.attack else None
        inputs: dict[str, Any] = {
            "set": cell.evalset,
            "preprocess": entry.preprocess,
            "mask": entry.mask,
            "corruption": cell.corruption or None,
            "severity": cell.severity or None,
            "source": dict(source.source),
            "subset": _subset(source),
            "attack": dict(attack.describe()) if attack else None,
            "precision": precision,
            "network": self.loaded.network,
        }
        if cell.difficulty:
            inputs["difficulty"] = cell.difficulty
        if cell.against:
            clean = _subset(self.sources[0][1])
            inputs["against"] = {"set": cell.against, "subset": clean, "precision": precision}
        return Passport(inputs, {}, {**self.provenance, **source.provenance})


def _subset(source: CellSource) -> dict[str, Any]:
    """Which images of the published set were measured."""
    rule = "all" if source.size == source.n_expected else "first"
    return {"rule": rule, "n": source.size, "of": source.n_expected}
