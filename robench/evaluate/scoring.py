"""Every number is computed here, from stored outputs, in the first run as in any later one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from robench.errors import InputError, RunError
from robench.files import read_json, write_arrays, write_json
from robench.metrics import METRICS
from robench.metrics.curves import noise_floor, reliability
from robench.metrics.derive import derive
from robench.metrics.score import score
from robench.passport import inputs_id, passport_id
from robench.store import Store, store_folder
from robench.suites import METRICS as MEASURED
from robench.types import Cell, Metric, Outputs, Passport, Record


def kind_of(cell: Cell) -> str:
    """Which metrics a cell gets."""
    if cell.attack:
        return "attack"
    if cell.difficulty:
        return "perturbed"
    if cell.against:
        return "ood"
    return "corrupted" if cell.corruption else "clean"


@dataclass
class Scorer:
    """Turns stored outputs into records.

    Attributes:
        store: Open for writing.
        checkpoint: sha256 of the checkpoint.
        model: What a record says of it.
        alone: How many anomaly cells had no in-distribution outputs to be compared with.
        skipped: How many cells had too few images for a metric, by its name.
    """

    store: Store
    checkpoint: str
    model: dict[str, Any]
    alone: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, store: Store) -> "Scorer":
        """For a store that was begun by `robench eval`.

        Raises:
            InputError: It was not.
        """
        path = store.folder / "checkpoint.json"
        if not path.exists():
            raise InputError(f"{store.folder} holds no evaluation. Run robench eval first.")
        plain = read_json(path)
        return cls(store, plain["sha256"], plain["model"])

    def score(self, cell: Cell, passport: Passport, outputs: Outputs) -> int:
        """Write the numbers of one cell that are not there yet; returns how many were new."""
        kind = kind_of(cell)
        inside = self._inside(passport) if kind == "ood" else None
        if kind == "ood" and inside is None:
            self.alone += 1
            return 0
        numbers = []
        for name in MEASURED[kind]:
            if outputs.size < METRICS[name].minimum:
                self.skipped[name] += 1
            else:
                numbers += self._one(METRICS[name], cell, passport, outputs, inside)
        return self.store.append(numbers)

    def left_out(self) -> list[str]:
        """What was not computed, in words."""
        alone = f"{self.alone} anomaly cells: the clean set was not measured on as many images"
        return [alone] * bool(self.alone) + [
            f"{name}: {count} cells have fewer than {METRICS[name].minimum} images"
            for name, count in self.skipped.items()
        ]

    def _inside(self, passport: Passport) -> tuple[str, Outputs] | None:
        """The in-distribution outputs that an anomaly cell is compared with, and their id."""
        against = passport.inputs["against"]
        for other, outputs in self.store.outputs_of(Cell(against["set"])):
            if all(other.inputs[key] == against[key] for key in ("subset", "precision")):
                return inputs_id(other), outputs
        return None

    def _one(
        self,
        metric: Metric,
        cell: Cell,
        passport: Passport,
        outputs: Outputs,
        inside: tuple[str, Outputs] | None,
    ) -> list[tuple[Record, Passport]]:
        """One number with its passport; nothing if it is stored already."""
        conventions = {"metric": metric.name, "version": metric.version, **metric.conventions}
        if inside:
            conventions["inside"] = inside[0]
        complete = Passport(passport.inputs, conventions, passport.provenance)
        key = passport_id(complete)
        if self.store.has((cell, metric.name, metric.version, key)):
            return []
        try:
            value, stderr = score(metric, outputs, inside[1] if inside else None)
        except ValueError as error:
            raise RunError(f"{metric.name} of {cell.slug}: {error}.") from error
        record = Record(
            checkpoint=self.checkpoint,
            model=self.model,
            cell=cell,
            metric=metric.name,
            version=metric.version,
            value=value,
            stderr=stderr,
            n=outputs.size,
            n_expected=passport.inputs["subset"]["of"],
            passport_id=key,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return [(record, complete)]


def rescore(folder: Path) -> tuple[int, list[str]]:
    """Compute every number that is not there from what was stored; needs neither model nor torch.

    Args:
        folder: ``runs/<name>`` or its ``eval`` folder.

    Returns:
        How many numbers were new, and what was left out, in words.

    Raises:
        InputError: No evaluation there.
    """
    store = Store(store_folder(folder))
    scorer = Scorer.of(store)
    with store:
        new = sum(scorer.score(*stored) for stored in store.all_outputs())
        summarise(store)
        return new, scorer.left_out()


def summarise(store: Store) -> None:
    """Write what a page needs beside the records.

    ``correct.npz`` is bit-packed, for paired tests; ``curves.json`` holds reliability and the noise
    floor of the calibration errors on clean images.
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    curves: dict[str, Any] = {}
    floors: dict[str, dict[str, float]] = {}
    for name, cell, outputs in _named(store):
        if cell.against or cell.difficulty:
            continue
        derived = derive(outputs)  # lazy: an attack has no logits to derive from
        right = ~outputs.fooled if outputs.fooled is not None else derived["correct"] > 0
        arrays[name] = np.packbits(right)
        arrays[f"n-{name}"] = np.array(len(right))
        if kind_of(cell) == "clean":
            curves[name] = reliability(derived["confidence"], derived["correct"])
            floors[name] = noise_floor(derived["confidence"])
    write_arrays(store.folder / "correct.npz", arrays)
    write_json(store.folder / "curves.json", {"reliability": curves, "floor": floors})


def _named(store: Store) -> Iterator[tuple[str, Cell, Outputs]]:
    """Stored cells under the name of their file, ``<cell>.<first digits of inputs_id>``."""
    for cell, passport, outputs in store.all_outputs():
        yield store.outputs_path(cell, inputs_id(passport)).stem, cell, outputs
