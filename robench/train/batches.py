"""From image indices to what the network sees. Everything is a function of (seed, epoch, index)."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import Augmentation, Batch, to_float
from augmentations.crop_flip import CropFlip
from augmentations.mixing_sets.packed import MixingSet
from augmentations.random import image_keys, shuffle, view_keys

BASE_VIEW = 1 << 20  # crop and flip draw apart from the method's views 0, 1, ...


@dataclass(frozen=True)
class TrainingImages:
    """Training images, resident on the device as bytes.

    Attributes:
        images: (N, 3, H, W) uint8.
        labels: (N,) int64.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Batches:
    """Draws the steps of an epoch.

    Attributes:
        data: The images.
        method: The augmentation.
        base: Crop and flip, before the method.
        mixing: Mixing pictures, for methods that need them.
        views: Of the objective: 1 is one augmented view; n > 1 is the clean image and n - 1 views.
        batch_size: Images per step.
        seed: Of every draw.
    """

    data: TrainingImages
    method: Augmentation
    base: CropFlip
    mixing: MixingSet | None
    views: int
    batch_size: int
    seed: int

    @property
    def steps(self) -> int:
        """Steps per epoch; the last one may be smaller."""
        return -(-len(self.data) // self.batch_size)

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Images (views * n, 3, H, W), uint8 or float32 in [0, 1], and targets, step by step."""
        order = shuffle(self.seed, number, len(self.data)).to(self.data.images.device)
        for indices in torch.split(order, self.batch_size):
            with one_thread(self.data.images.device):
                step = self.step(number, indices)
            yield step

    def step(self, epoch: int, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Crop, flip and augment some images (n,) of an epoch; what `epoch` gives per step."""
        keys = image_keys(self.seed, epoch, indices)
        batch = Batch(
            self.data.images[indices], self.data.labels[indices], view_keys(keys, BASE_VIEW)
        )
        clean = self.base(batch).replace(keys=keys)
        if self.mixing is not None:
            side = clean.images.shape[-1]
            clean = clean.replace(partners=self.mixing.partners(keys, side))
        if self.views == 1:
            (view,) = self.method.views(clean, 1)
            return view.images, view.targets
        views = self.method.views(clean, self.views - 1)
        images = [to_float(clean.images), *(to_float(view.images) for view in views)]
        return torch.cat(images), clean.targets


@contextlib.contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Small batched operations collapse with several intra-op threads on a loaded CPU."""
    if device.type != "cpu":
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
