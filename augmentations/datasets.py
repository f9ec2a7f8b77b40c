"""How a method is set for a data set, where its authors say so."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

Settings = Mapping[str, Mapping[str, Any]]
IMAGENET_MEAN = (0.485, 0.456, 0.406)

# DeVries & Taylor name 16 for CIFAR-10 and 8 for CIFAR-100; 56 and the alphas of ImageNet are those
# of the IPMix paper (appendix F); the presets are the ImageNet scripts of the methods' authors.
_CIFAR10: Settings = {"cutout": {"size": 16}}
_CIFAR100: Settings = {"cutout": {"size": 8}}
_IMAGENET: Settings = {
    "cutout": {"size": 56, "fill": IMAGENET_MEAN},
    "mixup": {"alpha": 0.2},
    "cutmix": {"alpha": 0.2, "probability": 1.0},
    "augmix": {"preset": "official_imagenet"},
    "pixmix": {"preset": "official_imagenet"},
    "ipmix": {"preset": "official_imagenet"},
    "autoaugment": {"policy": "imagenet"},
}
DATASETS: Mapping[str, Settings] = MappingProxyType(
    {
        "cifar10": _CIFAR10,
        "cifar100": _CIFAR100,
        "cifar100-tiny": _CIFAR100,
        "imagenet": _IMAGENET,
    }
)
"""Data set -> method -> the switches that differ from the method's own defaults."""


def settings_for(dataset: str, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Switches of a method on a data set: what is given counts, then what the data set says.

    Args:
        dataset: Any name; one that is not in ``DATASETS`` says nothing.
        method: Key of ``METHODS``.
        given: Switches that the caller names. A preset among them stands for all others.
    """
    if "preset" in given:
        return dict(given)
    return {**DATASETS.get(dataset, {}).get(method, {}), **given}
