"""What one run has left behind, read once and never written."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.config import read_yaml
from robench.errors import InputError
from robench.files import read_json
from robench.store import Store, store_folder
from robench.types import Cell, Record

Bits = NDArray[np.bool_]
_PASS = ("preprocess", "mask", "subset", "against", "precision")  # one `robench eval` shares these


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
        passports: By id, as in ``passports.json``.
        correct: (N,) bool by ``<cell slug>.<inputs_id>``: right, or not fooled.
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
    passports: Mapping[str, Mapping[str, Any]]
    correct: Mapping[str, Bits]
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

    def curve(self, record: Record) -> Mapping[str, Any] | None:
        """Reliability of this record's cell, if that was kept."""
        return self.reliability.get(self._name(record))

    def floor_of(self, record: Record) -> Mapping[str, float]:
        """Noise floors of this record's cell, by metric; empty if they were not kept."""
        return self.floor.get(self._name(record), {})

    def _name(self, record: Record) -> str:
        """Stem of the file that the cell's outputs were stored in."""
        return f"{record.cell.slug}.{str(self.passport(record)['inputs_id'])[:8]}"


def load_runs(folders: Iterable[Path]) -> list[RunResults]:
    """Read runs; those of equal title get their folder's name added.

    Raises:
        InputError: No run was given, or one of them cannot be read.
    """
    runs = [load_run(folder) for folder in folders]
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


def load_run(folder: Path) -> RunResults:
    """Read ``runs/<name>`` (or its ``eval`` folder).

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
    shown = _shown(records, passports)
    curves = _json(store.folder / "curves.json")
    return RunResults(
        folder=home,
        title=_title(records[-1].model, home),
        checkpoint={"sha256": records[-1].checkpoint, **_json(sidecar)},
        model=records[-1].model,
        numbers=shown,
        hidden=len(records) - len(shown),
        passports=passports,
        correct=_read_bits(store.folder / "correct.npz"),
        reliability=curves.get("reliability", {}),
        floor=curves.get("floor", {}),
        config=read_yaml(home / "config.yaml") if (home / "config.yaml").exists() else {},
        env=_json(home / "env.json"),
        log=_read_log(home / "log.jsonl"),
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
    if model.get("aug") and model.get("arch"):
        return f"{model['aug']} {model['arch']}"
    return home.resolve().name or "run"


def _json(path: Path) -> dict[str, Any]:
    """An object, empty where there is no file."""
    return dict(read_json(path)) if path.exists() else {}


def _shown(
    records: list[Record], passports: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[Cell, str], Record]:
    """Choose one record for each cell and metric.

    A store may hold several passes (a trial with ``--limit`` and the whole set). A mean over cells
    must not mix them, so per kind of cell and metric the pass of most cells is shown, then of the
    newest metric version, then of most images, then the latest.
    """
    passes: dict[tuple[Any, ...], dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        cell = record.cell
        inputs = passports.get(record.passport_id, {}).get("inputs", {})
        shared = json.dumps([record.version, *(inputs.get(key) for key in _PASS)], sort_keys=True)
        evalset = "" if cell.against else cell.evalset  # anomaly sets go into one mean
        family = (evalset, bool(cell.corruption), cell.attack, cell.against, record.metric)
        passes[family][shared].append(record)
    shown = {}
    for rivals in passes.values():
        best = max(rivals.values(), key=_completeness)
        shown.update({(record.cell, record.metric): record for record in best})
    return shown


def _completeness(records: list[Record]) -> tuple[int, int, int, str]:
    """How much a pass has measured."""
    last = records[-1]
    return len({record.cell for record in records}), last.version, last.n, last.time


def _read_bits(path: Path) -> dict[str, Bits]:
    """Unpack ``correct.npz``; absent files give nothing.

    Raises:
        InputError: Damaged.
    """
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return {
            name: np.unpackbits(packed, count=int(arrays[f"n-{name}"])).astype(np.bool_)
            for name, packed in arrays.items()
            if f"n-{name}" in arrays
        }
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise InputError(
            f"{path} is damaged: {error}. Make it again: robench score {path.parent}"
        ) from error


def _read_log(path: Path) -> tuple[Mapping[str, Any], ...]:
    """One dict per epoch; a torn last line is left out.

    Raises:
        InputError: A damaged line.
    """
    if not path.exists():
        return ()
    lines = path.read_text().splitlines(keepends=True)
    try:
        return tuple(json.loads(line) for line in lines if line.endswith("\n"))
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}.") from error
