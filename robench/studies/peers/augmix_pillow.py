"""AugMix one image at a time with Pillow, as the authors' training script works.

Hendrycks et al., "AugMix", ICLR 2020, restated from a description of the code at commit 9b9824c:
every operation runs in Pillow, every chain is turned into a normalised float tensor and added up.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.random import Generator
from PIL import ImageEnhance, ImageOps
from torch import Tensor

from robench.studies.peers import ipmix_pillow
from robench.studies.peers.ipmix_pillow import ImageStep, Picture, normalised

OPS = (
    "autocontrast",
    "equalize",
    "posterize",
    "rotate",
    "solarize",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
)
ALL_OPS = (*OPS, "color", "contrast", "brightness", "sharpness")
_ENHANCERS = {
    "color": ImageEnhance.Color,
    "contrast": ImageEnhance.Contrast,
    "brightness": ImageEnhance.Brightness,
    "sharpness": ImageEnhance.Sharpness,
}
CHAINS, DEPTH, SEVERITY = 3, 3, 3.0


def jsd_views(
    image: Picture, _: Picture | None, rng: Generator, severity: float = SEVERITY
) -> tuple[Tensor, Tensor, Tensor]:
    """The clean image and two views.

    Args:
        image: RGB, square.
        _: A mixing picture, as the other restatements take; not used.
        rng: Source of all draws.
        severity: Largest level, 3 on CIFAR, 1 on ImageNet.

    Returns:
        Three tensors (3, H, W) float32, normalised to [-1, 1].
    """
    return normalised(image), view(image, rng, severity), view(image, rng, severity)


def view(image: Picture, rng: Generator, severity: float = SEVERITY) -> Tensor:
    """One augmented view, normalised; see ``jsd_views``."""
    weights = rng.dirichlet([1.0] * CHAINS).astype(np.float32)
    mixed = np.float32(rng.beta(1.0, 1.0))
    chains = []
    for _ in range(CHAINS):
        depth = rng.integers(1, DEPTH + 1)
        chains.append([draw_step(OPS, image.width, severity, rng) for _ in range(depth)])
    return mix(image, chains, [float(w) for w in weights], float(mixed))


def mix(
    image: Picture, chains: Sequence[Sequence[ImageStep]], weights: list[float], mixed: float
) -> Tensor:
    """Carry out drawn chains and mix them with the clean image."""
    total = torch.zeros(3, image.height, image.width)
    for chain, weight in zip(chains, weights, strict=True):
        total += weight * normalised(run(image, chain))
    return (1 - mixed) * normalised(image) + mixed * total


def run(image: Picture, chain: Sequence[ImageStep]) -> Picture:
    """One chain."""
    state = image.copy()
    for step in chain:
        state = apply_op(state, step.op, step.argument)
    return state


def draw_step(ops: Sequence[str], side: int, severity: float, rng: Generator) -> ImageStep:
    """An operation with the argument of a level U(0.1, severity)."""
    op = ops[int(rng.integers(len(ops)))]
    level = rng.uniform(0.1, severity)
    sign = -1 if rng.random() > 0.5 else 1
    if op in _ENHANCERS:
        return ImageStep(op, level * 1.8 / 10 + 0.1)
    argument = {
        "posterize": 4 - int(level * 4 / 10),
        "rotate": sign * int(level * 30 / 10),
        "solarize": 256 - int(level * 256 / 10),
        "shear_x": sign * level * 0.3 / 10,
        "shear_y": sign * level * 0.3 / 10,
        "translate_x": sign * int(level * (side / 3) / 10),
        "translate_y": sign * int(level * (side / 3) / 10),
    }.get(op, 0)
    return ImageStep(op, argument)


def apply_op(image: Picture, op: str, argument: float) -> Picture:
    """One image operation by Pillow."""
    if op == "autocontrast":
        return ImageOps.autocontrast(image)
    if op in _ENHANCERS:
        return _ENHANCERS[op](image).enhance(argument)
    return ipmix_pillow.apply_op(image, op, argument)
