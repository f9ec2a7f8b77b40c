"""Speed of the augmentations, measured beside a per-image reference in the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from augmentations.base import Batch, to_float
from augmentations.ipmix import IPMix, ipmix
from augmentations.random import image_keys, integers
from robench.passport import cpu_model
from robench.studies.peers.ipmix_pillow import jsd_views

Peer = Callable[[Image.Image, Image.Image, Generator], Sequence[Tensor]]
_PICTURES = 256  # size of the mixing set, held in memory
_MARGIN = 4  # how much larger than the images its pictures are


@dataclass(frozen=True)
class Speed:
    """One timed contestant of one case; rates are medians over the repeats.

    Attributes:
        case: What was timed.
        contestant: ``robench`` or ``reference``.
        side: Image side in pixels.
        batch: Images per call (1 for the reference).
        images_per_cpu_second: By process CPU time.
        images_per_second: By wall time.
        speedup: Median over the repeats of the reference's CPU time per image over this one's; None
            where no reference was timed.
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


def augmentation_speed(
    peer: Peer | None = jsd_views, images: int = 512, repeats: int = 5
) -> list[Speed]:
    """Time IPMix with two JSD views per image, mixing set in memory, choice of partner included.

    One intra-op thread; robench and the reference take turns, so that a busy machine slows both.
    The 224-pixel case has no reference and is for information.

    Args:
        peer: (image, partner, rng) -> tensors, for one 32 x 32 image; None times robench alone.
        images: Images per repeat at 32 pixels; at least 32. 224 pixels: a sixteenth of it.
        repeats: Odd numbers give a true median.

    Returns:
        One row per contestant and case.

    Raises:
        ValueError: Fewer than 32 images or no repeat.
    """
    if images < 32 or repeats < 1:
        raise ValueError(f"need at least 32 images and 1 repeat, got {images} and {repeats}")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        small, large = ipmix("official_cifar"), ipmix("official_imagenet")
        rows = []
        for batch in sorted({min(128, images), images}):
            rows += _compare(_Case(small, 32, batch, images), peer, repeats)
        return rows + _compare(_Case(large, 224, 8, images // 16), None, repeats)
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class _Case:
    """What is timed: a method on ``images`` images, ``batch`` at a time."""

    method: IPMix
    side: int
    batch: int
    images: int

    def run(self, data: Tensor, pictures: Tensor, epoch: int) -> None:
        """Augment all images, two views each."""
        for start in range(0, self.images, self.batch):
            some = data[start : start + self.batch]
            keys = image_keys(0, epoch, torch.arange(start, start + len(some)))
            partners = _partners(pictures, keys, self.side)
            to_float(some)  # the clean view of the loss
            self.method.views(Batch(some, torch.zeros(len(some)), keys, partners), 2)


def _compare(case: _Case, peer: Peer | None, repeats: int) -> list[Speed]:
    """Interleave robench and the reference."""
    data = _pictures(case.images, case.side, seed=0)
    pictures = _pictures(_PICTURES if case.side == 32 else 16, case.side + _MARGIN, seed=1)
    own, reference = [], []
    contest = _reference(peer, data, pictures) if peer else None
    case.run(data, pictures, epoch=0)
    for repeat in range(repeats):
        own.append(_timed(partial(case.run, data, pictures, repeat)))
        if contest:
            reference.append(_timed(contest))
    rows = [_speed(case, "robench", own, reference or None)]
    return [*rows, _speed(case, "reference", reference, reference)] if reference else rows


def _reference(peer: Peer, data: Tensor, pictures: Tensor) -> Callable[[], None]:
    """The reference on the same images: one at a time, partner and crop drawn for each."""
    images = [Image.fromarray(image) for image in data.permute(0, 2, 3, 1).numpy()]
    mixing_set = [Image.fromarray(picture) for picture in pictures.permute(0, 2, 3, 1).numpy()]
    rng = np.random.default_rng(0)
    side = data.shape[3]

    def run() -> None:
        for image in images:
            left, top = (int(v) for v in rng.integers(0, _MARGIN + 1, 2))
            partner = mixing_set[rng.integers(len(mixing_set))]
            peer(image, partner.crop((left, top, left + side, top + side)), rng)

    return run


def _partners(pictures: Tensor, keys: Tensor, side: int) -> Tensor:
    """A random crop of a random picture for each key."""
    choice = integers(keys, 0, len(pictures) - 1, 0)
    top, left = (integers(keys, 0, pictures.shape[2] - side, draw) for draw in (1, 2))
    return pictures.unfold(2, side, 1).unfold(3, side, 1)[choice, :, top, left]


def _pictures(count: int, side: int, seed: int) -> Tensor:
    """Smooth random colour pictures (count, 3, side, side) uint8."""
    coarse = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear")
    return (smooth * 255).to(torch.uint8)


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Process CPU seconds and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def _speed(
    case: _Case,
    contestant: str,
    times: Sequence[tuple[float, float]],
    reference: Sequence[tuple[float, float]] | None,
) -> Speed:
    """Medians of the repeats."""
    ratios = [r[0] / t[0] for r, t in zip(reference, times, strict=True)] if reference else None
    return Speed(
        case=f"ipmix {case.method.preset}, 2 views",
        contestant=contestant,
        side=case.side,
        batch=case.batch if contestant == "robench" else 1,
        images_per_cpu_second=case.images / median(cpu for cpu, _ in times),
        images_per_second=case.images / median(wall for _, wall in times),
        speedup=median(ratios) if ratios else None,
        repeats=len(times),
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        cpu=cpu_model(),
    )
