"""Blocks of pixels, read here or by workers."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from robench.datasets import CellSource
from robench.errors import InputError, RunError
from robench.evaluate.reader import Block, Reader, as_tensor, cut, default_workers, explained
from robench.types import Images


@dataclass(frozen=True)
class Numbered:
    """Images that are all their own number; one may be damaged."""

    frames: int = 0
    damaged: int = -1

    def __call__(self, start: int, stop: int) -> Images:
        """Pixels of value ``start`` and up."""
        if start <= self.damaged < stop:
            raise InputError(f"picture {self.damaged} is damaged")
        shape = (stop - start, *([self.frames] if self.frames else []), 2, 2, 3)
        images = np.empty(shape, np.uint8)
        images[:] = np.arange(start, stop, dtype=np.uint8).reshape(-1, *[1] * (len(shape) - 1))
        return images


def source(size: int, work: str = "heavy", frames: int = 0, damaged: int = -1) -> CellSource:
    compared = np.arange(frames) - 1 if frames else None
    labels = np.zeros(size, np.int64)
    read = Numbered(frames, damaged)
    if work == "mapped":

        def unpicklable(start: int, stop: int) -> Images:
            return read(start, stop)

        return CellSource(labels, {}, size, unpicklable, compared)
    return CellSource(labels, {}, size, read, compared, work="heavy")


def blocks(sources: list[CellSource], size: int) -> list[Block]:
    return [block for number, one in enumerate(sources) for block in cut(one, number, size)]


@pytest.fixture(params=["fork", "forkserver"])
def _start_method(request: pytest.FixtureRequest) -> Iterator[None]:
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(request.param, force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.usefixtures("_start_method")
def test_workers_give_the_same_blocks_in_the_same_order() -> None:
    sources = [source(7), source(5, "mapped"), source(6, frames=3)]
    wanted = blocks(sources, 2)

    alone, helped = (list(Reader(sources, workers)(wanted)) for workers in (0, 2))

    assert [block for block, _ in helped] == wanted
    for (_, one), (_, other) in zip(alone, helped, strict=True):
        assert torch.equal(one, other)


def test_a_block_has_its_own_images_as_rows_of_channels_first_pixels() -> None:
    sources = [source(7)]

    found = list(Reader(sources, 0)(blocks(sources, 3)))

    assert [images[:, 0, 0, 0].tolist() for _, images in found] == [[0, 1, 2], [3, 4, 5], [6]]
    assert found[0][1].shape == (3, 3, 2, 2)
    assert found[0][1].is_contiguous(memory_format=torch.channels_last)


def test_the_frames_of_a_sequence_stay_together() -> None:
    sources = [source(3, frames=4)]
    wanted = blocks(sources, 9)

    assert [(block.start, block.stop) for block in wanted] == [(0, 2), (2, 3)]
    [(_, first), (_, last)] = Reader(sources, 0)(wanted)
    assert first[:, 0, 0, 0].tolist() == [0] * 4 + [1] * 4
    assert last.shape == (4, 3, 2, 2)


def test_a_sequence_longer_than_a_block_is_a_block() -> None:
    assert len(cut(source(3, frames=4), 0, 2)) == 3


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_picture_is_the_same_error_from_a_worker(workers: int) -> None:
    sources = [source(12, damaged=7)]
    read = Reader(sources, workers)(blocks(sources, 2))

    assert [next(read)[0].number for _ in range(3)] == [0, 1, 2]
    with pytest.raises(InputError, match=r"^picture 7 is damaged$"):
        next(read)


def test_a_reader_that_is_closed_leaves_no_process_behind() -> None:
    before = set(multiprocessing.active_children())
    sources = [source(40)]
    read = Reader(sources, 2)(blocks(sources, 2))
    next(read)
    assert set(multiprocessing.active_children()) - before

    read.close()

    assert set(multiprocessing.active_children()) - before == set()


def test_read_only_images_are_copied_and_others_are_not() -> None:
    images = np.zeros((1, 2, 2, 3), np.uint8)
    shared = as_tensor(images)
    images.setflags(write=False)
    copied = as_tensor(images)

    assert shared.data_ptr() == images.ctypes.data
    assert copied.data_ptr() != images.ctypes.data


def test_a_full_device_is_a_clear_failure() -> None:
    with pytest.raises(RunError, match="smaller --block"), explained():
        raise torch.OutOfMemoryError("CUDA out of memory")


def test_other_failures_are_not_explained_away() -> None:
    with pytest.raises(RuntimeError, match="shapes"), explained():
        raise RuntimeError("shapes do not match")


def test_ranks_of_a_machine_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(12)))

    assert [default_workers(ranks, None) for ranks in (1, 4, 16)] == [8, 3, 0]
    assert default_workers(4, 5) == 5
