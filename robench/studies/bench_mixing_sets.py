"""Speed of the generators of mixing pictures: accepted pictures per second of one core."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import torch

from augmentations.compiled import available
from augmentations.mixing_sets import MIXING_SETS
from augmentations.mixing_sets.build import make
from augmentations.mixing_sets.feature_loan import lend
from augmentations.mixing_sets.order import Order
from robench.passport import cpu_model
from robench.studies.bench_augmentations import compiled_loops

SIZE = 256
_SLOW = {"feature-vis": 12, "ipmix13k": 26}  # pictures a repeat, where the optimiser paints


@dataclass(frozen=True)
class Rate:
    """One timed set; medians over the repeats, each of other pictures.

    Attributes:
        name: Of the set.
        loops: ``numpy`` or ``compiled``.
        size: Side in pixels.
        pictures: Accepted pictures per repeat, one after another.
        accepted_per_cpu_second: By process CPU time, screening and rejected candidates included.
        accepted_share: Accepted pictures over candidates.
        repeats: Interleaved repetitions.
        cpu: Model of the processor.
    """

    name: str
    loops: str
    size: int
    pictures: int
    accepted_per_cpu_second: float
    accepted_share: float
    repeats: int
    cpu: str


def mixing_set_speed(
    pictures: int = 52, repeats: int = 5, names: Sequence[str] = tuple(MIXING_SETS)
) -> list[Rate]:
    """Make pictures of every set on one thread, with compiled loops where numba is, and without.

    Networks of feature pictures are made before the clock starts.

    Args:
        pictures: Of each repeat; fewer of those that take long.
        repeats: Odd numbers give a true median.
        names: Keys of ``MIXING_SETS``.

    Returns:
        One row per set and kind of loops.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [row for name in names for row in _rates(name, pictures, repeats)]
    finally:
        torch.set_num_threads(threads)


def _rates(name: str, pictures: int, repeats: int) -> list[Rate]:
    """The rows of one set."""
    order, count = Order(name, SIZE), min(pictures, _SLOW.get(name, pictures))
    lend(order, ()).hand_over()
    loops = ("numpy", "compiled") if available() else ("numpy",)
    found: dict[str, list[tuple[float, int]]] = {loop: [] for loop in loops}
    for repeat in range(-1, repeats):  # the first to compile, and to fill caches
        for loop in loops:
            with compiled_loops(on=loop == "compiled"):
                timed = _timed(order, max(0, repeat) * count, count)
            if repeat >= 0:
                found[loop].append(timed)
    return [
        Rate(
            name=name,
            loops=loop,
            size=SIZE,
            pictures=count,
            accepted_per_cpu_second=count / median(seconds for seconds, _ in times),
            accepted_share=count * len(times) / sum(candidates for _, candidates in times),
            repeats=repeats,
            cpu=cpu_model(),
        )
        for loop, times in found.items()
    ]


def _timed(order: Order, start: int, count: int) -> tuple[float, int]:
    """CPU seconds and candidates of ``count`` accepted pictures from a position on."""
    began = time.process_time()
    attempts = [make(order, position)[2] + 1 for position in range(start, start + count)]
    return time.process_time() - began, sum(attempts)
