"""Every number is computed here, from stored outputs, in the first run as in any later one."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from robench.errors import InputError, RunError
from robench.evaluate.summary import Summary
from robench.files import read_json
from robench.metrics import METRICS
from robench.metrics.derive import derive
from robench.metrics.score import score_arrays
from robench.passport import inputs_id, passport_id
from robench.store import Store, store_folder
from robench.suites import METRICS as MEASURED
from robench.types import Cell, Metric, Outputs, Passport, Record

Inside = tuple[str, Outputs]  # the in-distribution outputs of an anomaly cell, after their id
Wanted = tuple[Metric, Passport]  # a number that is not there yet, and what it would be


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
        summary: The small files beside the records.
        alone: How many anomaly cells had no in-distribution outputs to be compared with.
        skipped: How many cells had too few images or classes for a metric, by its name.
    """

    store: Store
    checkpoint: str
    model: dict[str, Any]
    summary: Summary
    alone: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    _inside: dict[str, Inside] = field(default_factory=dict)

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
        return cls(store, plain["sha256"], plain["model"], Summary(store))

    def score_file(self, path: Path) -> int:
        """Write the numbers of a stored cell that are not there yet; returns how many were new.

        Its arrays are read only if there are such.

        Raises:
            InputError: The file is damaged.
            RunError: Outputs that a metric cannot be computed from.
        """
        cell, passport = self.store.read_identity(path)
        if not self._wanted(cell, passport) and self.summary.holds(path.stem, cell):
            return 0
        return self.score(*self.store.read_outputs(path))

    def score(self, cell: Cell, passport: Passport, outputs: Outputs) -> int:
        """`score_file` for outputs that were read already."""
        self.summary.add(self.store.outputs_path(cell, inputs_id(passport)).stem, cell, outputs)
        wanted = self._wanted(cell, passport, count=True)
        if not wanted:
            return 0
        partner = self._partner(passport) if kind_of(cell) == "ood" else None
        arrays = derive(outputs, partner[1] if partner else None)
        numbers = []
        for metric, complete in wanted:
            if outputs.classes is not None and outputs.classes < metric.classes:
                self.skipped[metric.name] += 1
                continue
            try:
                value, stderr = score_arrays(metric, arrays)
            except ValueError as error:
                raise RunError(f"{metric.name} of {cell.slug}: {error}.") from error
            numbers.append(
                (self._record(cell, metric, complete, outputs, (value, stderr)), complete)
            )
        return self.store.append(numbers)

    def left_out(self) -> list[str]:
        """What was not computed, in words."""
        alone = f"{self.alone} anomaly cells: the clean set was not measured on as many images"
        return [alone] * bool(self.alone) + [
            f"{name}: {count} cells have fewer than {_least(METRICS[name])}"
            for name, count in self.skipped.items()
        ]

    def _wanted(self, cell: Cell, passport: Passport, *, count: bool = False) -> list[Wanted]:
        """The numbers of a cell that are not there yet; ``count`` keeps account of the others."""
        kind = kind_of(cell)
        inside = self._partner_id(passport) if kind == "ood" else ""
        if inside is None:
            self.alone += count
            return []
        images = passport.inputs["subset"]["n"]
        found = []
        for name in MEASURED[kind]:
            metric = METRICS[name]
            if images < metric.minimum:
                self.skipped[name] += count
                continue
            conventions = {"metric": name, "version": metric.version, **metric.conventions}
            if inside:
                conventions["inside"] = inside
            complete = Passport(passport.inputs, conventions, passport.provenance)
            if not self.store.has((cell, name, metric.version, passport_id(complete))):
                found.append((metric, complete))
        return found

    def _partner_id(self, passport: Passport) -> str | None:
        """The id of the in-distribution outputs that an anomaly cell is compared with."""
        found = self._partner_path(passport)
        return inputs_id(found[1]) if found else None

    def _partner_path(self, passport: Passport) -> tuple[Path, Passport] | None:
        """Where they lie."""
        against = passport.inputs["against"]
        wanted = Cell(against["set"])
        for path in self.store.stored_paths(wanted):
            cell, other = self.store.read_identity(path)
            alike = all(other.inputs[key] == against[key] for key in ("subset", "precision"))
            if cell == wanted and alike:
                return path, other
        return None

    def _partner(self, passport: Passport) -> Inside | None:
        """The in-distribution outputs; of a set with a class mask, its classes alone."""
        found = self._partner_path(passport)
        if found is None:
            return None
        path, other = found
        mask = passport.inputs["against"].get("mask")
        key = f"{inputs_id(other)}/{mask}"
        if key not in self._inside:
            outputs = self.store.read_outputs(path)[2]
            self._inside[key] = inputs_id(other), _masked(outputs, mask) if mask else outputs
        return self._inside[key]

    def _record(
        self,
        cell: Cell,
        metric: Metric,
        passport: Passport,
        outputs: Outputs,
        number: tuple[float, float | None],
    ) -> Record:
        """One number."""
        value, stderr = number
        return Record(
            checkpoint=self.checkpoint,
            model=self.model,
            cell=cell,
            metric=metric.name,
            version=metric.version,
            value=value,
            stderr=stderr,
            n=outputs.size,
            n_expected=passport.inputs["subset"]["of"],
            passport_id=passport_id(passport),
            time=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def _least(metric: Metric) -> str:
    """What a metric needs, in words."""
    if metric.minimum > 1:
        return f"{metric.minimum} images"
    return f"{metric.classes} classes"


def _masked(outputs: Outputs, mask: str) -> Outputs:
    """The images of a clean set that are of the classes of a mask, and their logits.

    Raises:
        RunError: There are none, or the clean set's logits are not those of 1000 classes.
    """
    from robench.datasets.class_lists import class_mask  # noqa: PLC0415  only sets with a mask

    chosen = class_mask(mask)
    rows = np.isin(outputs.labels, list(chosen.position))
    if not rows.any() or outputs.logits is None:
        raise RunError(
            f"Anomalies of {mask}: none of the {len(rows)} clean images is of its classes. Measure "
            "more of them: a larger --limit."
        )
    labels = np.array([chosen.position[label] for label in outputs.labels[rows].tolist()])
    logits = chosen.apply(outputs.logits[rows])
    return replace(outputs, indices=outputs.indices[rows], labels=labels, logits=logits)


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
    with store:
        scorer = Scorer.of(store)
        new = sum(scorer.score_file(path) for path in store.stored_paths())
        scorer.summary.write()
        return new, scorer.left_out()
