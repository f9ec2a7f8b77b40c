"""Finished blocks of a cell on their way to one file: a killed run loses seconds, not a cell."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.errors import RunError
from robench.files import DAMAGE, write_arrays
from robench.store import PARTS

Arrays = Mapping[str, NDArray[Any]]


@dataclass
class Parts:
    """The finished blocks of a cell.

    Attributes:
        path: Where the outputs of the cell will be; the parts lie in a folder beside it.
        conditions: What equal bits need: checkpoint, block size, threads, device, libraries. Parts
            made under others are not used.
        pending: Blocks that are not on disk yet, by their number.
    """

    path: Path
    conditions: Mapping[str, Any]
    pending: dict[int, Arrays] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the parts lie."""
        return self.path.with_suffix(PARTS)

    def done(self) -> set[int]:
        """Numbers of the blocks on disk that can be used."""
        return {block for path in self._files() for block in self._blocks(path)}

    def add(self, block: int, arrays: Arrays) -> None:
        """Take up a finished block."""
        self.pending[block] = arrays

    def flush(self) -> None:
        """Write what is pending into one file, atomically.

        Raises:
            RunError: The disk is full.
        """
        if not self.pending:
            return
        blocks = sorted(self.pending)
        names = list(self.pending[blocks[0]])
        arrays = {
            f"{block}/{name}": self.pending[block][name] for block in blocks for name in names
        }
        meta = np.array(json.dumps({"blocks": blocks, "conditions": dict(self.conditions)}))
        write_arrays(self.folder / f"{blocks[0]:08d}-{os.getpid()}.npz", {"meta": meta, **arrays})
        self.pending = {}

    def merged(self, rows: Sequence[int]) -> dict[str, NDArray[Any]]:
        """All blocks in order, one array per name; no more than one file of them is held beside it.

        Args:
            rows: Of each block, by its number.

        Raises:
            RunError: A block is missing, or has other rows than it should.
        """
        stops = np.cumsum(rows)
        merged: dict[str, NDArray[Any]] = {}
        seen: set[tuple[int, str]] = set()
        for block, name, array in self._all():
            start, stop = int(stops[block]) - rows[block], int(stops[block])
            if name not in merged:
                merged[name] = np.empty((int(stops[-1]), *array.shape[1:]), array.dtype)
            target = merged[name][start:stop]
            if array.shape != target.shape or array.dtype != target.dtype:
                raise RunError(
                    f"{self.folder}: block {block} has {name} of {array.shape} {array.dtype}, "
                    f"expected {target.shape} {target.dtype}. Delete that folder and run again."
                )
            target[...] = array
            seen.add((block, name))
        missing = [
            block
            for block in range(len(rows))
            if not merged or any((block, name) not in seen for name in merged)
        ]
        if missing:
            raise RunError(
                f"{self.folder}: {len(missing)} of {len(rows)} blocks are missing, the first is "
                f"{missing[0]}. Run the same command again."
            )
        return merged

    def discard(self) -> None:
        """Delete the parts, once the outputs are in their file."""
        self.pending = {}
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_unlike(self) -> int:
        """Delete parts made under other conditions, or damaged; returns how many there were."""
        unlike = [path for path in self._files() if not self._blocks(path)]
        for path in unlike:
            path.unlink(missing_ok=True)
        return len(unlike)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("[!.]*.npz"))

    def _blocks(self, path: Path) -> list[int]:
        """Numbers of the blocks in a file; none if it cannot be used."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                meta = json.loads(str(stored["meta"]))
                same = meta["conditions"] == json.loads(json.dumps(dict(self.conditions)))
                return [int(block) for block in meta["blocks"]] if same else []
        except DAMAGE:
            return []

    def _all(self) -> Iterator[tuple[int, str, NDArray[Any]]]:
        """Number, name and content of every array, on disk and pending."""
        for path in self._files():
            if self._blocks(path):
                yield from self._read(path)
        for block, arrays in self.pending.items():
            yield from ((block, name, array) for name, array in arrays.items())

    def _read(self, path: Path) -> Iterator[tuple[int, str, NDArray[Any]]]:
        """The arrays in a file.

        Raises:
            RunError: They are damaged.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                for key in stored.files:
                    number, _, name = key.partition("/")
                    if name:
                        yield int(number), name, stored[key]
        except DAMAGE as error:
            raise RunError(f"{path} is damaged: {error}. Delete it and run again.") from error
