"""PixMix one image at a time with Pillow, as the authors' training script works.

Hendrycks et al., "PixMix", CVPR 2022, restated from a description of the code at commit f867e87:
image operations run in Pillow, pictures are turned into float tensors, mixed and clipped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from torch import Tensor

from robench.studies.peers.augmix_pillow import ALL_OPS, OPS, apply_op, draw_step
from robench.studies.peers.ipmix_pillow import ImageStep, Picture, to_tensor

ROUNDS, BETA, SEVERITY = 4, 3.0, 3.0


@dataclass(frozen=True)
class Round:
    """One mixing: ``add`` or ``multiply``, its A and B, and what with.

    ``source`` is the operation that makes the second picture from the image; None: the partner.
    """

    op: str
    weights: tuple[float, float]
    source: ImageStep | None = None


def view(
    image: Picture, partner: Picture, rng: Generator, *, all_ops: bool = False
) -> tuple[Tensor]:
    """The only view.

    Args:
        image: RGB, square.
        partner: Mixing picture of the same size.
        rng: Source of all draws.
        all_ops: Whether to use all thirteen operations.

    Returns:
        One tensor (3, H, W) float32, normalised to [-1, 1].
    """
    ops, side = ALL_OPS if all_ops else OPS, image.width
    start = draw_step(ops, side, SEVERITY, rng) if rng.random() < 0.5 else None
    rounds = []
    for _ in range(rng.integers(0, ROUNDS + 1)):
        source = draw_step(ops, side, SEVERITY, rng) if rng.random() < 0.5 else None
        name = ("add", "multiply")[rng.integers(2)]
        rounds.append(Round(name, draw_weights(rng), source))
    return (mix(image, partner, start, rounds).sub_(0.5).div_(0.5),)


def mix(
    image: Picture, partner: Picture, start: ImageStep | None, rounds: Sequence[Round]
) -> Tensor:
    """Carry out drawn rounds: (3, H, W) float32 in [0, 1]."""
    mixed = to_tensor(image if start is None else apply_op(image, start.op, start.argument))
    for step in rounds:
        source = step.source
        other = partner if source is None else apply_op(image, source.op, source.argument)
        mixed = _mixed(step, mixed, to_tensor(other)).clip(0, 1)
    return mixed


def draw_weights(rng: Generator) -> tuple[float, float]:
    """A and B of add and multiply."""
    if rng.random() < 0.5:
        return float(np.float32(rng.beta(BETA, 1))), float(np.float32(rng.beta(1, BETA)))
    return float(np.float32(1 + rng.beta(1, BETA))), float(np.float32(-rng.beta(1, BETA)))


def _mixed(step: Round, first: Tensor, second: Tensor) -> Tensor:
    """Add or multiply two pictures."""
    a, b = step.weights
    if step.op == "add":
        return (a * (first * 2 - 1) + b * (second * 2 - 1) + 1) / 2
    return (first * 2) ** a * (second * 2).clip(1e-37) ** b / 2
