"""IPMix one image at a time with Pillow, as the authors' training scripts work.

Huang et al., "IPMix", NeurIPS 2023, restated from a description of the code at commit 050bcb6: the
image operations run in Pillow, patches are cropped from Pillow images, turned into float tensors,
mixed, truncated to uint8 modulo 256 and pasted back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image, ImageOps
from torch import Tensor

Picture = Image.Image

OPS = (
    "equalize",
    "posterize",
    "rotate",
    "solarize",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
    "mirror",
    "invert",
)
MIXING_OPS = ("add", "multiply", "random_pixels", "random_elements")
CHAINS, DEPTH = 3, 3


@dataclass(frozen=True)
class Form:
    """What differs between the scripts.

    Attributes:
        patches: Sides of the patches.
        level: Largest level of the image operations.
        beta: Severity of add and multiply.
        x_aug: Whether half of the patch steps mix with an augmented copy of the image.
    """

    patches: tuple[int, ...]
    level: float
    beta: float
    x_aug: bool


CIFAR = Form((4, 8, 16, 32), 3.0, 3.0, x_aug=False)
IMAGENET = Form((4, 8, 16, 32, 64, 224), 1.0, 4.0, x_aug=True)


@dataclass(frozen=True)
class ImageStep:
    """An operation of ``OPS`` with its argument."""

    op: str
    argument: float


@dataclass(frozen=True)
class PatchStep:
    """A mixing operation on a box (left, top, right, bottom).

    ``weights`` are A and B of add and multiply, ``mask`` (1 or 3, h, w) bool of the random ones;
    ``source`` makes the second picture from the clean image, without it that is the partner.
    """

    op: str
    box: tuple[int, int, int, int]
    weights: tuple[float, float] = (0.0, 0.0)
    mask: Tensor | None = None
    source: ImageStep | None = None


Chain = Sequence[ImageStep | PatchStep]


def jsd_views(
    image: Picture, partner: Picture, rng: Generator, form: Form = CIFAR
) -> tuple[Tensor, Tensor, Tensor]:
    """The clean image and two views.

    Args:
        image: RGB, of the size of the form's largest patch.
        partner: Mixing picture of the same size.
        rng: Source of all draws.
        form: Of which script.

    Returns:
        Three tensors (3, H, W) float32, normalised to [-1, 1].
    """
    return normalised(image), view(image, partner, rng, form), view(image, partner, rng, form)


def view(image: Picture, partner: Picture, rng: Generator, form: Form = CIFAR) -> Tensor:
    """One augmented view, normalised; see ``jsd_views``."""
    weights = rng.dirichlet([1.0] * CHAINS).astype(np.float32)
    mixed = np.float32(rng.beta(1.0, 1.0))
    chains = [draw_chain(image.width, rng, form) for _ in range(CHAINS)]
    return mix(image, partner, chains, [float(w) for w in weights], float(mixed))


def mix(
    image: Picture, partner: Picture, chains: Sequence[Chain], weights: list[float], mixed: float
) -> Tensor:
    """Carry out drawn chains and mix them with the clean image."""
    total = torch.zeros(3, image.height, image.width)
    for chain, weight in zip(chains, weights, strict=True):
        state = image.copy()
        for step in chain:
            if isinstance(step, ImageStep):
                state = apply_op(state, step.op, step.argument)
            else:
                source = step.source
                second = apply_op(image, source.op, source.argument) if source else partner
                state = mix_patch(state, second, step)
        total += weight * normalised(state)
    return (1 - mixed) * normalised(image) + mixed * total


def draw_chain(side: int, rng: Generator, form: Form) -> Chain:
    """0 to 3 steps of one kind."""
    by_image = rng.random() < 0.5
    depth = int(rng.integers(0, DEPTH + 1))
    if by_image:
        return [draw_image_step(side, rng, form) for _ in range(depth)]
    return [draw_patch_step(side, rng, form) for _ in range(depth)]


def draw_image_step(side: int, rng: Generator, form: Form) -> ImageStep:
    """An operation with the argument of a level U(0.1, form.level)."""
    op = OPS[rng.integers(len(OPS))]
    level = rng.uniform(0.1, form.level)
    sign = -1 if rng.random() > 0.5 else 1
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


def draw_patch_step(side: int, rng: Generator, form: Form) -> PatchStep:
    """A box, square or scar, and a mixing operation."""
    augmented = form.x_aug and rng.random() < 0.5
    source = draw_image_step(side, rng, form) if augmented else None
    size = int(form.patches[rng.integers(len(form.patches))])
    left, top = (int(v) for v in rng.integers(0, side - size + 1, 2))
    width = height = size
    if rng.random() < 0.5:
        width, height = (int(v) for v in rng.integers(2, size + 1, 2))
    box = (left, top, left + width, top + height)
    op = MIXING_OPS[rng.integers(len(MIXING_OPS))]
    if op in ("add", "multiply"):
        return PatchStep(op, box, weights=draw_weights(rng, form.beta), source=source)
    channels = 1 if op == "random_pixels" else 3
    mask = rng.random((channels, height, width), dtype=np.float32) < rng.random()
    return PatchStep(op, box, mask=torch.from_numpy(mask), source=source)


def draw_weights(rng: Generator, beta: float) -> tuple[float, float]:
    """A and B of add and multiply."""
    if rng.random() < 0.5:
        return float(np.float32(rng.beta(beta, 1))), float(np.float32(rng.beta(1, beta)))
    return float(np.float32(1 + rng.beta(1, beta))), float(np.float32(-rng.beta(1, beta)))


def apply_op(image: Picture, op: str, argument: float) -> Picture:
    """One image operation by Pillow."""
    simple = {"equalize": ImageOps.equalize, "mirror": ImageOps.mirror, "invert": ImageOps.invert}
    if op in simple:
        return simple[op](image)
    if op == "posterize":
        return ImageOps.posterize(image, int(argument))
    if op == "solarize":
        return ImageOps.solarize(image, int(argument))
    if op == "rotate":
        return image.rotate(argument, resample=Image.Resampling.BILINEAR)
    matrix = {
        "shear_x": (1, argument, 0, 0, 1, 0),
        "shear_y": (1, 0, 0, argument, 1, 0),
        "translate_x": (1, 0, argument, 0, 1, 0),
        "translate_y": (1, 0, 0, 0, 1, argument),
    }[op]
    affine, bilinear = Image.Transform.AFFINE, Image.Resampling.BILINEAR
    return image.transform(image.size, affine, matrix, resample=bilinear)


def mix_patch(image: Picture, partner: Picture, step: PatchStep) -> Picture:
    """Crop the box from both pictures, mix, paste."""
    first, second = to_tensor(image.crop(step.box)), to_tensor(partner.crop(step.box))
    a, b = step.weights
    if step.op == "add":
        mixed = (a * (first * 2 - 1) + b * (second * 2 - 1) + 1) / 2
    elif step.op == "multiply":
        mixed = (first * 2) ** a * (second * 2).clamp(1e-37) ** b / 2
    else:
        assert step.mask is not None
        mixed = torch.where(step.mask, first, second)
    result = image.copy()
    result.paste(to_picture(mixed), step.box[:2])
    return result


def to_tensor(image: Picture) -> Tensor:
    """RGB picture -> (3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().float().div(255)


def to_picture(tensor: Tensor) -> Picture:
    """(3, H, W) float32 -> RGB picture, truncating, modulo 256 (x86 turns the unfit into 0)."""
    codes = tensor.mul(255).to(torch.int32).to(torch.uint8)
    return Image.fromarray(codes.permute(1, 2, 0).numpy())


def normalised(image: Picture) -> Tensor:
    """(3, H, W) float32 in [-1, 1]: mean and deviation 0.5."""
    return to_tensor(image).sub_(0.5).div_(0.5)
