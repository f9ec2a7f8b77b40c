"""Speed of the way from a corrupted ``.npy`` archive to the network, beside two peers."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor

from robench.datasets import CellSource, open_cell
from robench.datasets.official import LABELS
from robench.evaluate.forward import Forward
from robench.evaluate.reader import as_tensor
from robench.files import file_sha256
from robench.metrics.aggregates import SEVERITIES
from robench.models import create
from robench.models.normalised import Normalised
from robench.passport import cpu_model
from robench.studies.peers.corrupted_npy import official_batches, robustbench_batches
from robench.types import Cell

BLOCK = 500
IMAGES = 10_000  # of one severity of CIFAR-10-C
_SET, _CORRUPTION = "cifar10-c", "brightness"
_HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class PathSpeed:
    """One timed way of the data; medians over the repeats.

    Attributes:
        case: What was timed.
        images: Of one repeat.
        images_per_cpu_second: By process CPU time.
        ratio: Median over the repeats of this way's CPU time over robench's; None where it is not
            comparable.
        overhead: CPU time of the whole evaluation over that of the bare network, minus 1; None
            for a data path alone.
        repeats: Interleaved repetitions.
        torch: Version.
        cpu: Model of the processor.
    """

    case: str
    images: int
    images_per_cpu_second: float
    ratio: float | None
    overhead: float | None
    repeats: int
    torch: str
    cpu: str


def data_path_speed(repeats: int = 5) -> list[PathSpeed]:
    """Time how images of an archive of five severities become what the network takes.

    One intra-op thread; every way normalises, all take turns, the file is in the page cache.
    Hashing it for its passport, once, is timed apart.

    Args:
        repeats: Odd numbers give a true median.

    Returns:
        One row per way.

    Raises:
        ValueError: No repeat.
    """
    if repeats < 1:
        raise ValueError(f"need at least 1 repeat, got {repeats}")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measured(Path(folder), repeats)
    finally:
        torch.set_num_threads(threads)


def _measured(data_dir: Path, repeats: int) -> list[PathSpeed]:
    """All rows, on an archive that is made for it."""
    path = _archive(data_dir)
    hashing = _seconds(lambda: file_sha256(path))
    sources = [open_cell(Cell(_SET, _CORRUPTION, level), data_dir) for level in SEVERITIES]
    model = Normalised(create("air32", 10), _HALF, _HALF)
    model = model.to(memory_format=torch.channels_last).eval()
    forward = Forward(model, torch.device("cpu"), "fp32", BLOCK)
    ways: dict[str, Callable[[], None]] = {
        "robench": partial(_own, model, sources),
        "RobustBench": lambda: _normalised(model, robustbench_batches(path, IMAGES, BLOCK)),
        "official scripts": lambda: _exhaust(official_batches(path, BLOCK)),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    pairs: list[tuple[float, float]] = []
    for _ in range(repeats):
        for name, way in ways.items():
            times[name].append(_seconds(way))
        pairs += _end_to_end(forward, model, sources[0])
    row = partial(PathSpeed, repeats=repeats, torch=torch.__version__, cpu=cpu_model())
    total = len(SEVERITIES) * IMAGES
    rows = [
        row(
            case=f"data path, {name}",
            images=total,
            images_per_cpu_second=total / median(found),
            ratio=median(a / b for a, b in zip(found, times["robench"], strict=True)),
            overhead=None,
        )
        for name, found in times.items()
    ]
    rate = BLOCK / median(whole for whole, _ in pairs)
    overhead = median(whole / network - 1 for whole, network in pairs)
    hashed = row("sha256 of the file, once", total, total / hashing, None, None)
    return [*rows, hashed, row("whole evaluation of air32", IMAGES, rate, None, overhead)]


def _archive(data_dir: Path) -> Path:
    """A folder like CIFAR-10-C with one corruption, of noise; returns its file."""
    folder = data_dir / "CIFAR-10-C"
    folder.mkdir()
    rng = np.random.default_rng(0)
    count = len(SEVERITIES) * IMAGES
    np.save(folder / f"{_CORRUPTION}.npy", rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8))
    np.save(folder / LABELS, np.tile(rng.integers(0, 10, IMAGES), len(SEVERITIES)))
    return folder / f"{_CORRUPTION}.npy"


def _own(model: Normalised, sources: list[CellSource]) -> None:
    """The blocks of the archive as `robench eval` feeds them, without the network."""
    with torch.inference_mode():
        for source in sources:
            for start in range(0, source.size, BLOCK):
                model.normalise(as_tensor(source.block(start, start + BLOCK)))


def _normalised(model: Normalised, batches: Iterator[Tensor]) -> None:
    """What the normalisation inside a network adds."""
    with torch.inference_mode():
        for batch in batches:
            model.normalise(batch)


def _exhaust(batches: Iterator[Tensor]) -> None:
    for _ in batches:
        pass


def _end_to_end(
    forward: Forward, model: Normalised, source: CellSource
) -> Iterator[tuple[float, float]]:
    """CPU seconds of the evaluation of each block of a cell, and of the bare network on it.

    The two take turns in going first, so that neither gains from what the other left in the cache.
    """
    for number, start in enumerate(range(0, source.size, BLOCK)):
        with torch.inference_mode():
            ready = model.normalise(as_tensor(source.block(start, start + BLOCK)))
        ways = [partial(_evaluated, forward, source, start), partial(_bare, model, ready)]
        order = (0, 1) if number % 2 else (1, 0)
        seconds = {way: _seconds(ways[way]) for way in order}
        yield seconds[0], seconds[1]


def _bare(model: Normalised, images: Tensor) -> None:
    """The network alone."""
    with torch.inference_mode():
        model.model(images)


def _evaluated(forward: Forward, source: CellSource, start: int) -> None:
    """One block from the file to its logits."""
    forward.logits(as_tensor(source.block(start, start + BLOCK)))


def _seconds(work: Callable[[], object]) -> float:
    """Process CPU seconds of one call."""
    before = time.process_time()
    work()
    return time.process_time() - before
