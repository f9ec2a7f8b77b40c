"""Runs on disk that no network has made, written through the real store."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.files import write_arrays, write_atomic, write_json
from robench.metrics import METRICS
from robench.metrics.curves import reliability
from robench.passport import inputs_id, passport_id
from robench.store import Store
from robench.types import Cell, Passport, Record

PGD = "pgd(eps=0.00784, steps=20)"
CLEAN = ("error", "top5_error", "ece", "rms", "rms_published", "nll", "brier")
TIME = "2026-01-02T03:04:05+00:00"


@dataclass
class Fabricated:
    """What a made-up run is like; `write` puts it on disk."""

    folder: Path
    aug: str = "none"
    error: float = 0.06
    slope: float = 0.08
    images: int = 120
    whole: int = 120
    corruptions: Sequence[str] = ("gaussian_noise", "fog")
    seed: int = 0
    source_seed: int = 0
    conventions: dict[str, Any] = field(default_factory=dict)
    anomalies: Sequence[str] = ("gaussian", "blobs")
    attack: str = PGD
    trained: bool = True
    mean: float = 0.5

    def write(self) -> Path:
        """The run folder, complete."""
        rng = np.random.default_rng(self.seed)
        bits: dict[str, NDArray[Any]] = {}
        curves = {}
        numbers = []
        for cell, mean in self._cells():
            right = rng.random(self.images) >= mean
            of_cell = self._numbers(cell, right)
            numbers += of_cell
            name = f"{cell.slug}.{inputs_id(of_cell[0][1])[:8]}"
            if not cell.against:
                bits |= {name: np.packbits(right), f"n-{name}": np.array(len(right))}
            if cell == Cell("digits"):
                confidence = np.clip(rng.normal(0.9, 0.08, self.images), 0, 1)
                curves[name] = reliability(confidence, right.astype(np.float64))
        with Store(self.folder / "eval") as store:
            store.append(numbers)
        write_arrays(self.folder / "eval" / "correct.npz", bits)
        write_json(self.folder / "eval" / "curves.json", {"reliability": curves})
        plain = {"sha256": self._sha256(), "file": "last.pt", "suites": ["digits-all"]}
        write_json(self.folder / "eval" / "checkpoint.json", {**plain, "model": self._model()})
        if self.trained:
            self._training()
        return self.folder

    def _cells(self) -> list[tuple[Cell, float]]:
        """Cells with the error they should have."""
        cells = [(Cell("digits"), self.error)]
        for place, name in enumerate(self.corruptions):
            levels = range(1, 6)
            step = self.slope * (0.5 + 1.2 * (place * 7 % 5) / 4)
            cells += [(Cell("digits-c", name, s), min(self.error + step * s, 0.9)) for s in levels]
        cells += [(Cell(name, against="digits"), 0.1) for name in self.anomalies]
        return [*cells, (Cell("digits", attack=self.attack), min(4 * self.error + 0.2, 0.95))]

    def _numbers(self, cell: Cell, right: NDArray[np.bool_]) -> list[tuple[Record, Passport]]:
        """The records of a cell."""
        names: tuple[str, ...] = ("adv_error",) if cell.attack else CLEAN
        names = ("aupr", "auroc", "fpr95") if cell.against else names
        numbers = []
        for name in names:
            value = 1 - right.mean()
            if METRICS[name].higher_is_better:
                value = 0.97 - value / 5
            elif name not in ("error", "adv_error"):
                value = 0.01 + value / 3
            passport = Passport(self._inputs(cell), self._conventions(name), {"device": "cpu"})
            record = Record(
                checkpoint=self._sha256(),
                model=self._model(),
                cell=cell,
                metric=name,
                version=METRICS[name].version,
                value=float(value),
                stderr=float(right.std(ddof=1) / np.sqrt(len(right))),
                n=len(right),
                n_expected=self.whole,
                passport_id=passport_id(passport),
                time=TIME,
            )
            numbers.append((record, passport))
        return numbers

    def _inputs(self, cell: Cell) -> dict[str, Any]:
        """As the engine resolves them."""
        rule = "all" if self.images == self.whole else "first"
        made = {"kind": "regenerated", "seed": self.source_seed, "generator_version": 1}
        inputs: dict[str, Any] = {
            "set": cell.evalset,
            "preprocess": "as-stored-32",
            "mask": None,
            "corruption": cell.corruption or None,
            "severity": cell.severity or None,
            "source": made if cell.corruption else {"kind": "official"},
            "subset": {"rule": rule, "n": self.images, "of": self.whole},
            "attack": {"name": "pgd", "eps": 0.00784, "steps": 20} if cell.attack else None,
            "precision": "fp32",
            "network": {"mean": [self.mean] * 3, "std": [0.5, 0.5, 0.5]},
        }
        return {**inputs, "against": {"set": cell.against}} if cell.against else inputs

    def _conventions(self, name: str) -> dict[str, Any]:
        metric = METRICS[name]
        base = {"metric": name, "version": metric.version, **metric.conventions}
        if METRICS[name].needs == "pair":
            base["inside"] = inputs_id(Passport(self._inputs(Cell("digits")), {}))
        return {**base, **self.conventions} if name == "ece" else base

    def _model(self) -> dict[str, Any]:
        return {"arch": "air32", "aug": self.aug, "data": "digits", "seed": self.seed}

    def _sha256(self) -> str:
        return f"{abs(self.seed) + 10:x}" * 32

    def _training(self) -> None:
        """``config.yaml``, ``env.json`` and ``log.jsonl``."""
        config = {
            "aug": self.aug,
            "arch": "air32",
            "data": "digits",
            "epochs": 8,
            "seed": self.seed,
            "loss": "ce",
            "subset": None,
            "precision": "fp32",
            "val": 0.0,
            "recipe": {"name": "demo", "lr": 0.123},
        }
        write_atomic(self.folder / "config.yaml", json.dumps(config).encode())
        write_json(self.folder / "env.json", {"python": "3.11", "libraries": {"torch": "2.11"}})
        lines = [
            {"epoch": e, "loss": 2.3 * 0.7**e, "lr": 0.1, "train_error": 0.6**e, "seconds": 2.5}
            for e in range(1, 9)
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        write_atomic(self.folder / "log.jsonl", text.encode())
