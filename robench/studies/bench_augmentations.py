"""Speed of the augmentations, measured beside a named reference in the same run."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch
from torch import Tensor

import augmentations
from augmentations.base import Augmentation, Batch, ModelHandle, to_float
from augmentations.compiled import SWITCH, wanted
from augmentations.image_chains import ImageChains
from augmentations.ipmix import IPMix
from augmentations.mixing_sets.packed import MixingSet
from augmentations.random import image_keys
from robench.device import keep_memory
from robench.models import create
from robench.models.normalised import Normalised
from robench.passport import cpu_model
from robench.studies.peers.augmentation_loops import CLASSES, reference
from robench.train.door import Door

_PICTURES = 256  # size of the mixing set, held in memory
_MARGIN = {32: 4, 224: 32}  # how much larger than the images its pictures are
Times = list[tuple[float, float]]


@dataclass(frozen=True)
class Case:
    """What is timed.

    Attributes:
        method: As on the command line.
        side: Side of the images in pixels.
        batch: Images per call.
        images: Images per repeat.
        views: 1: one augmented image. 2: the clean image and two views, as for the JSD loss.
        reference: Key of ``augmentation_loops.REFERENCES``, or None.
    """

    method: str
    side: int
    batch: int
    images: int
    views: int = 1
    reference: str | None = None

    @property
    def title(self) -> str:
        """What the row is called."""
        return f"{self.method}, clean and two views" if self.views == 2 else self.method


@dataclass(frozen=True)
class Speed:
    """One timed contestant of one case; rates are medians over the repeats.

    Attributes:
        case: What was timed.
        contestant: ``robench``, ``robench, compiled``, or the name of the reference.
        side: Image side in pixels.
        batch: Images per call.
        images_per_cpu_second: By process CPU time.
        images_per_second: By wall time.
        speedup: Median over the repeats of the reference's CPU time per image over this one's; None
            where there is no reference.
        repeats: Interleaved repetitions.
        threads: Intra-op threads.
        torch: Version.
        cpu: Model of the processor.
    """

    case: str
    contestant: str
    side: int
    batch: int
    images_per_cpu_second: float
    images_per_second: float
    speedup: float | None
    repeats: int
    threads: int
    torch: str
    cpu: str


def cases(images: int) -> list[Case]:
    """The published pipelines at both sizes, then every method at 32 pixels.

    Args:
        images: Images per repeat at 32 pixels; at 224 a sixteenth of it.
    """
    batch, large = min(128, images), images // 16
    published = [
        Case("ipmix", 32, batch, images, 2, "ipmix"),
        Case("ipmix", 32, images, images, 2, "ipmix"),
        Case("augmix", 32, batch, images, 2, "augmix"),
        Case("pixmix", 32, batch, images, 1, "pixmix"),
        Case("ipmix(preset='official_imagenet')", 224, min(8, large), large, 2, "ipmix 224"),
        Case("augmix(preset='official_imagenet')", 224, min(8, large), large, 2, "augmix 224"),
    ]
    libraries = {"mixup": "mixup", "cutmix": "cutmix"}
    timed = {case.title for case in published}
    every = [
        Case(name, 32, batch, images, 1, libraries.get(name))
        for name in augmentations.METHODS
        if name not in timed
    ]
    return [*published, *every]


def augmentation_speed(
    images: int = 512, repeats: int = 5, only: Sequence[Case] | None = None
) -> list[Speed]:
    """Time the methods, mixing set in memory, choice of partner included.

    One intra-op thread; the contestants take turns, so that a busy machine slows all of them. With
    numba installed, methods with compiled loops are timed with them and without. Methods that ask
    the network ask an untrained air32, whose time is included.

    Args:
        images: Images per repeat at 32 pixels; at least 32. 224 pixels: a sixteenth of it.
        repeats: Odd numbers give a true median.
        only: Cases; None for all of `cases`.

    Returns:
        One row per contestant and case.

    Raises:
        ValueError: Fewer than 32 images or no repeat.
    """
    if images < 32 or repeats < 1:
        raise ValueError(f"need at least 32 images and 1 repeat, got {images} and {repeats}")
    keep_memory()  # as in training; for every contestant
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        wanted_cases = cases(images) if only is None else only
        return [row for case in wanted_cases for row in _compare(case, repeats)]
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Own:
    """robench at work on a case."""

    case: Case
    method: Augmentation
    data: Tensor
    mixing: MixingSet
    door: ModelHandle

    def run(self, epoch: int, *, compiled: bool) -> None:
        """Augment all images."""
        with compiled_loops(on=compiled):
            for start in range(0, self.case.images, self.case.batch):
                self._step(epoch, start)

    def _step(self, epoch: int, start: int) -> None:
        """Augment one batch, as a training step does."""
        images = self.data[start : start + self.case.batch]
        keys = image_keys(0, epoch, torch.arange(start, start + len(images)))
        targets = torch.arange(len(images)) % CLASSES
        if self.method.mixes_labels:
            targets = torch.nn.functional.one_hot(targets, CLASSES).float()
        batch = Batch(images, targets, keys)
        if self.method.needs_partners:
            batch = batch.replace(partners=self.mixing.partners(keys, self.case.side))
        if self.method.takes == torch.float32:
            batch = batch.replace(images=to_float(images))
        if self.case.views > 1:
            to_float(images)  # the clean view of the loss
        self.method.views(batch, self.case.views, self.door)


def _compare(case: Case, repeats: int) -> list[Speed]:
    """Interleave the contestants of a case."""
    data = smooth_pictures(case.images, case.side, seed=0)
    side = case.side + _MARGIN.get(case.side, 4)
    pictures = smooth_pictures(_PICTURES if case.side == 32 else 16, side, seed=1)
    mixing = MixingSet.from_array(pictures.permute(0, 2, 3, 1).contiguous().numpy())
    method = augmentations.build(case.method)
    own = _Own(case, method, data, mixing, _untrained("dubin" if method.routes else "batch"))
    contest: dict[str, Callable[[int], None]] = {"robench": partial(own.run, compiled=False)}
    if wanted(data) and isinstance(own.method, IPMix | ImageChains):
        contest["robench, compiled"] = partial(own.run, compiled=True)
    if case.reference:
        name, work = reference(case.reference, data, pictures)
        contest[name] = work
    times: dict[str, Times] = {name: [] for name in contest}
    for name, work in contest.items():
        if name.startswith("robench"):
            work(0)
    for repeat in range(repeats):
        for name, work in contest.items():
            times[name].append(_timed(partial(work, repeat)))
    base = times[name] if case.reference else None
    return [_speed(case, name, found, base) for name, found in times.items()]


def _untrained(norm: str) -> ModelHandle:
    """The door to an untrained air32."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        inner = create("air32", CLASSES, norm=norm)
    model = Normalised(inner, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    return Door(model.to(memory_format=torch.channels_last))


@contextmanager
def compiled_loops(*, on: bool) -> Iterator[None]:
    """With the compiled loops on, where they are installed, or off."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = str(int(on))
    try:
        yield
    finally:
        if before is None:
            del os.environ[SWITCH]
        else:
            os.environ[SWITCH] = before


def smooth_pictures(count: int, side: int, seed: int) -> Tensor:
    """Smooth random colour pictures (count, 3, side, side) uint8."""
    coarse = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear")
    return (smooth * 255).to(torch.uint8)


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Process CPU seconds and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def _speed(case: Case, contestant: str, times: Times, base: Times | None) -> Speed:
    """Medians of the repeats."""
    ratios = [b[0] / t[0] for b, t in zip(base, times, strict=True)] if base else None
    return Speed(
        case=case.title,
        contestant=contestant,
        side=case.side,
        batch=case.batch,
        images_per_cpu_second=case.images / median(cpu for cpu, _ in times),
        images_per_second=case.images / median(wall for _, wall in times),
        speedup=median(ratios) if ratios else None,
        repeats=len(times),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        cpu=cpu_model(),
    )
