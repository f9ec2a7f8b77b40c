"""Compiled chains: everything that happens to a view, while it is in the cache."""

import numpy as np
import torch
from torch import Tensor

from augmentations.affine import _rotations
from augmentations.base import to_float
from augmentations.chains import ChainPlan
from augmentations.compiled.jit import compiled, fused
from augmentations.compiled.lines import copy
from augmentations.compiled.ops import apply_op
from augmentations.compiled.patch import MULTIPLY, mix_patch
from augmentations.compiled.records import Bytes, Floats, Integers, Records, Singles, Step, records
from augmentations.mixing import FLOOR, power
from augmentations.patches import Mixing

_BLOCK = 2048  # values combined at a time
Pictures = tuple[Bytes, Bytes]
"""An image and its partner, (3, H, W); with one more axis in front, many of them."""
Tables = tuple[Floats, tuple[Singles, Singles], bool]
"""Rotations (179, 6), powers of ``multiply`` (M, 256) each, whether an overflow wraps."""


def run(images: Tensor, partners: Tensor, plan: ChainPlan, overflow: str) -> Tensor:
    """``chains.run_chains`` for images on the CPU."""
    steps = records(plan)
    multiplied = plan.patches.active & (plan.patches.mixing.op == MULTIPLY)
    powers = _powers(plan.patches.mixing[multiplied])
    steps["table"][multiplied.numpy()] = np.arange(len(powers[0]))
    rotations = _rotations(images.shape[2], images.shape[3], images.device).numpy()
    weights = plan.weights.contiguous() / torch.full(plan.weights.shape, 255.0)
    mixed = torch.empty(weights.shape[1], *images.shape[1:])
    pictures = images.contiguous().numpy(), partners.contiguous().numpy()
    tables = rotations, powers, overflow == "wrap"
    _run(pictures, steps, weights.numpy(), tables, mixed.flatten(1).numpy())
    return mixed


def _powers(mixing: Mixing) -> tuple[Singles, Singles]:
    """Powers of the 256 codes of the first and of the second picture: (M, 256) each."""
    codes = to_float(torch.arange(256, dtype=torch.uint8))
    left, right = power(codes, mixing.a[:, None]), power(codes, mixing.b[:, None], floor=FLOOR)
    return left.numpy(), right.numpy()


@compiled
def _run(
    pictures: Pictures, steps: Records, weights: Singles, tables: Tables, mixed: Singles
) -> None:
    """All views, one after another: steps (t, k, V), weights (1 + k, V), mixed (V, D)."""
    images, partners = pictures
    depth, chains, views = steps.shape
    # The clean image, the results of the chains, a place to write to, one for a second picture.
    work = np.empty((chains + 3, *images.shape[1:]), np.uint8)
    results = np.zeros(chains + 1, np.int64)
    for view in range(views):
        number = view % len(images)
        copy(images[number], work[0])
        free = chains + 1
        for chain in range(chains):
            places = 0, chain + 1, free
            for step in range(depth):
                todo = steps[step, chain, view]
                places = _carry_out(todo, work, partners[number], places, tables)
            results[chain + 1] = places[0]
            free = places[1] if places[0] else free
        _combine(work, results, weights[:, view], mixed[view])


@compiled
def _carry_out(
    step: Step, work: Bytes, partner: Bytes, places: tuple[int, int, int], tables: Tables
) -> tuple[int, int, int]:
    """One step on the picture at ``places[0]`` of ``work``; row 0, the clean image, is kept.

    The result is written to ``places[1]``. Returns where it is and two rows that are free.
    """
    rotations, powers, wrap = tables
    here, free, other = places
    if step.by_image:
        box = 0, 0, work.shape[2], work.shape[3]
        apply_op(work[here], work[free], (step.op, step.argument), rotations, box)
        here, free, other = (free, here, other) if here else (free, other, other)
    if step.by_patch:
        if not here:
            copy(work[0], work[free])
            here, free = free, other
        source = partner
        if step.augmented:
            source, box = work[-1], (step.top, step.left, step.height, step.width)
            apply_op(work[0], source, (step.source_op, step.source_argument), rotations, box)
        mix_patch(work[here], source, step, powers, wrap)
    return here, free, other


@compiled
def _combine(work: Bytes, results: Integers, weights: Singles, mixed: Singles) -> None:
    """Convex combination in float32 of rows of ``work``, a block of values at a time."""
    values = work.reshape(len(work), -1)
    for start in range(0, len(mixed), _BLOCK):
        total = mixed[start : start + _BLOCK]
        total[:] = 0
        for number in range(len(weights)):
            part, weight = values[results[number], start : start + _BLOCK], weights[number]
            for i in range(len(total)):  # as tensors are: each sum is rounded once (addcmul)
                total[i] = fused(np.float32(part[i]), weight, total[i])
        for i in range(len(total)):
            total[i] = min(total[i], np.float32(1))  # the weights sum to 1 up to rounding
