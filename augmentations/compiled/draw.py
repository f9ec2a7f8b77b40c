"""Compiled draws of IPMix's chains, equal to the method's own wherever a step is carried out."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from augmentations.compiled.hashing import integer, part_key, uniform
from augmentations.compiled.jit import compiled
from augmentations.compiled.patch import ADD, MULTIPLY
from augmentations.compiled.records import STEP, Integers, PackedPlan, Records, Step, packed
from augmentations.compiled.tables import argument_of, is_moving
from augmentations.ipmix import IPMix, _Draw
from augmentations.ipmix_presets import CIFAR_PATCHES, IMAGENET_PATCHES
from augmentations.mixing import MIXING_OPS, mixing_weights
from augmentations.ops import DISJOINT_OPS, OPS
from augmentations.random import named_keys

_DEPTH, _METHOD, _STEP_METHOD = _Draw.DEPTH, _Draw.METHOD, _Draw.STEP_METHOD
_OP, _SOURCE, _SOURCE_OP = _Draw.OP, _Draw.SOURCE, _Draw.SOURCE_OP
_PATCH, _MIXING = _Draw.PATCH, _Draw.MIXING


class _Law(NamedTuple):
    """What the decisions are drawn from; probabilities are of the first of two."""

    min_depth: int
    linear: bool
    by_image: float
    augmented: float
    square: float
    thin: bool
    severity: float
    side: int
    sizes: Integers
    ops: Integers
    mixing: Integers


def draw_chains(method: IPMix, keys: Tensor, size: tuple[int, int]) -> PackedPlan:
    """``IPMix.draw_chains`` for keys (V,) on the CPU; steps that are not carried out are zero."""
    linear = method.framework == "linear"
    law = _law(method, size)
    chains = 1 if linear else method.k
    depth = method.k * method.t if linear and method.linear_steps == "k*t" else method.t
    keys = named_keys(keys, "ipmix")
    steps = np.zeros((depth, chains, len(keys)), STEP)
    _draw(keys.numpy().view(np.uint64), law, steps)
    weighted = steps["by_patch"] & ((steps["mixing"] == ADD) | (steps["mixing"] == MULTIPLY))
    step_keys = torch.from_numpy(steps["key"][weighted])
    a, b = mixing_weights(step_keys, method.beta, _MIXING + 1)  # powers as tensors compute them
    steps["a"][weighted], steps["b"][weighted] = a.numpy(), b.numpy()
    weights = method._draw_blend(keys) if linear else method._draw_weights(keys)
    return packed(weights, steps)


def _law(method: IPMix, size: tuple[int, int]) -> _Law:
    """The switches of the method as numbers."""
    side = method._side(size)
    patches = method.patches or (CIFAR_PATCHES if side < 64 else IMAGENET_PATCHES)
    names = OPS if method.all_ops else DISJOINT_OPS
    return _Law(
        min_depth=method.min_depth,
        linear=method.framework == "linear",
        by_image={"both": 0.5, "image": 1.0, "patch": 0.0}[method.methods],
        augmented=0.5 if method.x_aug else 0.0,
        square={"both": 0.5, "square": 1.0, "scar": 0.0}[method.shapes],
        thin=method.scar_aspect == "thin",
        severity=float(method.severity),
        side=side,
        sizes=np.array(tuple(dict.fromkeys(min(patch, side) for patch in patches))),
        ops=np.array([OPS.index(name) for name in names]),
        mixing=np.array([MIXING_OPS.index(name) for name in method.mixing]),
    )


@compiled
def _draw(keys: Integers, law: _Law, steps: Records) -> None:
    """Fill steps (t, k, V) from the keys of the views (V,)."""
    depth, chains, views = steps.shape
    for view in range(views):
        for chain in range(chains):
            key = part_key(keys[view], chain)
            count = integer(key, law.min_depth, depth, _DEPTH)
            for number in range(count):
                step, step_key = steps[number, chain, view], part_key(key, number)
                if law.linear:
                    by_image = uniform(step_key, _STEP_METHOD) < law.by_image
                else:
                    by_image = uniform(key, _METHOD) < law.by_image
                if by_image:
                    step.op, step.argument = _draw_op(step_key, law, _OP)
                    step.by_image = is_moving(step.op, step.argument)
                else:
                    _draw_patch(step_key, law, step)
                    _draw_mixing(step_key, law, step)


@compiled
def _draw_op(key: np.uint64, law: _Law, draw: int) -> tuple[int, float]:
    """``tables.draw_ops``."""
    op = law.ops[integer(key, 0, len(law.ops) - 1, draw)]
    level = 0.1 + uniform(key, draw + 1) * (law.severity - 0.1)
    sign = -1.0 if uniform(key, draw + 2) > 0.5 else 1.0
    return op, argument_of(op, level, sign, law.side)


@compiled
def _draw_patch(key: np.uint64, law: _Law, step: Step) -> None:
    """``patches.draw_patches``."""
    size = law.sizes[integer(key, 0, len(law.sizes) - 1, _PATCH)]
    step.left = integer(key, 0, law.side - size, _PATCH + 1)
    step.top = integer(key, 0, law.side - size, _PATCH + 2)
    if uniform(key, _PATCH + 3) < law.square:
        step.width = step.height = size
    elif not law.thin:
        step.width = integer(key, 2, size, _PATCH + 4)
        step.height = integer(key, 2, size, _PATCH + 5)
    else:
        step.width = integer(key, 2, max(size // 4, 2), _PATCH + 4)
        step.height = integer(key, size // 2, size, _PATCH + 5)
        if uniform(key, _PATCH + 6) >= 0.5:
            step.width, step.height = step.height, step.width


@compiled
def _draw_mixing(key: np.uint64, law: _Law, step: Step) -> None:
    """``patches.draw_mixing`` but for the weights, and the second picture."""
    step.by_patch, step.key = True, np.int64(key)
    step.mask_key = np.int64(part_key(key, 0))
    step.mixing = law.mixing[integer(key, 0, len(law.mixing) - 1, _MIXING)]
    step.keep = np.float32(uniform(key, _MIXING + 4))
    if uniform(key, _SOURCE) < law.augmented:
        step.augmented = True
        step.source_op, step.source_argument = _draw_op(key, law, _SOURCE_OP)
