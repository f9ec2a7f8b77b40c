"""Speed of the corruptions: every cell of every benchmark, beside the authors' way of working."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from corruptions import (
    GROUPS,
    PERTURBATIONS,
    Images,
    assets_present,
    corrupt,
    load,
    perturb,
)
from corruptions.base import Rng, image_rng
from robench.datasets.corrupted import HENDRYCKS_GROUPS
from robench.metrics.aggregates import SEVERITIES
from robench.passport import cpu_model
from robench.studies import official_cost
from robench.studies.peers import corruptions_scipy

Reference = Callable[..., Images]
PEERS: Mapping[str, Reference] = {
    "gaussian_noise": corruptions_scipy.gaussian_noise,
    "glass_blur": corruptions_scipy.glass_blur,
    "zoom_blur": corruptions_scipy.zoom_blur,
}
PEER_SEVERITY = 3


@dataclass(frozen=True)
class CorruptionSpeed:
    """One corruption or sequence of one benchmark; times are medians over the repeats.

    Attributes:
        benchmark: ``cifar-c``, ``imagenet-c``, ``cifar-c-bar``, ``imagenet-c-bar``, ``cifar-p`` or
            ``imagenet-p``.
        name: The corruption, or perturbation.
        side: Image side in pixels (ImageNet-P: of the pictures before the crop to 224).
        batch: Images per call.
        milliseconds: Process CPU time per image of severities 1 to 5, or of the whole sequence.
        official: Milliseconds of the authors' code for the same, on another machine and as far as
            the severities of `official_cost` tell.
        reference_ratio: CPU time of our per-image restatement of the authors' way, at severity 3,
            over ours, in this run; None where there is none.
        repeats: Interleaved repetitions.
        cpu: Model of the processor.
        versions: NumPy and OpenCV.
    """

    benchmark: str
    name: str
    side: int
    batch: int
    milliseconds: tuple[float, ...]
    official: float
    reference_ratio: float | None
    repeats: int
    cpu: str
    versions: str

    @property
    def total(self) -> float:
        """Milliseconds per image of all severities."""
        return sum(self.milliseconds)


@dataclass(frozen=True)
class _Benchmark:
    """Names and official cost of one benchmark at one size."""

    name: str
    names: tuple[str, ...]
    side: int
    family: str
    batch: int
    official: Mapping[str, float]


def corruption_speed(
    repeats: int = 5,
    only: Sequence[str] | None = None,
    batches: Mapping[int, int] | None = None,
    data_dir: Path | None = None,
) -> tuple[list[CorruptionSpeed], list[str]]:
    """Time every cell of the six benchmarks on crops of two photographs, with one thread.

    All of a benchmark is timed once, then again: a busy spell slows everything alike.

    Args:
        repeats: How often; odd numbers give a true median.
        only: Names of benchmarks; all by default.
        batches: Images per call by side (32, 224, 256); 256, 8 and 2 by default.
        data_dir: Where the textures of ``frost`` lie.

    Returns:
        One row per name and benchmark, and what could not be timed, in words.

    Raises:
        ValueError: No repeat.
    """
    if repeats < 1:
        raise ValueError(f"need at least 1 repeat, got {repeats}")
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        rows, absent = [], []
        for benchmark in _benchmarks({32: 256, 224: 8, 256: 2, **(batches or {})}):
            if only is None or benchmark.name in only:
                names = [n for n in benchmark.names if _drawable(n, benchmark, data_dir)]
                absent += [f"{benchmark.name}: {n}" for n in benchmark.names if n not in names]
                rows += _time_all(benchmark, names, repeats, data_dir)
        return rows, absent
    finally:
        cv2.setNumThreads(threads)


BENCHMARKS = ("cifar-c", "imagenet-c", "cifar-c-bar", "imagenet-c-bar", "cifar-p", "imagenet-p")


def _benchmarks(batches: Mapping[int, int]) -> list[_Benchmark]:
    """The six benchmarks with their batches."""
    c = tuple(name for group in HENDRYCKS_GROUPS for name in GROUPS[group])
    rows = (
        (c, 32, "cifar", {n: 5 * sum(ms) / 3 for n, ms in official_cost.C_32.items()}),
        (c, 224, "imagenet", {n: 5 * sum(ms) / 3 for n, ms in official_cost.C_224.items()}),
        (_bar("cifar"), 32, "cifar", {n: 5 * ms for n, ms in official_cost.C_BAR_32.items()}),
        (
            _bar("imagenet"),
            224,
            "imagenet",
            {n: 5 * ms for n, ms in official_cost.C_BAR_224.items()},
        ),
        (tuple(PERTURBATIONS), 32, "cifar", official_cost.P_32),
        (tuple(PERTURBATIONS), 256, "imagenet", official_cost.P_224),
    )
    return [
        _Benchmark(name, names, side, family, batches[side], official)
        for name, (names, side, family, official) in zip(BENCHMARKS, rows, strict=True)
    ]


def _bar(family: str) -> tuple[str, ...]:
    """The ten corruptions of C-bar with a table for this family."""
    return tuple(name for name in GROUPS["bar"] if family in load(name).severities)


def _drawable(name: str, benchmark: _Benchmark, data_dir: Path | None) -> bool:
    return benchmark.name.endswith("-p") or assets_present(name, data_dir)


def _time_all(
    benchmark: _Benchmark, names: Sequence[str], repeats: int, data_dir: Path | None
) -> list[CorruptionSpeed]:
    """Time all names once per repeat; the first, untimed round warms up."""
    images = photographs(benchmark.batch, benchmark.side)
    calls = {name: _calls(benchmark, name, images, data_dir) for name in names}
    peers = {name: _peer(benchmark, name, images) for name in names}
    own: dict[str, list[list[float]]] = {name: [] for name in names}
    reference: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repeats + 1):
        for name in names:
            times = [_cpu(call) / len(images) for call in calls[name]]
            if turn:
                own[name].append(times)
                reference[name] += [_cpu(peer) for peer in peers[name]]
    return [_row(benchmark, name, own[name], reference[name]) for name in names]


def _calls(
    benchmark: _Benchmark, name: str, images: Images, data_dir: Path | None
) -> list[Callable[[], object]]:
    """One call per severity, or one for a sequence."""
    family = benchmark.family
    if benchmark.name.endswith("-p"):
        return [partial(perturb, images, name, family=family)]
    return [
        partial(corrupt, images, name, severity, family=family, data_dir=data_dir)
        for severity in SEVERITIES
    ]


def _peer(benchmark: _Benchmark, name: str, images: Images) -> list[Callable[[], object]]:
    """The restatement on one image, where there is one."""
    if benchmark.name not in ("cifar-c", "imagenet-c") or name not in PEERS:
        return []
    parameters = load(name).severities[benchmark.family][PEER_SEVERITY - 1]  # type: ignore[index]
    return [lambda: PEERS[name](images[0], parameters, _rng(name))]


def _rng(name: str) -> Rng:
    return image_rng(0, name, PEER_SEVERITY, 0)


def _row(
    benchmark: _Benchmark, name: str, own: Sequence[Sequence[float]], reference: Sequence[float]
) -> CorruptionSpeed:
    """Medians over the repeats."""
    column = PEER_SEVERITY - 1
    ratios = [r / o[column] for r, o in zip(reference, own, strict=True)] if reference else None
    return CorruptionSpeed(
        benchmark=benchmark.name,
        name=name,
        side=benchmark.side,
        batch=benchmark.batch,
        milliseconds=tuple(1e3 * median(times) for times in zip(*own, strict=True)),
        official=benchmark.official[name],
        reference_ratio=median(ratios) if ratios else None,
        repeats=len(own),
        cpu=cpu_model(),
        versions=f"numpy {np.__version__}, OpenCV {cv2.__version__}",
    )


def _cpu(call: Callable[[], object]) -> float:
    """Process CPU seconds of one call."""
    start = time.process_time()
    call()
    return time.process_time() - start


@lru_cache(maxsize=4)
def photographs(count: int, side: int) -> Images:
    """Square crops of scikit-learn's two photographs (427 x 640): (count, side, side, 3) uint8."""
    from sklearn.datasets import load_sample_images  # noqa: PLC0415  slow to import

    pictures = load_sample_images().images
    rng = np.random.RandomState(0)
    crops = []
    for index in range(count):
        picture = pictures[index % len(pictures)]
        top, left = (rng.randint(0, length - side + 1) for length in picture.shape[:2])
        crops.append(picture[top : top + side, left : left + side])
    return np.stack(crops)
