"""Stores of any cells, with what each image added, that no network has made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.files import write_arrays, write_json
from robench.metrics import METRICS
from robench.passport import inputs_id, passport_id
from robench.store import Store
from robench.types import Cell, Passport, Record

COMPARISONS = 30  # of a perturbation sequence


@dataclass
class Written:
    """A store under way.

    Attributes:
        folder: The run.
        model: What its records say of the network.
    """

    folder: Path
    model: Mapping[str, Any]
    numbers: list[tuple[Record, Passport]] = field(default_factory=list)
    bits: dict[str, NDArray[Any]] = field(default_factory=dict)
    flips: dict[str, NDArray[Any]] = field(default_factory=dict)

    def add(
        self,
        cell: Cell,
        metric: str,
        losses: NDArray[Any] | float,
        n: int = 100,
        *,
        whole: int | None = None,
        **inputs: Any,  # noqa: ANN401  of the passport
    ) -> "Written":
        """A number: of what each image adds, or without that."""
        kept = not isinstance(losses, float)
        n = len(losses) if isinstance(losses, np.ndarray) else n
        value = float(np.mean(losses))
        stderr = float(np.std(losses, ddof=1) / np.sqrt(n)) if kept else 0.01
        passport = _passport(cell, metric, n, whole or n, inputs)
        key = passport_id(passport)
        version = METRICS[metric].version
        self.numbers.append(
            (
                Record(
                    "ab", self.model, cell, metric, version, value, stderr, n, whole or n, key, "26"
                ),
                passport,
            )
        )
        if isinstance(losses, np.ndarray):
            self._keep(f"{cell.slug}.{inputs_id(passport)[:8]}", metric, losses)
        return self

    def _keep(self, name: str, metric: str, losses: NDArray[Any]) -> None:
        if metric == "flip_rate":
            self.flips[name] = np.rint(losses * COMPARISONS).astype(np.uint8)
            self.flips[f"of-{name}"] = np.array(COMPARISONS)
        else:
            self.bits[name] = np.packbits(losses == 0)
            self.bits[f"n-{name}"] = np.array(len(losses))

    def write(self) -> Path:
        """The run folder, complete."""
        home = self.folder / "eval"
        with Store(home) as store:
            store.append(self.numbers)
        write_arrays(home / "correct.npz", self.bits)
        if self.flips:
            write_arrays(home / "flips.npz", self.flips)
        plain = {"sha256": "ab", "file": "last.pt", "model": dict(self.model), "suites": []}
        write_json(home / "checkpoint.json", plain)
        return self.folder


def _passport(cell: Cell, metric: str, n: int, whole: int, changed: Mapping[str, Any]) -> Passport:
    inputs: dict[str, Any] = {
        "set": cell.evalset,
        "preprocess": "as stored",
        "corruption": cell.corruption or None,
        "severity": cell.severity or None,
        "source": {"kind": "files"},
        "subset": {"rule": "all" if n == whole else "first", "n": n, "of": whole},
        "attack": None,
        "precision": "fp32",
    }
    return Passport({**inputs, **changed}, {"metric": metric}, {"device": "cpu"})


def wrong(seed: int, rate: float, n: int = 400) -> NDArray[np.float64]:
    """(n,) ones and zeros."""
    return (np.random.default_rng(seed).random(n) < rate).astype(np.float64)


def run(folder: Path, aug: str = "none", **model: Any) -> Written:  # noqa: ANN401
    """A store of a network of that method."""
    return Written(folder, {"arch": "air32", "aug": aug, "data": "cifar10", "seed": 0, **model})
