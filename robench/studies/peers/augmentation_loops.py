"""The references of the augmentation benchmark, each on the same images as robench."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import torch
from PIL import Image
from timm.data.mixup import Mixup
from torch import Tensor

from robench.studies.peers import augmix_pillow, ipmix_pillow, pixmix_pillow

Work = Callable[[int], None]
CLASSES = 10
_PER_IMAGE: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "ipmix": ipmix_pillow.jsd_views,
        "ipmix 224": partial(ipmix_pillow.jsd_views, form=ipmix_pillow.IMAGENET),
        "augmix": augmix_pillow.jsd_views,
        "augmix 224": partial(augmix_pillow.jsd_views, severity=1.0),
        "pixmix": pixmix_pillow.view,
    }
)
_TIMM: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "mixup": {"mixup_alpha": 1.0},
        "cutmix": {"mixup_alpha": 0.0, "cutmix_alpha": 1.0, "prob": 0.5},
    }
)
REFERENCES = (*_PER_IMAGE, *_TIMM)


def reference(key: str, data: Tensor, pictures: Tensor) -> tuple[str, Work]:
    """A reference and its name.

    Args:
        key: One of ``REFERENCES``.
        data: Images (N, 3, H, W) uint8.
        pictures: Mixing pictures (M, 3, S, S) uint8, S at least H.

    Returns:
        What it is, and a function of the number of the repeat that does the work.
    """
    if key in _TIMM:
        return "timm.data.Mixup", _of_timm(_TIMM[key], data)
    return "per image, Pillow", _per_image(_PER_IMAGE[key], data, pictures)


def _per_image(view: Callable[..., object], data: Tensor, pictures: Tensor) -> Work:
    """One image at a time, partner and crop drawn for each."""
    images = [Image.fromarray(image) for image in data.permute(0, 2, 3, 1).numpy()]
    mixing_set = [Image.fromarray(picture) for picture in pictures.permute(0, 2, 3, 1).numpy()]
    side, room = data.shape[3], pictures.shape[3] - data.shape[3]

    def run(repeat: int) -> None:
        rng = np.random.default_rng(repeat)
        for image in images:
            left, top = (int(v) for v in rng.integers(0, room + 1, 2))
            partner = mixing_set[rng.integers(len(mixing_set))]
            view(image, partner.crop((left, top, left + side, top + side)), rng)

    return run


def _of_timm(settings: Mapping[str, float], data: Tensor) -> Work:
    """Batches of 128 floats; timm changes its input, hence the conversion inside."""
    mix = Mixup(**settings, label_smoothing=0.0, num_classes=CLASSES)  # type: ignore[no-untyped-call]

    def run(_: int) -> None:
        for images in torch.split(data, 128):
            labels = torch.arange(len(images)) % CLASSES
            mix(images.to(torch.float32).div_(255), labels)

    return run
