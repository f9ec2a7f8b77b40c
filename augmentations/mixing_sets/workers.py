"""Work in several processes of one thread each; results come in the order of the tasks."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_AHEAD = 2  # tasks per process that are submitted before their turn


def in_order(
    work: Callable[[T], R], tasks: Iterable[T], jobs: int, prepare: Callable[[], None]
) -> Iterator[R]:
    """Do every task; a few are done ahead of the reader.

    Args:
        work: Picklable where ``jobs`` is more than 1.
        tasks: Picklable likewise; small.
        jobs: Processes; 1 works in this one. More need an importable main module, as always with
            spawned processes.
        prepare: Called once in each process before its first task; picklable likewise. Not called
            where this process does the work.

    Raises:
        RuntimeError: A process was killed.
    """
    if jobs == 1:
        yield from map(work, tasks)
        return
    with _single_threaded_children():
        pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (prepare,))
        waiting: deque[Future[R]] = deque()
        try:
            for task in tasks:
                with _deaf_children():
                    waiting.append(pool.submit(work, task))
                if len(waiting) > _AHEAD * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise RuntimeError(
                "a worker process was killed, perhaps because memory ran out; what was finished "
                "is kept, and the same call goes on from there, with fewer jobs if need be"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(prepare: Callable[[], None]) -> None:
    """Set a worker process up."""
    threading.Thread(target=_follow_parent, daemon=True).start()
    prepare()


def _follow_parent() -> None:
    """End with the main process, even where that was killed and could not say so."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Keep Ctrl-C from processes started inside: the main process ends the work in good order."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # children inherit it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
