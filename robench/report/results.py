"""What one run has left behind, read once and never written."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from robench.config import read_yaml
from robench.errors import InputError
from robench.files import read_json
from robench.protocols import STRICT, Protocol
from robench.report.passes import nearness, shown_records
from robench.report.sidecars import Bits, read_bits, read_flips, read_log
from robench.store import Store, store_folder
from robench.types import Cell, Floats, Record


@dataclass(frozen=True)
class RunResults:
    """One evaluated checkpoint.

    Attributes:
        folder: ``runs/<name>``, or the store itself where there is no run around it.
        title: Method and architecture, or the folder's name.
        checkpoint: ``checkpoint.json``: sha256, file, suites; empty for a store without it.
        model: arch, aug, data, seed, epochs, ... as far as known.
        numbers: The one record of each cell and metric that is shown.
        hidden: How many records are not shown because another pass measured more.
        foreign: Sets of which there is a pass of another protocol only, which is shown.
        passports: By id, as in ``passports.json``.
        correct: (N,) bool by ``<cell slug>.<inputs_id>``: right, or not fooled.
        flips: (V,) share of the compared frames of each sequence whose prediction flipped, by the
            same names.
        reliability: Curves by the same names.
        floor: Calibration errors of a perfectly calibrated network, by the same names.
        config: ``config.yaml`` of the training, or empty.
        env: ``env.json``, or empty.
        log: One dict per epoch, or empty.
    """

    folder: Path
    title: str
    checkpoint: Mapping[str, Any]
    model: Mapping[str, Any]
    numbers: Mapping[tuple[Cell, str], Record]
    hidden: int
    foreign: tuple[str, ...]
    passports: Mapping[str, Mapping[str, Any]]
    correct: Mapping[str, Bits]
    flips: Mapping[str, Floats]
    reliability: Mapping[str, Mapping[str, Any]]
    floor: Mapping[str, Mapping[str, float]]
    config: Mapping[str, Any]
    env: Mapping[str, Any]
    log: tuple[Mapping[str, Any], ...]

    def passport(self, record: Record) -> Mapping[str, Any]:
        """The passport of a number; empty parts where the store has lost it."""
        lost: dict[str, Any] = {"inputs": {}, "conventions": {}, "provenance": {}, "inputs_id": ""}
        return self.passports.get(record.passport_id, lost)

    def bits(self, record: Record) -> Bits | None:
        """Which images of this record's cell were right, (N,), if that was kept."""
        found = self.correct.get(self._name(record))
        return found if found is not None and len(found) == record.n else None

    def losses(self, record: Record) -> Floats | None:
        """(N,) what each image or sequence adds to an error or a flip rate, if that was kept."""
        if record.metric == "flip_rate":
            found = self.flips.get(self._name(record))
            return found if found is not None and len(found) == record.n else None
        bits = self.bits(record) if record.metric in ("error", "adv_error") else None
        return None if bits is None else 1.0 - bits.astype(np.float64)

    def curve(self, record: Record) -> Mapping[str, Any] | None:
        """Reliability of this record's cell, if that was kept."""
        return self.reliability.get(self._name(record))

    def floor_of(self, record: Record) -> Mapping[str, float]:
        """Noise floors of this record's cell, by metric; empty if they were not kept."""
        return self.floor.get(self._name(record), {})

    def _name(self, record: Record) -> str:
        """Stem of the file that the cell's outputs were stored in."""
        return f"{record.cell.slug}.{str(self.passport(record)['inputs_id'])[:8]}"


def load_runs(
    folders: Iterable[Path], protocol: Protocol = STRICT, *, alone: bool = False
) -> list[RunResults]:
    """Read runs; those of equal title get their folder's name added.

    Args:
        folders: As for `load_run`.
        protocol: Which of several passes over a set is shown.
        alone: Whether passes that are another protocol's are left out.

    Raises:
        InputError: No run was given, or one of them cannot be read.
    """
    runs = [load_run(folder, protocol, alone=alone) for folder in folders]
    if not runs:
        raise InputError("Expected at least one run folder, got none. Example: runs/demo/ipmix")
    titles = Counter(run.title for run in runs)
    named = [
        run if titles[run.title] == 1 else replace(run, title=f"{run.title} ({run.folder.name})")
        for run in runs
    ]
    seen: Counter[str] = Counter()
    unique = []
    for run in named:
        seen[run.title] += 1
        number = seen[run.title]
        unique.append(run if number == 1 else replace(run, title=f"{run.title} #{number}"))
    return unique


def load_run(folder: Path, protocol: Protocol = STRICT, *, alone: bool = False) -> RunResults:
    """Read ``runs/<name>`` (or its ``eval`` folder).

    Args:
        folder: The run.
        protocol: Which of several passes over a set is shown.
        alone: Whether passes that are another protocol's are left out.

    Raises:
        InputError: No such folder, no results in it yet, or a damaged file.
    """
    store = Store(store_folder(folder))
    records = store.records()
    if not records:
        raise InputError(_no_results(folder))
    home = store.folder.parent if store.folder.name == "eval" else store.folder
    sidecar = store.folder / "checkpoint.json"
    passports = store.passports()
    _check(store, records, passports)
    shown = shown_records(records, passports, protocol, alone=alone)
    curves = _json(store.folder / "curves.json")
    return RunResults(
        folder=home,
        title=_title(records[-1].model, home),
        checkpoint={"sha256": records[-1].checkpoint, **_json(sidecar)},
        model=records[-1].model,
        numbers=shown,
        hidden=len(records) - len(shown),
        foreign=tuple(dict.fromkeys(_foreign(shown.values(), passports, protocol))),
        passports=passports,
        correct=read_bits(store.folder / "correct.npz"),
        flips=read_flips(store.folder / "flips.npz"),
        reliability=curves.get("reliability", {}),
        floor=curves.get("floor", {}),
        config=read_yaml(home / "config.yaml") if (home / "config.yaml").exists() else {},
        env=_json(home / "env.json"),
        log=read_log(home / "log.jsonl"),
    )


def _foreign(
    records: Iterable[Record], passports: Mapping[str, Mapping[str, Any]], protocol: Protocol
) -> Iterator[str]:
    """Sets that were prepared as another protocol has them."""
    for record in records:
        if not record.cell.attack and nearness([record], passports, protocol) < 0:
            yield record.cell.evalset


def _check(store: Store, records: Iterable[Record], passports: Mapping[str, Any]) -> None:
    """See that every number is one and has its passport: files can be edited, or lost.

    Raises:
        InputError: One is not; the message names its cell.
    """
    for record in records:
        errors = () if record.stderr is None else (record.stderr,)
        for value in (record.value, *errors, record.n):
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise InputError(
                    f"{store.results}: {record.metric} of {record.cell.slug} has {value!r} where a "
                    f"number belongs. robench lint {store.folder} tells what else is wrong."
                )
        if not passports.get(record.passport_id, {}).get("inputs"):
            raise InputError(
                f"{store.folder / 'passports.json'} lacks the passport of {record.metric} of "
                f"{record.cell.slug}, and a number without one is not shown. Copy the file from "
                f"where the run was made, or measure again with robench eval --fresh."
            )


def _no_results(folder: Path) -> str:
    """What mends a run without results."""
    home = folder.parent if folder.name == "eval" else folder
    if (home / "last.pt").exists():
        way = f"robench eval {home / 'last.pt'} --suite SUITE"
    else:
        way = f"robench eval CKPT --suite SUITE --out {home}"
    return f"{folder} holds no results yet. Make them: {way} (robench ls suites lists suites)."


def _title(model: Mapping[str, Any], home: Path) -> str:
    """What a table calls the run."""
    named = model.get("aug") and model.get("arch")
    title = f"{model['aug']} {model['arch']}" if named else home.resolve().name
    return "".join(sign for sign in title if sign.isprintable()) or "run"


def _json(path: Path) -> dict[str, Any]:
    """An object, empty where there is no file."""
    return dict(read_json(path)) if path.exists() else {}
