"""The methods in other people's trainers: a transform of one image, and a hook for batches."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from augmentations.base import Augmentation, Batch, to_float
from augmentations.mixing_sets.packed import MixingSet

Picture = Image.Image | Tensor


@dataclass(frozen=True)
class Transform:
    """A method as a callable of one image, to be put behind the crop and before Normalize.

    Draws come from torch's default generator, as those of torchvision's transforms do, so that
    ``torch.manual_seed`` and the seeds of DataLoader workers decide them.

    Attributes:
        method: What is done.
        mixing: Mixing pictures, where the method needs them.
        views: 1: one augmented image. n > 1: the clean image and n - 1 views of it, which share
            their mixing picture (for the Jensen-Shannon loss).
        classes: Number of classes, where the method mixes labels.
    """

    method: Augmentation
    mixing: MixingSet | None = None
    views: int = 1
    classes: int | None = None

    def __call__(self, image: Picture) -> Tensor | tuple[Tensor, ...]:
        """Augment one image.

        Args:
            image: PIL image, or (3, H, W) uint8, or float in [0, 1].

        Returns:
            (3, H, W) float32 in [0, 1], or a tuple of ``views`` such images.

        Raises:
            ValueError: An image that the method cannot take, or a method that mixes images with
                one another (use `batch` or `collate`).
        """
        if self.method.mixes_labels:
            name = type(self.method).__name__
            raise ValueError(f"{name} mixes images with one another: use batch() or collate()")
        views = self._views(_bytes(image)[None], torch.zeros(1, dtype=torch.int64))
        images = tuple(to_float(view.images)[0] for view in views)
        return images if self.views > 1 else images[0]

    def on_pil(self, image: Image.Image) -> Image.Image:
        """One augmented view of a PIL image as a PIL image, rounded to bytes.

        For pipelines that keep pictures until the end, as that of timm's training script does.
        """
        view = replace(self, views=1)(image)
        assert isinstance(view, Tensor)
        return Image.fromarray(_as_bytes(view).permute(1, 2, 0).contiguous().numpy())

    def batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Augment a batch, on the device where it lies.

        Args:
            images: (N, 3, H, W) uint8, or float in [0, 1].
            targets: (N,) int64, or (N, K) float.

        Returns:
            Images (N, 3, H, W) float32 in [0, 1], with several views (views * N, 3, H, W), view by
            view; targets (N,) int64, or (N, K) float32 where labels are mixed.
        """
        if self.method.mixes_labels and targets.ndim == 1:
            if self.classes is None:
                raise ValueError("labels are mixed: pass classes= to for_dataset")
            targets = torch.nn.functional.one_hot(targets, self.classes).to(torch.float32)
        with _one_thread(images.device):
            views = self._views(_as_bytes(images), targets)
        return torch.cat([to_float(view.images) for view in views]), views[-1].targets

    def collate(self, samples: Sequence[tuple[Picture, int]]) -> tuple[Tensor, Tensor]:
        """``collate_fn`` of a DataLoader: (image, class) pairs of equal size -> `batch`."""
        images = torch.stack([_bytes(image) for image, _ in samples])
        return self.batch(images, torch.tensor([int(label) for _, label in samples]))

    def _views(self, images: Tensor, targets: Tensor) -> list[Batch]:
        """What is asked for, of (N, 3, H, W) uint8."""
        low, high = -(2**63), 2**63 - 1
        keys = torch.randint(low, high, (len(images),), device="cpu").to(images.device)
        batch = Batch(images, targets, keys)
        if self.mixing is not None:
            batch = batch.replace(partners=self.mixing.partners(keys, images.shape[-1]))
        if self.method.takes == torch.float32:
            batch = batch.replace(images=to_float(images))
        views = self.method.views(batch, max(1, self.views - 1))
        return views if self.views == 1 else [batch, *views]


def make(
    method: Augmentation,
    mixing_set: MixingSet | Path | str | None,
    side: int,
    views: int,
    classes: int | None,
) -> Transform:
    """A transform, with its mixing pictures opened.

    Args:
        method: What is done.
        mixing_set: Mixing pictures or where they lie.
        side: Side of the stored pictures in pixels.
        views: See `Transform`.
        classes: See `Transform`.

    Raises:
        ValueError: The method cannot work without a network or without mixing pictures, or not
            with so many views.
        FileNotFoundError: No such mixing set.
    """
    name = type(method).__name__
    if method.needs_model:
        raise ValueError(f"{name} asks the network that is trained: use robench train")
    if views < 1 or (views > 1 and method.mixes_labels):
        raise ValueError(f"{name} cannot give {views} views (of mixed labels there is one)")
    if method.needs_partners and mixing_set is None:
        raise ValueError(f"{name} needs mixing pictures: pass mixing_set=, a folder of pictures")
    mixing = None
    if method.needs_partners and mixing_set is not None:
        mixing = _opened(mixing_set, side)
    return Transform(method, mixing, views, classes)


def _opened(mixing_set: MixingSet | Path | str, side: int) -> MixingSet:
    """Mixing pictures of ``side`` pixels."""
    if isinstance(mixing_set, MixingSet):
        return mixing_set
    return MixingSet.from_folder(Path(mixing_set).expanduser(), side)


def _bytes(image: Picture) -> Tensor:
    """(3, H, W) uint8 of one image."""
    if isinstance(image, Tensor):
        return _as_bytes(image)
    return torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1).contiguous()


def _as_bytes(images: Tensor) -> Tensor:
    """uint8 of uint8 or of floats in [0, 1], rounded.

    Raises:
        ValueError: Floats outside [0, 1]: normalised already.
    """
    if images.dtype == torch.uint8:
        return images
    if not images.is_floating_point() or images.min() < 0 or images.max() > 1:
        got = f"{images.dtype} from {images.min()} to {images.max()}"
        raise ValueError(f"expected uint8 images or floats in [0, 1], got {got}: normalise behind")
    return (images * 255).round().to(torch.uint8)


@contextlib.contextmanager
def _one_thread(device: torch.device) -> Iterator[None]:
    """Small batched operations collapse with several intra-op threads on a loaded CPU."""
    before = torch.get_num_threads()
    try:
        if device.type == "cpu":
            torch.set_num_threads(1)
        yield
    finally:
        torch.set_num_threads(before)
