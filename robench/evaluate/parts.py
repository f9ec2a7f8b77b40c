"""Finished blocks of a cell on their way to one file: a killed run loses seconds, not a cell."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from robench.errors import RunError
from robench.files import write_arrays

Arrays = Mapping[str, NDArray[Any]]
SUFFIX = ".parts"


@dataclass
class Parts:
    """The finished blocks of a cell.

    Attributes:
        path: Where the outputs of the cell will be; the parts lie in a folder beside it.
        conditions: What equal bits need: block size, threads, device, libraries. Parts made under
            others are not used.
        pending: Blocks that are not on disk yet, by their number.
    """

    path: Path
    conditions: Mapping[str, Any]
    pending: dict[int, Arrays] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the parts lie."""
        return self.path.with_suffix(SUFFIX)

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

    def merged(self, blocks: Sequence[int]) -> dict[str, NDArray[Any]]:
        """All blocks in order, one array per name.

        Raises:
            RunError: A block is missing: another process has not done its share.
        """
        found: dict[int, Arrays] = dict(self.pending)
        for path in self._files():
            found.update(self._read(path))
        missing = [block for block in blocks if block not in found]
        if missing:
            raise RunError(
                f"{self.folder}: {len(missing)} of {len(blocks)} blocks are missing, the first is "
                f"{missing[0]}. Run the same command again."
            )
        names = list(found[blocks[0]])
        return {name: np.concatenate([found[block][name] for block in blocks]) for name in names}

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
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return []
        same = meta["conditions"] == json.loads(json.dumps(dict(self.conditions)))
        return [int(block) for block in meta["blocks"]] if same else []

    def _read(self, path: Path) -> dict[int, Arrays]:
        """The blocks in a file."""
        blocks: dict[int, dict[str, NDArray[Any]]] = {block: {} for block in self._blocks(path)}
        if not blocks:
            return {}
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            for key in stored.files:
                number, _, name = key.partition("/")
                if name:
                    blocks[int(number)][name] = stored[key]
        return dict(blocks)
