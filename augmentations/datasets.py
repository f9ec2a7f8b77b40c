"""What a method needs to know of a data set, and how its authors set it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Settings = Mapping[str, Mapping[str, Any]]
IMAGENET_MEAN = (0.485, 0.456, 0.406)


@dataclass(frozen=True)
class DataSet:
    """A data set, as far as it matters here.

    Attributes:
        classes: How many.
        stored: Side in pixels of the mixing pictures that crops are taken from.
        settings: Method -> the switches that differ from the method's own defaults.
    """

    classes: int
    stored: int
    settings: Settings


# DeVries & Taylor name 16 for CIFAR-10 and 8 for CIFAR-100; 56 and the alphas of ImageNet are those
# of the IPMix paper (appendix F); the presets are the ImageNet scripts of the methods' authors.
_CIFAR100 = DataSet(100, 36, {"cutout": {"size": 8}})
DATASETS: Mapping[str, DataSet] = MappingProxyType(
    {
        "cifar10": DataSet(10, 36, {"cutout": {"size": 16}}),
        "cifar100": _CIFAR100,
        "cifar100-tiny": _CIFAR100,
        "imagenet": DataSet(
            1000,
            256,
            {
                "cutout": {"size": 56, "fill": IMAGENET_MEAN},
                "mixup": {"alpha": 0.2},
                "cutmix": {"alpha": 0.2, "probability": 1.0},
                "augmix": {"preset": "official_imagenet"},
                "pixmix": {"preset": "official_imagenet"},
                "ipmix": {"preset": "official_imagenet"},
                "autoaugment": {"policy": "imagenet"},
                "prime": {"preset": "imagenet"},
            },
        ),
    }
)


def settings_for(dataset: str, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Switches of a method on a data set: what is given counts, then what the data set says.

    Args:
        dataset: Any name; one that is not in ``DATASETS`` says nothing.
        method: Key of ``METHODS``.
        given: Switches that the caller names. A preset among them stands for all others.
    """
    if "preset" in given or dataset not in DATASETS:
        return dict(given)
    return {**DATASETS[dataset].settings.get(method, {}), **given}
