"""The published forms of IPMix as data, and which values its switches may have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from augmentations.frameworks import FRAMEWORKS, LINEAR_STEPS
from augmentations.mixing import OVERFLOWS
from augmentations.patches import SCAR_ASPECTS, SHAPES

FULL_IMAGE = 256
"""The paper's pixel level on ImageNet, larger than the crop of 224: the full image."""

CIFAR_PATCHES = (4, 8, 16, 32)
IMAGENET_PATCHES = (4, 8, 16, 32, 64, FULL_IMAGE)

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "official_cifar": {},
        "official_imagenet": {
            "patches": (4, 8, 16, 32, 64, 224),
            "severity": 1.0,
            "beta": 4.0,
            "x_aug": True,
        },
        "paper": {"patches": (), "min_depth": 1, "x_aug": True},
    }
)

CHOICES: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {
        "preset": tuple(PRESETS),
        "shapes": SHAPES,
        "scar_aspect": SCAR_ASPECTS,
        "overflow": OVERFLOWS,
        "methods": ("both", "image", "patch"),
        "framework": FRAMEWORKS,
        "linear_steps": LINEAR_STEPS,
    }
)
RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "alpha": (0.01, 1e6),
        "beta": (0.01, 1e6),
        "severity": (0.1, 10),
    }
)
