"""Pixels, block by block: cheap ones in this process, the others ahead of time in workers."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from robench.datasets import CellSource
from robench.errors import RobenchError, RunError
from robench.types import Images

MOST = 8  # worker processes by default


@dataclass(frozen=True)
class Block:
    """Some consecutive images of a cell.

    Attributes:
        source: Number of the cell's source.
        number: Of the block within its cell.
        start: First image.
        stop: One more than the last.
    """

    source: int
    number: int
    start: int
    stop: int


class Reader:
    """Reads blocks in order.

    Args:
        sources: The images of all cells.
        workers: Processes that decode and draw; 0: none.
    """

    def __init__(self, sources: Sequence[CellSource], workers: int) -> None:
        self._sources = sources
        self._workers = workers
        self.waited = 0.0
        """Seconds that were spent reading here or waiting for workers."""

    def __call__(self, blocks: Sequence[Block]) -> Generator[tuple[Block, Tensor]]:
        """Each block with its pixels, (n, 3, H, W) uint8 in channels-last order of memory.

        The frames of a sequence are rows of their own and stay together.

        Raises:
            RobenchError: A damaged picture, or whatever else reading them runs into.
            RuntimeError: A worker was killed; see `explained`.
        """
        with closing(self._ahead([block for block in blocks if self._is_heavy(block)])) as ahead:
            for block in blocks:
                began = time.perf_counter()
                source = self._sources[block.source]
                images = next(ahead) if self._is_heavy(block) else _read(source, block)
                self.waited += time.perf_counter() - began
                yield block, as_tensor(images)

    def _is_heavy(self, block: Block) -> bool:
        return self._sources[block.source].work == "heavy"

    def _ahead(self, blocks: Sequence[Block]) -> Generator[Images]:
        """The pixels of blocks that are worth a process, in order."""
        if self._workers < 1 or len(blocks) <= self._workers:
            yield from (_read(self._sources[block.source], block) for block in blocks)
            return
        loader: DataLoader[Images | RobenchError] = DataLoader(
            _Blocks({block.source: self._sources[block.source] for block in blocks}),
            sampler=cast("Sequence[int]", blocks),  # torch asks for integers and takes any keys
            batch_size=None,
            num_workers=self._workers,
            collate_fn=cast("Callable[[list[Any]], Any]", _as_it_is),
            worker_init_fn=_one_thread,
        )
        for found in loader:
            if isinstance(found, RobenchError):
                raise found
            yield found


@contextmanager
def explained() -> Iterator[None]:
    """Say what a lack of memory means, here or in a worker, whose death torch reports anywhere.

    Raises:
        RunError: A worker was killed, or the memory of the device is full.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RunError(
            f"The memory of the device is full: {error}. Use a smaller --block; what was measured "
            "with this one is kept, but unfinished cells begin again."
        ) from error
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        raise RunError(
            f"A process that reads images was killed: {error}. If memory is short, use fewer "
            "--workers or a smaller --block; what was measured is kept."
        ) from error


class _Blocks(Dataset["Images | RobenchError"]):
    """What a worker reads; failures come back as they are, without torch's traceback."""

    def __init__(self, sources: Mapping[int, CellSource]) -> None:
        self._sources = sources  # heavy ones only: others need not be picklable

    def __getitem__(self, block: Block) -> Images | RobenchError:
        try:
            return _read(self._sources[block.source], block)
        except RobenchError as error:
            return error


def _read(source: CellSource, block: Block) -> Images:
    return source.block(block.start, block.stop)


def _as_it_is(images: Images | RobenchError) -> Images | RobenchError:
    """Arrays travel through a pipe: shared memory is scarce in containers."""
    return images


def _one_thread(_: int) -> None:
    """Libraries that would start threads in every worker are kept to one."""
    import cv2  # noqa: PLC0415  only where it is used

    torch.set_num_threads(1)
    cv2.setNumThreads(0)


def as_tensor(images: Images) -> Tensor:
    """(n, H, W, 3) or sequences (n, F, H, W, 3) uint8 -> (rows, 3, H, W), channels-last.

    Arrays that are mapped from a file are copied, others are not.
    """
    tensor = torch.from_numpy(images) if images.flags.writeable else torch.tensor(images)
    return tensor.flatten(0, -4).permute(0, 3, 1, 2)


def default_workers(ranks: int, asked: int | None) -> int:
    """Worker processes of one of the ranks of a machine: those asked for, else its share."""
    return min(MOST, len(os.sched_getaffinity(0)) // ranks) if asked is None else asked


def cut(source: CellSource, number: int, size: int) -> list[Block]:
    """The blocks of a cell: ``size`` images, or as many whole sequences as have no more frames."""
    step = max(1, size // source.frames)
    starts = np.arange(0, source.size, step).tolist()
    return [
        Block(number, index, start, min(start + step, source.size))
        for index, start in enumerate(starts)
    ]
