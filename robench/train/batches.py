"""From image indices to what the network sees. Everything is a function of (seed, epoch, index)."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from augmentations.base import Augmentation, Batch, ModelHandle, to_float
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
class Step:
    """What the network sees in one step.

    Attributes:
        images: (views * N, 3, H, W) uint8 or float32 in [0, 1], view by view.
        targets: (N,) int64, or (N, K) float32 where the method mixes labels.
        routes: Of each view, the normalisation that it goes through; the main one is "".
    """

    images: Tensor
    targets: Tensor
    routes: tuple[str, ...] = ("",)


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
        classes: Length of the targets of methods that mix labels.
    """

    data: TrainingImages
    method: Augmentation
    base: CropFlip
    mixing: MixingSet | None
    views: int
    batch_size: int
    seed: int
    classes: int

    @property
    def steps(self) -> int:
        """Steps per epoch; the last one may be smaller."""
        return -(-len(self.data) // self.batch_size)

    def epoch(self, number: int, door: ModelHandle | None = None) -> Iterator[Step]:
        """Step by step; the network for methods that ask it is behind ``door``."""
        order = shuffle(self.seed, number, len(self.data)).to(self.data.images.device)
        for indices in torch.split(order, self.batch_size):
            with one_thread(self.data.images.device):
                step = self.step(number, indices, door)
            yield step

    def step(self, epoch: int, indices: Tensor, door: ModelHandle | None = None) -> Step:
        """Crop, flip and augment some images (n,) of an epoch; what `epoch` gives per step."""
        method = self.method.at(epoch)
        clean = self._clean(method, epoch, indices)
        if self.views == 1:
            (view,) = method.views(clean, 1, door)
            return Step(view.images, view.targets, (view.route,))
        views = method.views(clean, self.views - 1, door)
        images = [to_float(clean.images), *(to_float(view.images) for view in views)]
        routes = (clean.route, *(view.route for view in views))
        return Step(torch.cat(images), clean.targets, routes)

    def _clean(self, method: Augmentation, epoch: int, indices: Tensor) -> Batch:
        """Cropped and flipped images, as a method takes them."""
        keys = image_keys(self.seed, epoch, indices)
        images, labels = self.data.images[indices], self.data.labels[indices]
        clean = self.base(Batch(images, labels, view_keys(keys, BASE_VIEW))).replace(keys=keys)
        if self.mixing is not None and method.needs_partners:
            clean = clean.replace(partners=self.mixing.partners(keys, images.shape[-1]))
        if method.mixes_labels:
            clean = clean.replace(targets=functional.one_hot(labels, self.classes).float())
        if method.takes == torch.float32:
            clean = clean.replace(images=to_float(clean.images))
        return clean


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
