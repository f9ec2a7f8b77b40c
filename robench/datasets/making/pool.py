"""Work in several processes of one thread each; results come in the order of the tasks."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from robench.errors import RunError

T = TypeVar("T")
R = TypeVar("R")
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_AHEAD = 4  # tasks per process that are submitted before their turn
_process_work: list[Callable[[Any], Any]] = []  # filled once, in a worker process


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(work: Callable[[T], R], tasks: Iterable[T], jobs: int) -> Generator[tuple[T, R]]:
    """Do every task and yield it with its result, in order and a few tasks ahead of the reader.

    Args:
        work: Picklable where ``jobs`` is more than 1; it is sent once to each process.
        tasks: Picklable likewise; small.
        jobs: Processes; 1 works in this one.

    Raises:
        RunError: A process was killed.
    """
    if jobs == 1:
        with single_threaded():
            for task in tasks:
                yield task, work(task)
        return
    with _single_threaded_children():
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_begin, initargs=(work,))
        waiting: deque[tuple[T, Future[R]]] = deque()
        try:
            for task in tasks:
                with _deaf_children():
                    waiting.append((task, pool.submit(_do, task)))
                if len(waiting) > _AHEAD * jobs:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        except BrokenProcessPool as error:
            raise RunError(
                "A worker process was killed, perhaps because memory ran out. What was finished is "
                "kept: the same command goes on from there, with a smaller --jobs if need be."
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _first(waiting: "deque[tuple[T, Future[R]]]") -> tuple[T, R]:
    """Wait for the oldest task."""
    task, future = waiting.popleft()
    return task, future.result()


def _begin(work: Callable[[Any], Any]) -> None:
    """Set a worker process up."""
    import cv2  # noqa: PLC0415  slow to import

    threading.Thread(target=_follow_parent, daemon=True).start()
    cv2.setNumThreads(1)
    threadpool_limits(1)
    _process_work[:] = [work]


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Keep Ctrl-C from processes started inside: the main process ends the work in good order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children inherit it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _follow_parent() -> None:
    """End with the main process, even where that was killed and could not say so."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(task: Any) -> Any:  # noqa: ANN401  any task
    """Work of one process."""
    return _process_work[0](task)


@contextmanager
def single_threaded() -> Iterator[None]:
    """One thread for OpenCV and BLAS in this process: sums of products depend on the number."""
    import cv2  # noqa: PLC0415  slow to import

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(before)


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
