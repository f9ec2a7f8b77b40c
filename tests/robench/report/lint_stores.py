"""Stores that follow a protocol to the letter, and what is needed to break one rule of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from robench.datasets import DATASETS
from robench.metrics import METRICS
from robench.passport import inputs_id, passport_id
from robench.protocols import Protocol
from robench.store import Store
from robench.types import Cell, Passport, Record

TIME = "2026-01-02T03:04:05+00:00"
ATTACK = {"name": "pgd", "steps": 20, "eps": 2 / 255, "step_size": 0.5 / 255, "norm": "Linf"}
ATTACKS: dict[str, dict[str, Any]] = {
    "pgd20": {**ATTACK, "random_start": True, "stop": "first"},
    "pgd20_published": {**ATTACK, "random_start": True, "stop": "never", "centre": "start"},
}
NO_FILES = ("cifar100-p", "cifar100-c-bar")
DRAWN = ("gaussian", "rademacher", "blobs", "photos")


@dataclass
class Entry:
    """A number to be written; tests change it first."""

    cell: Cell
    metric: str
    inputs: dict[str, Any]
    n: int
    n_expected: int
    value: float = 0.25
    stderr: float | None = 0.01
    checkpoint: str = "ab" * 32
    version: int | None = None
    conventions: dict[str, Any] = field(default_factory=dict)

    def set_images(self, n: int, rule: str) -> None:
        """Another subset, here and in the passport."""
        self.n = n
        self.inputs["subset"] = {"rule": rule, "n": n, "of": self.n_expected}

    def number(self) -> tuple[Record, Passport]:
        """What the store takes."""
        metric = METRICS[self.metric]
        version = self.version or metric.version
        named = {"metric": self.metric, "version": version}
        passport = Passport(self.inputs, {**named, **metric.conventions, **self.conventions}, {})
        return (
            Record(
                checkpoint=self.checkpoint,
                model={"arch": "air32"},
                cell=self.cell,
                metric=self.metric,
                version=version,
                value=self.value,
                stderr=self.stderr,
                n=self.n,
                n_expected=self.n_expected,
                passport_id=passport_id(passport),
                time=TIME,
            ),
            passport,
        )


def following(protocol: Protocol, *sets: str) -> list[Entry]:
    """Everything that a protocol says something of, or that of some sets, measured as it says."""
    return [entry for name in sets or protocol.sets for entry in _set(protocol, name)]


def write(folder: Path, entries: list[Entry]) -> Path:
    """A run folder."""
    with Store(folder / "eval") as store:
        store.append(entry.number() for entry in entries)
    return folder


def add_images(run: Path, entries: list[Entry]) -> None:
    """Images, or sequences of 30 frames, whose mean each value is, and its standard error."""
    bits: dict[str, Any] = {}
    flips: dict[str, Any] = {}
    for entry in entries:
        name = f"{entry.cell.slug}.{inputs_id(Passport(entry.inputs, {}))[:8]}"
        wrong = np.arange(entry.n) < round(entry.value * entry.n)
        if entry.metric == "flip_rate":
            flips |= {name: (30 * wrong).astype(np.uint8), f"of-{name}": np.array(30)}
        elif entry.metric in ("error", "adv_error"):
            bits |= {name: np.packbits(~wrong), f"n-{name}": np.array(entry.n)}
        else:
            continue
        entry.value = float(wrong.mean())
        entry.stderr = float(wrong.std(ddof=1)) / entry.n**0.5
    np.savez(run / "eval" / "correct.npz", **bits)
    np.savez(run / "eval" / "flips.npz", **flips)


def edit(run: Path, change: Callable[[list[dict[str, Any]], dict[str, Any]], None]) -> None:
    """Tamper with the lines of the results and with the passports."""
    results, passports = run / "eval" / "results.jsonl", run / "eval" / "passports.json"
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    content = json.loads(passports.read_text())
    change(lines, content)
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    passports.write_text(json.dumps(content))


def _set(protocol: Protocol, name: str) -> Iterator[Entry]:
    """The numbers of a set."""
    role = DATASETS[name].role
    main = {"perturbed": "flip_rate", "ood": "aupr"}.get(role, "error")
    metrics = [main, *(r.value for r in protocol.about(name) if r.key == "metric")]
    for cell in _cells(protocol, name):
        for metric in dict.fromkeys(metrics):
            yield _entry(protocol, cell, metric, None)
    attack = protocol.choice("attack", name)
    if attack:
        cell = Cell(name, attack=f"{attack}()")
        yield _entry(protocol, cell, "adv_error", ATTACKS[attack])


def _cells(protocol: Protocol, name: str) -> list[Cell]:
    names = protocol.choice("cells", name)
    role = DATASETS[name].role
    if role == "ood":
        return [Cell(name, against="imagenet" if name == "imagenet-o" else "cifar10")]
    if role == "perturbed":
        return [Cell(name, one, difficulty=1) for one in names]
    if names:
        return [Cell(name, one, severity) for one in names for severity in range(1, 6)]
    return [Cell(name)]


def _entry(protocol: Protocol, cell: Cell, metric: str, attack: dict[str, Any] | None) -> Entry:
    entry = DATASETS[cell.evalset]
    images = protocol.choice("images", cell.evalset)
    size = entry.size if entry.size else 2000
    n = images if isinstance(images, int) else size
    subset = {"rule": "all" if n == size else "all that are there", "n": n, "of": size}
    inputs: dict[str, Any] = {
        "set": cell.evalset,
        "preprocess": protocol.choice("preprocess", cell.evalset) or entry.preprocess,
        "mask": entry.mask,
        "corruption": cell.corruption or None,
        "severity": cell.severity or None,
        "source": _source(cell.evalset),
        "subset": subset,
        "attack": attack,
        "precision": "fp32",
        "network": {"mean": [0.5] * 3, "std": [0.5] * 3},
    }
    if cell.difficulty:
        inputs["difficulty"] = cell.difficulty
    if cell.against:
        whole = DATASETS[cell.against].size
        inside = {"rule": "all", "n": whole, "of": whole}
        masked = {"mask": entry.mask} if entry.mask else {}
        inputs["against"] = {
            "set": cell.against,
            "inputs_id": inputs_id(Passport({"set": cell.against}, {})),
            "subset": inside,
            "precision": "fp32",
            **masked,
        }
    return Entry(cell, metric, inputs, n, size)


def _source(name: str) -> dict[str, Any]:
    if name in DRAWN:
        return {"kind": "generated", "seed": 0, "version": 1, "in_per_out": 5}
    if name in NO_FILES:
        return {"kind": "regenerated", "seed": 0, "version": 1}
    return {"kind": "files" if name.startswith("imagenet") else "official"}
