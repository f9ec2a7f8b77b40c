"""One folder of results per checkpoint. Nothing in it is ever half-written, lost or doubled."""

import contextlib
import fcntl
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np

from robench.errors import InputError, RunError
from robench.passport import inputs_id, passport_id
from robench.types import Cell, Outputs, Passport, Record


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its folder, flush it to disk and rename it.

    Raises:
        RunError: The disk is full or not writable; what was there before is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise RunError(f"Cannot write {path}: {error.strerror or error}. {_room(path)}") from error


def write_json(path: Path, plain: object) -> None:
    """Write indented JSON atomically; NaN is refused."""
    text = json.dumps(plain, indent=1, sort_keys=True, allow_nan=False)
    write_atomic(path, text.encode() + b"\n")


def _room(path: Path) -> str:
    """How much space is left where ``path`` would be, in words."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        return "Choose another folder with --out."
    return f"{free / 1e6:.0f} MB are free there; make room or choose another folder with --out."


def read_json(path: Path) -> Any:  # noqa: ANN401  JSON is what it is
    """Read JSON.

    Raises:
        InputError: Absent or damaged.
    """
    try:
        return json.loads(path.read_text())
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}. Delete it and run again.") from error


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
        """Lock the folder for this process.

        Raises:
            InputError: Another process is writing here.
            RunError: The folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / ".lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"Another process is writing to {self.folder}. Wait for it, or use another --out."
            ) from error
        except OSError as error:
            raise RunError(f"Cannot open {self.folder}: {error.strerror or error}.") from error
        self._tidy()
        self._known = {record.key for record in self.records()}
        self._passports = self.passports()
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def _tidy(self) -> None:
        """Drop what a killed process left: a last line without its end, temporary files."""
        for folder in (self.folder, self.folder / "outputs"):
            for path in folder.glob(".*.tmp"):
                path.unlink(missing_ok=True)
        if self.results.exists():
            content = self.results.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if whole != content:
                write_atomic(self.results, whole)

    def clear(self, names: Iterable[str]) -> None:
        """Delete these files and all stored outputs; only what robench wrote."""
        for path in [self.folder / name for name in names]:
            path.unlink(missing_ok=True)
        for path in (self.folder / "outputs").glob("*.npz"):
            path.unlink()
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
        return dict(read_json(path)) if path.exists() else {}

    def has(self, key: tuple[Cell, str, int, str]) -> bool:
        """Whether the number with this `Record.key` is written already."""
        return key in self._known

    def append(self, record: Record, passport: Passport) -> bool:
        """Write one number, unless it is there; its passport goes first.

        Returns:
            Whether it was new.

        Raises:
            RunError: The disk is full; the file ends with a whole line.
        """
        if record.key in self._known:
            return False
        self._register(record.passport_id, passport)
        line = json.dumps(record.to_dict(), allow_nan=False).encode() + b"\n"
        before = self.results.stat().st_size if self.results.exists() else 0
        try:
            with self.results.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                os.truncate(self.results, before)
            raise RunError(
                f"Cannot write {self.results}: {error.strerror or error}. {_room(self.results)}"
            ) from error
        self._known.add(record.key)
        return True

    def _register(self, key: str, passport: Passport) -> None:
        """Keep the passport of a number; the first provenance seen stays."""
        if key != passport_id(passport):
            raise ValueError(
                f"record names passport {key}, its passport is {passport_id(passport)}"
            )
        if key not in self._passports:
            plain = {
                "inputs": dict(passport.inputs),
                "inputs_id": inputs_id(passport),
                "conventions": dict(passport.conventions),
                "provenance": dict(passport.provenance),
            }
            self._passports[key] = plain
            write_json(self.folder / "passports.json", self._passports)

    def outputs_path(self, cell: Cell, key: str) -> Path:
        """Where the outputs of a cell lie; ``key`` is their `inputs_id`."""
        return self.folder / "outputs" / f"{cell.slug}.{key[:8]}.npz"

    def has_outputs(self, cell: Cell, key: str) -> bool:
        """Whether the cell was measured with these inputs."""
        return self.outputs_path(cell, key).exists()

    def write_outputs(self, cell: Cell, passport: Passport, outputs: Outputs) -> None:
        """Store what a forward pass gave, with cell and passport inside; atomic."""
        meta = {
            "cell": cell.to_dict(),
            "inputs": dict(passport.inputs),
            "provenance": dict(passport.provenance),
        }
        buffer = io.BytesIO()
        np.savez(buffer, meta=np.array(json.dumps(meta, allow_nan=False)), **outputs.arrays())
        write_atomic(self.outputs_path(cell, inputs_id(passport)), buffer.getvalue())

    def read_outputs(self, path: Path) -> tuple[Cell, Passport, Outputs]:
        """Read one stored cell; its passport has no conventions yet.

        Raises:
            InputError: Damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            meta: Mapping[str, Any] = json.loads(str(arrays.pop("meta")))
            passport = Passport(meta["inputs"], {}, meta["provenance"])
            return Cell(**meta["cell"]), passport, Outputs(**arrays)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise InputError(f"{path} is damaged: {error}. Delete it and run again.") from error

    def outputs_of(self, cell: Cell) -> Iterator[tuple[Passport, Outputs]]:
        """What is stored of one cell: once per `inputs_id`."""
        for path in sorted((self.folder / "outputs").glob(f"{cell.slug}.????????.npz")):
            stored, passport, outputs = self.read_outputs(path)
            if stored == cell:
                yield passport, outputs

    def all_outputs(self) -> Iterator[tuple[Cell, Passport, Outputs]]:
        """Every stored cell, in the order of the file names."""
        for path in sorted((self.folder / "outputs").glob("[!.]*.npz")):
            yield self.read_outputs(path)
