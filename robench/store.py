"""One folder of results per checkpoint. Nothing in it is ever half-written, lost or doubled."""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError, RobenchError, RunError
from robench.files import (
    DAMAGE,
    drop_temporary,
    lock,
    read_json,
    room,
    write_arrays,
    write_atomic,
    write_json,
)
from robench.passport import fingerprint, inputs_id, passport_id
from robench.types import Cell, Outputs, Passport, Record

TIMINGS = "timings.jsonl"
PARTS = ".parts"  # suffix of folders of unfinished outputs
WRITTEN = (
    *("results.jsonl", "passports.json", "correct.npz", "flips.npz", "curves.json", TIMINGS),
    "checkpoint.json",
)


class Store:
    """``results.jsonl``, ``passports.json`` and ``outputs/`` of one checkpoint.

    Args:
        folder: Usually ``runs/<name>/eval``.

    Use it as a context manager to write: that takes the lock and repairs a torn last line.
    Reading needs neither.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / "results.jsonl"
        self._lock: io.TextIOWrapper | None = None
        self._known: set[tuple[Cell, str, int, str]] = set()
        self._passports: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        """Lock the folder for this process; errors as for `lock`."""
        self._lock = lock(self.folder)
        try:
            self._tidy()
            self._known = {record.key for record in self.records()}
            self._passports = self.passports()
        except RobenchError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def _tidy(self) -> None:
        """Drop what a killed process left: a last line without its end, temporary files."""
        drop_temporary(self.folder / "outputs")
        for path in (self.results, self.folder / TIMINGS):
            if path.exists():
                content = path.read_bytes()
                whole = content[: content.rfind(b"\n") + 1]
                if whole != content:
                    write_atomic(path, whole)

    def is_begun(self) -> bool:
        """Whether there are outputs, finished or not, or records."""
        patterns = ("[!.]*.npz", f"*{PARTS}/[!.]*.npz")
        kept = (path for one in patterns for path in (self.folder / "outputs").glob(one))
        return self.results.exists() or any(True for _ in kept)

    def clear(self) -> None:
        """Delete all results; nothing but what robench wrote is touched.

        ``checkpoint.json`` goes last: until then they cannot be taken for another checkpoint's.
        """
        for path in (self.folder / "outputs").glob("*.npz"):
            path.unlink()
        for path in (self.folder / "outputs").glob(f"*{PARTS}"):
            shutil.rmtree(path)
        for name in WRITTEN:
            (self.folder / name).unlink(missing_ok=True)
        self._known, self._passports = set(), {}

    def records(self) -> list[Record]:
        """All complete records, in the order of their writing.

        Raises:
            InputError: A line in the middle is damaged, or of another schema.
        """
        if not self.results.exists():
            return []
        content = self.results.read_bytes()
        lines = content[: content.rfind(b"\n") + 1].splitlines()
        return [self._record(number, line) for number, line in enumerate(lines, 1)]

    def _record(self, number: int, line: bytes) -> Record:
        """Parse one line."""
        try:
            return Record.from_dict(json.loads(line))
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{self.results}, line {number} is damaged: {error}.") from error

    def passports(self) -> dict[str, dict[str, Any]]:
        """Passports by id: inputs, conventions, provenance, inputs_id."""
        path = self.folder / "passports.json"
        stored = read_json(path) if path.exists() else {"passports": {}}
        inputs = stored.get("inputs", {})  # absent in stores that repeat them in every passport
        return {
            key: {
                "inputs": inputs.get(plain["inputs_id"], plain.get("inputs")),
                **plain,
                "provenance": stored["provenance"][plain["provenance"]],
            }
            for key, plain in stored["passports"].items()
        }

    def has(self, key: tuple[Cell, str, int, str]) -> bool:
        """Whether the number with this `Record.key` is written already."""
        return key in self._known

    def append(self, numbers: Iterable[tuple[Record, Passport]]) -> int:
        """Write the numbers that are not there yet, a line each; their passports go first.

        Returns:
            How many were new.

        Raises:
            RunError: The disk is full; the file ends with a whole line.
        """
        new = {record.key: (record, passport) for record, passport in numbers}
        new = {key: pair for key, pair in new.items() if key not in self._known}
        if not new:
            return 0
        self._register({record.passport_id: passport for record, passport in new.values()})
        lines = (json.dumps(record.to_dict(), allow_nan=False) for record, _ in new.values())
        _append(self.results, "".join(line + "\n" for line in lines).encode())
        self._known.update(new)
        return len(new)

    def note(self, plain: Mapping[str, Any]) -> None:
        """Add a line to ``timings.jsonl``; errors as for `append`."""
        _append(self.folder / TIMINGS, json.dumps(plain).encode() + b"\n")

    def _register(self, passports: Mapping[str, Passport]) -> None:
        """Keep passports; the first provenance seen with a number stays."""
        for key, passport in passports.items():
            if key != passport_id(passport):
                raise ValueError(f"record names passport {key}, got {passport_id(passport)}")
            self._passports.setdefault(
                key,
                {
                    "inputs": dict(passport.inputs),
                    "inputs_id": inputs_id(passport),
                    "conventions": dict(passport.conventions),
                    "provenance": dict(passport.provenance),
                },
            )
        shared = {fingerprint(p["provenance"]): p["provenance"] for p in self._passports.values()}
        inputs = {p["inputs_id"]: p["inputs"] for p in self._passports.values()}
        compact = {
            key: {
                "inputs_id": plain["inputs_id"],
                "conventions": plain["conventions"],
                "provenance": fingerprint(plain["provenance"]),
            }
            for key, plain in self._passports.items()
        }
        content = {"passports": compact, "inputs": inputs, "provenance": shared}
        write_json(self.folder / "passports.json", content, indent=None)

    def outputs_path(self, cell: Cell, key: str) -> Path:
        """Where the outputs of a cell lie; ``key`` is their `inputs_id`."""
        return self.folder / "outputs" / f"{cell.slug}.{key[:8]}.npz"

    def write_outputs(self, cell: Cell, passport: Passport, outputs: Outputs) -> None:
        """Store what a forward pass gave, with cell and passport inside; atomic."""
        meta = {
            "cell": cell.to_dict(),
            "inputs": dict(passport.inputs),
            "provenance": dict(passport.provenance),
        }
        described = np.array(json.dumps(meta, allow_nan=False))
        path = self.outputs_path(cell, inputs_id(passport))
        write_arrays(path, {"meta": described, **outputs.arrays()})

    def read_outputs(self, path: Path) -> tuple[Cell, Passport, Outputs]:
        """Read one stored cell; its passport has no conventions yet.

        Raises:
            InputError: Damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            cell, passport = _identity(arrays.pop("meta"))
            return cell, passport, Outputs(**arrays)
        except DAMAGE as error:
            raise _damaged(path, error) from error

    def read_identity(self, path: Path) -> tuple[Cell, Passport]:
        """What a stored cell is, without reading its arrays.

        Raises:
            InputError: Damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return _identity(stored["meta"])
        except DAMAGE as error:
            raise _damaged(path, error) from error

    def stored_paths(self, cell: Cell | None = None) -> list[Path]:
        """Files of all stored cells, or of one: once per `inputs_id`; in the order of their names.

        Names of unlike cells may begin alike: `read_identity` tells them apart.
        """
        pattern = "[!.]*.npz" if cell is None else f"{cell.slug}.????????.npz"
        return sorted((self.folder / "outputs").glob(pattern))


def _append(path: Path, lines: bytes) -> None:
    """Add whole lines to a file and flush them to disk."""
    before = path.stat().st_size if path.exists() else 0
    try:
        with path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            os.truncate(path, before)
        raise RunError(f"Cannot write {path}: {error.strerror or error}. {room(path)}") from error


def _identity(described: NDArray[Any]) -> tuple[Cell, Passport]:
    """Cell and passport from what is written beside the arrays."""
    meta: Mapping[str, Any] = json.loads(str(described))
    return Cell(**meta["cell"]), Passport(meta["inputs"], {}, meta["provenance"])


def _damaged(path: Path, error: Exception) -> InputError:
    """The one message for outputs that cannot be read."""
    return InputError(f"{path} is damaged: {error}. Delete it and run again.")


def store_folder(run: Path) -> Path:
    """The store that ``runs/<name>`` or its ``eval`` folder means.

    Raises:
        InputError: No such folder.
    """
    if not run.is_dir():
        raise InputError(f"{run} is not a folder. Expected a run, such as runs/demo/ipmix.")
    return run / "eval" if (run / "eval").is_dir() else run


def load_results(run: Path | str) -> list[Record]:
    """Every number of a run.

    Args:
        run: ``runs/<name>`` or its ``eval`` folder.

    Raises:
        InputError: No such folder, or a damaged file.
    """
    return Store(store_folder(Path(run))).records()
