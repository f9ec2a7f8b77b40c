"""Every number is computed here, from stored outputs, in the first run as in any later one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from robench.errors import InputError, RunError
from robench.evaluate.summary import Summary
from robench.files import read_json
from robench.metrics import METRICS
from robench.metrics.derive import Derived, NotKeptError, derive
from robench.metrics.score import score_arrays
from robench.passport import inputs_id, passport_id
from robench.store import Store, store_folder
from robench.suites import METRICS as MEASURED
from robench.types import Cell, Metric, Outputs, Passport, Record

ALONE = "{} anomaly cells: the clean set that they are compared with is not stored"
NO_PARTNER = "{} anomaly cells: no clean image is of their classes; take a larger --limit"
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
        skipped: How many cells lack a number, by the reason (with a place for the count).
    """

    store: Store
    checkpoint: str
    model: dict[str, Any]
    summary: Summary
    skipped: Counter[str] = field(default_factory=Counter)
    _inside: dict[str, Outputs | None] = field(default_factory=dict)

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
        wanted = self._wanted(cell, passport)
        if not wanted and self.summary.holds(path.stem, cell):
            return 0
        outputs = self.store.read_outputs(path)[2]
        self.summary.add(path.stem, cell, outputs)
        return self._score(cell, wanted, outputs) if wanted else 0

    def left_out(self) -> list[str]:
        """What was not computed, in words."""
        return [reason.format(count) for reason, count in self.skipped.items()]

    def _score(self, cell: Cell, wanted: Sequence[Wanted], outputs: Outputs) -> int:
        """Compute numbers of a cell and write them; returns how many there were."""
        partner = None
        if kind_of(cell) == "ood":
            partner = self._partner(wanted[0][1])
            if partner is None:
                self.skipped[NO_PARTNER] += 1
                return 0
        arrays = derive(outputs, partner)
        numbers = []
        for metric, passport in wanted:
            found = self._number(cell, metric, arrays, outputs)
            if found is not None:
                numbers.append((self._record(cell, metric, passport, outputs, found), passport))
        return self.store.append(numbers)

    def _number(
        self, cell: Cell, metric: Metric, arrays: Derived, outputs: Outputs
    ) -> tuple[float, float | None] | None:
        """Value and standard error; None, with the reason noted, where it cannot be had.

        Raises:
            RunError: Outputs that a metric cannot be computed from.
        """
        if outputs.classes is not None and outputs.classes < metric.classes:
            self.skipped[f"{metric.name}: {{}} cells have fewer than {metric.classes} classes"] += 1
            return None
        try:
            return score_arrays(metric, arrays)
        except NotKeptError:
            self.skipped[f"{metric.name}: {{}} cells keep summaries of their logits only"] += 1
            return None
        except ValueError as error:
            raise RunError(f"{metric.name} of {cell.slug}: {error}.") from error

    def _wanted(self, cell: Cell, passport: Passport) -> list[Wanted]:
        """The numbers of a cell that are not there yet."""
        kind = kind_of(cell)
        inside = self._partner_id(passport) if kind == "ood" else ""
        if inside is None:
            self.skipped[ALONE] += 1
            return []
        images = passport.inputs["subset"]["n"]
        found = []
        for name in MEASURED[kind]:
            metric = METRICS[name]
            if images < metric.minimum:
                self.skipped[f"{name}: {{}} cells have fewer than {metric.minimum} images"] += 1
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
        against = passport.inputs["against"]
        key: str = against.get("inputs_id", "")
        path = self.store.outputs_path(Cell(against["set"]), key)
        if not path.exists() or inputs_id(self.store.read_identity(path)[1]) != key:
            return None
        return key

    def _partner(self, passport: Passport) -> Outputs | None:
        """These outputs; of a set with a class mask, the images of its classes, if there are any.

        Raises:
            InputError: The file is damaged.
        """
        against = passport.inputs["against"]
        key, mask = against["inputs_id"], against.get("mask")
        name = f"{key}/{mask}"
        if name not in self._inside:
            path = self.store.outputs_path(Cell(against["set"]), key)
            outputs = self.store.read_outputs(path)[2]
            self._inside[name] = _masked(outputs, mask) if mask else outputs
        return self._inside[name]

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


def _masked(outputs: Outputs, mask: str) -> Outputs | None:
    """The images of a clean set that are of the classes of a mask, and their logits.

    Returns:
        None if there are no such images.
    """
    from robench.datasets.class_lists import class_mask  # noqa: PLC0415  only sets with a mask

    chosen = class_mask(mask)
    rows = np.isin(outputs.labels, list(chosen.position))
    if not rows.any() or outputs.logits is None:
        return None
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
        InputError: No evaluation there, or none of its outputs.
    """
    store = Store(store_folder(folder))
    if store.results.exists() and not store.stored_paths():
        raise InputError(
            f"{store.folder} holds numbers, but no outputs/ to compute more from: robench eval "
            "makes them. Nothing was changed."
        )
    with store:
        scorer = Scorer.of(store)
        new = sum(scorer.score_file(path) for path in store.stored_paths())
        scorer.summary.write()
        return new, scorer.left_out()
