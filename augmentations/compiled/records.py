"""What the compiled loops read: one record for each step of a chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from augmentations.chains import ChainPlan, ImageSteps, PatchSteps
from augmentations.patches import Mixing, Patches

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.integer[Any]]
Records = NDArray[np.void]
Step = Any
"""One record, whose fields are attributes in compiled code."""
Box = tuple[int, int, int, int]
"""Top, left, height, width of the part that is wanted."""

STEP = np.dtype(
    [
        ("by_image", np.bool_),
        ("op", np.int64),
        ("argument", np.float64),
        ("by_patch", np.bool_),
        ("top", np.int64),
        ("left", np.int64),
        ("height", np.int64),
        ("width", np.int64),
        ("mixing", np.int64),
        ("a", np.float32),
        ("b", np.float32),
        ("keep", np.float32),
        ("mask_key", np.int64),
        ("augmented", np.bool_),
        ("source_op", np.int64),
        ("source_argument", np.float64),
        ("table", np.int64),
        ("key", np.int64),
    ],
    align=True,
)
"""Fields as of ``chains.ChainPlan``; ``table`` is the row of the powers of ``multiply``, ``key``
that of the step's draws."""


@dataclass(frozen=True, eq=False)
class PackedPlan(ChainPlan):
    """A plan whose tensors are views of its records.

    Attributes:
        steps: (t, k, V) of `STEP`.
    """

    steps: Records


def records(plan: ChainPlan) -> Records:
    """The steps of a plan on the CPU: (t, k, V) of `STEP`; ``table`` may have any value."""
    if isinstance(plan, PackedPlan):
        return plan.steps
    images, steps = plan.images, plan.patches
    patches, mixing, source = steps.patches, steps.mixing, steps.source
    fields = {
        "by_image": images.active,
        "op": images.op,
        "argument": images.argument,
        "by_patch": steps.active,
        "top": patches.top,
        "left": patches.left,
        "height": patches.height,
        "width": patches.width,
        "mixing": mixing.op,
        "a": mixing.a,
        "b": mixing.b,
        "keep": mixing.keep,
        "mask_key": mixing.mask_keys,
        "augmented": source.active,
        "source_op": source.op,
        "source_argument": source.argument,
    }
    result = np.zeros(tuple(images.active.shape), STEP)
    for name, values in fields.items():
        result[name] = values.numpy()
    return result


def packed(weights: Tensor, steps: Records) -> PackedPlan:
    """A plan from records.

    Args:
        weights: (1 + k, V) float32.
        steps: (t, k, V) of `STEP`.
    """

    def of(*names: str) -> Iterator[Tensor]:
        return (torch.from_numpy(steps[name]) for name in names)

    patches = PatchSteps(
        torch.from_numpy(steps["by_patch"]),
        Patches(*of("left", "top", "width", "height")),
        Mixing(*of("mixing", "a", "b", "keep", "mask_key")),
        ImageSteps(*of("augmented", "source_op", "source_argument")),
    )
    return PackedPlan(weights, ImageSteps(*of("by_image", "op", "argument")), patches, steps)
