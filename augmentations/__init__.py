"""Data augmentation on batched tensors; this package knows nothing of robench.

``METHODS`` is the one list of names. A method is imported when it is asked for, so that listing the
names needs no torch.
"""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from augmentations.base import Augmentation
    from augmentations.mixing_sets.packed import MixingSet
    from augmentations.transform import Transform

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "none": "augmentations.base:Identity",
        "cutout": "augmentations.cutout:Cutout",
        "mixup": "augmentations.mixup:MixUp",
        "cutmix": "augmentations.cutmix:CutMix",
        "manifold_mixup": "augmentations.manifold_mixup:ManifoldMixup",
        "saliencymix": "augmentations.saliencymix:SaliencyMix",
        "puzzlemix": "augmentations.puzzlemix.method:PuzzleMix",
        "comixup": "augmentations.comixup.method:CoMixup",
        "augmix": "augmentations.augmix:augmix",
        "augmax": "augmentations.augmax:AugMax",
        "pixmix": "augmentations.pixmix:pixmix",
        "ipmix": "augmentations.ipmix:ipmix",
        "autoaugment": "augmentations.policies:AutoAugment",
        "randaugment": "augmentations.policies:RandAugment",
        "trivialaugment": "augmentations.policies:TrivialAugment",
        "prime": "augmentations.prime.method:prime",
    }
)


def build(text: str, **arguments: Any) -> "Augmentation":  # noqa: ANN401  every method has its own
    """Make a method.

    Args:
        text: A key of ``METHODS``, with its switches in brackets where there are any,
            ``ipmix(k=4)``; or a composition, ``augmix > mixup``, ``choice(mixup, cutmix)``,
            ``schedule(mixup:50, cutmix)``.
        **arguments: Switches of a method that is named alone.

    Raises:
        ValueError: Unknown name, or a switch or value that the method refuses.
    """
    if arguments:
        return _build(text, arguments)
    from augmentations.compose import parse  # noqa: PLC0415  importing this package needs no torch
    from augmentations.parsing import call  # noqa: PLC0415

    return parse(text, lambda one: _build(*call(one)))


def _build(name: str, arguments: Mapping[str, Any]) -> "Augmentation":
    """Make one method by its name."""
    if name not in METHODS:
        raise ValueError(f"Unknown augmentation {name!r}. Known: {', '.join(sorted(METHODS))}.")
    module, _, attribute = METHODS[name].partition(":")
    try:
        method: Augmentation = getattr(importlib.import_module(module), attribute)(**arguments)
    except TypeError as error:
        raise ValueError(f"Cannot make the augmentation {name!r}: {error}") from error
    return method


def augment(
    images: "Tensor",
    method: str = "ipmix",
    *,
    partners: "Tensor | None" = None,
    seed: int = 0,
    epoch: int = 0,
    indices: "Tensor | None" = None,
    **arguments: Any,  # noqa: ANN401  every method has its own
) -> "Tensor":
    """Augment a batch of images whose labels stay as they are.

    Args:
        images: (N, 3, H, W) uint8.
        method: A key of ``METHODS``.
        partners: Mixing pictures like the images, for methods that need them.
        seed: Seed of the run.
        epoch: Epoch number.
        indices: (N,) int64 positions in the data set, None for 0 to N-1. An image of the same
            position, epoch and seed gets the same augmentation in any batch.
        **arguments: The method's switches.

    Returns:
        (N, 3, H, W), float32 in [0, 1] or uint8, as the method gives.

    Raises:
        ValueError: Unknown method or switch, or images or partners that it cannot take.
    """
    import torch  # noqa: PLC0415  importing this package needs no torch

    from augmentations.base import Batch  # noqa: PLC0415
    from augmentations.random import image_keys  # noqa: PLC0415

    if indices is None:
        indices = torch.arange(len(images), device=images.device)
    chosen = build(method, **arguments)
    if chosen.mixes_labels:
        raise ValueError(f"{method} mixes labels: call it with a Batch that holds the targets")
    keys = image_keys(seed, epoch, indices)
    return chosen(Batch(images, torch.zeros_like(keys), keys, partners)).images


def for_dataset(
    name: str,
    method: str = "ipmix",
    *,
    mixing_set: "MixingSet | Path | str | None" = None,
    views: int = 1,
    classes: int | None = None,
    **arguments: Any,  # noqa: ANN401  every method has its own
) -> "Transform":
    """A method for somebody else's trainer, set as its authors set it for a data set.

    The result is a transform of one image, ``transform(image)``, for a ``Dataset`` or torchvision's
    ``v2.Compose``, behind the crop and before Normalize; and a hook for whole batches,
    ``transform.batch(images, targets)`` or ``DataLoader(..., collate_fn=transform.collate)``.

    Args:
        name: ``cifar10``, ``cifar100`` or ``imagenet``.
        method: A key of ``METHODS`` or a composition, see `build`.
        mixing_set: Mixing pictures for the methods that need them: a folder, made by
            ``robench mixing-set make`` or of images of your own, or an open ``MixingSet``.
        views: 1: one augmented image. 3: the clean image and two views, for the JSD loss.
        classes: Of the labels that are mixed; None for the data set's own.
        **arguments: Switches of a method that is named alone.

    Raises:
        ValueError: Unknown names, or a method that needs what it was not given.
        FileNotFoundError: No such mixing set.
    """
    from augmentations import datasets, parsing, transform  # noqa: PLC0415  as in build
    from augmentations.compose import parse  # noqa: PLC0415

    if name not in datasets.DATASETS:
        raise ValueError(f"Unknown data set {name!r}. Known: {', '.join(datasets.DATASETS)}.")
    known = datasets.DATASETS[name]

    def make(text: str) -> "Augmentation":
        one, given = parsing.call(text)
        return _build(one, datasets.settings_for(name, one, given | arguments))

    if arguments and parsing.is_composed(method):
        raise ValueError(f"write the switches into {method!r}: which method are they for?")
    chosen = parse(method, make)
    return transform.make(chosen, mixing_set, known.stored, views, classes or known.classes)
