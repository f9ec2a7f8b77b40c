"""Generate a mixing set into one packed file; its bytes do not depend on the number of jobs."""

import errno
import hashlib
import json
import os
import shutil
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from augmentations.mixing_sets.base import Picture
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.quality import (
    average_hash,
    fault,
    is_hopeless,
    is_near_duplicate,
    shrink,
)

Made = tuple[Picture, int]
_SCREEN_SIDE = 64
_SCREENED = 192  # smaller renderings cost hardly more than the thumbnail that might save them
_MOST_ATTEMPTS = 2_000  # about half of all candidates pass; this many failures are a defect
_CHUNK = 8
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def build(  # noqa: PLR0913  the one public door
    name: str,
    n: int,
    side: int,
    *,
    out: Path,
    seed: int = 0,
    render: int = 0,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Generate ``n`` pictures and write them with a manifest; an older file is replaced.

    Picture i is the first attempt j, drawn from ``SeedSequence([set id, seed, i, j])``, that passes
    ``quality.fault`` and whose average hash is not near that of a picture before it.

    Args:
        name: Key of ``MIXING_SETS``.
        n: Number of pictures.
        side: Side of the packed pictures in pixels.
        out: Folder, made when absent.
        seed: Seed of the set.
        render: See ``Order``.
        jobs: Processes, each of one thread; 1 works in this one. More need an importable main
            module, as always with spawned processes.
        progress: Called with (pictures made, n) after each picture.

    Returns:
        The file, (n, side, side, 3) uint8 for ``np.load``. Its manifest has the same name with the
        suffix ``.json``. Nothing is left behind when the build fails.

    Raises:
        KeyError: Unknown name.
        ValueError: A number is out of range.
        OSError: The disk is full or the folder not writable.
    """
    order = Order(name, n, side, seed, render)
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    out.mkdir(parents=True, exist_ok=True)
    _check_space(out, n * side * side * 3)
    path = out / order.file_name
    with _replacing(path) as file:
        manifest = order.describe() | _write(file, order, jobs, progress)
    with _replacing(path.with_suffix(".json")) as file:
        file.write(json.dumps(manifest, indent=1).encode() + b"\n")
    return path


def make(order: Order, index: int, first: int = 0) -> Made:
    """Generate one picture; depends on nothing but its arguments.

    Args:
        order: The set.
        index: Position of the picture in the set.
        first: Number of the first attempt.

    Returns:
        The first accepted picture (side, side, 3) uint8, and the number of its attempt.

    Raises:
        RuntimeError: 2,000 candidates in a row were rejected.
    """
    generator = order.generator
    for attempt in range(first, first + _MOST_ATTEMPTS):
        seeds = np.random.SeedSequence([generator.set_id, order.seed, index, attempt])
        render = generator.draw(np.random.default_rng(seeds), index)
        if order.render >= _SCREENED and is_hopeless(render(_SCREEN_SIDE), generator.limits):
            continue
        large = render(order.render)
        if fault(large, generator.limits) is None:
            return shrink(large, order.side), attempt
    raise RuntimeError(f"{order.name}: no usable picture {index} in {_MOST_ATTEMPTS} attempts")


def _write(
    file: BinaryIO, order: Order, jobs: int, progress: Callable[[int, int], None] | None
) -> dict[str, Any]:
    """Write all pictures in order; returns what only the finished set can tell."""
    shape = (order.n, order.side, order.side, 3)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    digest, attempts = hashlib.sha256(), 0
    codes = np.zeros(order.n, np.uint64)
    for index, (picture, attempt) in enumerate(_in_order(order, jobs)):
        code = average_hash(picture)
        while is_near_duplicate(code, codes[:index]):
            picture, attempt = make(order, index, attempt + 1)  # noqa: PLW2901  the replacement
            code = average_hash(picture)
        codes[index] = code
        attempts += attempt + 1
        file.write(picture.tobytes())
        digest.update(picture.tobytes())
        if progress is not None:
            progress(index + 1, order.n)
    return {"attempts": attempts, "numpy": np.__version__, "sha256": digest.hexdigest()}


def _in_order(order: Order, jobs: int) -> Iterator[Made]:
    """First accepted pictures by position, a few chunks ahead of the reader."""
    chunks = [range(i, min(i + _CHUNK, order.n)) for i in range(0, order.n, _CHUNK)]
    if jobs == 1:
        for chunk in chunks:
            for index in chunk:
                yield make(order, index)
        return
    with _single_threaded_children():
        pool = ProcessPoolExecutor(min(jobs, len(chunks)), mp_context=get_context("spawn"))
        waiting: deque[Future[list[Made]]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_make_all, order, chunk))
                if len(waiting) > 4 * jobs:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _make_all(order: Order, indices: Sequence[int]) -> list[Made]:
    """Work of one process."""
    return [make(order, index) for index in indices]


@contextmanager
def _single_threaded_children() -> Iterator[None]:
    """Limit the thread pools of processes started inside; they read the limit when they start."""
    before = {name: os.environ.get(name) for name in _THREAD_LIMITS}
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` at the end, or vanishes on any failure."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _check_space(folder: Path, size: int) -> None:
    """Refuse at once what would fill the disk after hours."""
    free = shutil.disk_usage(folder).free
    if free < size:
        text = f"the set needs {size / 1e6:.0f} MB, {free / 1e6:.0f} MB are free"
        raise OSError(errno.ENOSPC, text, str(folder))
