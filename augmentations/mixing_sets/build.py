"""Make a mixing set; its bytes depend neither on the number of jobs nor on interruptions."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from augmentations.mixing_sets.feature_loan import Loan, lend
from augmentations.mixing_sets.folder import held, publish
from augmentations.mixing_sets.order import FEATURES, Order
from augmentations.mixing_sets.quality import (
    SMALL_SIDE,
    average_hash,
    fault,
    is_hopeless,
    is_near_duplicate,
    shrink,
)
from augmentations.mixing_sets.work import Made, Work, check_folder, check_space, published
from augmentations.mixing_sets.workers import in_order

if TYPE_CHECKING:
    from torch import nn

_SCREEN_SIDE = 64
_SCREENED = 192  # smaller renderings cost hardly more than the thumbnail that might save them
_MOST_ATTEMPTS = 2_000  # about half of all candidates pass; this many failures are a defect
_CHUNK = 8  # pictures that a process makes at a time, and that a kill can cost each of them


def build(  # noqa: PLR0913  the one public door
    order: Order,
    n: int,
    folder: Path,
    *,
    networks: Sequence["nn.Module"] = (),
    jobs: int = 1,
    wait: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Make the first ``n`` pictures of a set; those that are there are not made again.

    A picture at position j of its kind is the first attempt k, drawn from
    ``SeedSequence([set id, seed, j, k])``, that passes ``quality.fault`` with the kind's limits and
    whose small version has an average hash that is not near that of any picture before it, of
    whatever kind. So a set of n pictures is the beginning of every longer one, and a set that has
    ``n`` pictures or more already is left as it is.

    What was made is on the disk after every eight pictures; after a kill the same call goes on from
    there and ends with the same files. A set of another length, or made by older generators or
    libraries, is replaced only when its successor is complete.

    Args:
        order: The set.
        n: Number of pictures.
        folder: Of this set alone, made when absent.
        networks: For feature pictures, of the digest that ``order.networks`` says: modules from
            float images (N, 3, H, W) in [0, 1] to logits. None: their own.
        jobs: Processes, each of one thread; 1 works in this one. More need an importable main
            module, as always with spawned processes.
        wait: Whether to wait for another process that makes the same set.
        progress: Called with (pictures that are there, n) after every eight.

    Returns:
        The folder, for ``MixingSet.open``.

    Raises:
        ValueError: A number is out of range, the networks are not those of the order, or the folder
            holds something else.
        BlockingIOError: Another process makes the set.
        OSError: The disk is full or the folder not writable.
        RuntimeError: 2,000 candidates in a row were rejected, or a worker process was killed.
    """
    if min(n, jobs) < 1:
        raise ValueError(f"a mixing set needs n and jobs of at least 1, got n={n}, jobs={jobs}")
    check_folder(folder, order.identity())
    with held(folder, wait=wait):
        publish(folder)
        made_by = {**order.identity(), "libraries": _libraries(order)}
        if published(folder, made_by) >= n:
            return folder
        loan = lend(order, networks)
        made_by |= loan.facts
        check_space(folder, n, order.size)
        work = Work(folder, made_by, order.size)
        try:
            _fill(work, order, n, _first_accepted(order, len(work), n, jobs, loan), progress)
            work.finish(_facts(order, work.attempts))
        finally:
            work.close()
    return folder


def make(order: Order, position: int, first: int = 0) -> Made:
    """Make one picture; it depends on nothing but the arguments (and the networks lent).

    Args:
        order: The set.
        position: Of the picture in the set.
        first: Number of the first attempt.

    Returns:
        The first accepted picture (size, size, 3) uint8, the same shrunk to 36 pixels, and the
        number of its attempt.

    Raises:
        RuntimeError: 2,000 candidates in a row were rejected.
    """
    kind, index = order.place(position)
    generator = order.kinds[kind]
    for attempt in range(first, first + _MOST_ATTEMPTS):
        seeds = np.random.SeedSequence([generator.set_id, order.seed, index, attempt])
        render = generator.draw(np.random.default_rng(seeds), index)
        if order.size >= _SCREENED and is_hopeless(render(_SCREEN_SIDE), generator.limits):
            continue
        picture = render(order.size)
        if fault(picture, generator.limits) is None:
            return picture, shrink(picture, SMALL_SIDE), attempt
    raise RuntimeError(f"{kind}: no usable picture {index} in {_MOST_ATTEMPTS} attempts")


def _fill(
    work: Work,
    order: Order,
    n: int,
    chunks: Iterator[list[Made]],
    progress: Callable[[int, int], None] | None,
) -> None:
    """Append pictures until there are ``n``, with others in place of near-duplicates."""
    work.cut(min(n, len(work)))
    codes = np.zeros(n, np.uint64)
    codes[: len(work)] = [average_hash(picture) for picture in work.small]
    if progress is not None and len(work):
        progress(len(work), n)
    for chunk in chunks:
        done = len(work)
        for position, made in enumerate(chunk, done):
            code = average_hash(made[1])
            while is_near_duplicate(code, codes[:position]):
                made = make(order, position, made[2] + 1)  # noqa: PLW2901  the replacement
                code = average_hash(made[1])
            codes[position] = code
            chunk[position - done] = made
        work.append(chunk)
        if progress is not None:
            progress(len(work), n)


def _first_accepted(
    order: Order, start: int, n: int, jobs: int, loan: Loan
) -> Iterator[list[Made]]:
    """First accepted pictures from position ``start`` on, in chunks."""
    chunks = [range(i, min(i + _CHUNK, n)) for i in range(start, n, _CHUNK)]
    jobs = min(jobs, max(1, len(chunks)))
    return in_order(partial(_make_all, order), chunks, jobs, loan.hand_over)


def _make_all(order: Order, positions: Sequence[int]) -> list[Made]:
    """Work of one process."""
    return [make(order, position) for position in positions]


def _facts(order: Order, attempts: NDArray[np.uint32]) -> dict[str, Any]:
    """What the manifest tells of a finished set beside its order."""
    kinds = np.array([order.place(position)[0] for position in range(len(attempts))])
    rows = {}
    for kind, count in order.counts(len(attempts)).items():
        tried = int(attempts[kinds == kind].sum()) + count
        rows[kind] = {"pictures": count, "attempts": tried, "accepted": round(count / tried, 4)}
    return {"n": len(attempts), "kinds": rows}


def _libraries(order: Order) -> dict[str, str]:
    """Versions of what computes the pictures."""
    names = ["numpy", "scipy", "pillow"]
    if FEATURES in order.kinds:
        names += ["torch", "torchvision"]
    return {name: version(name) for name in names}
