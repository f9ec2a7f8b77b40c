"""The image operations of AugMix, which PixMix shares."""

import torch
from torch import Tensor

from augmentations.chains import ImageSteps
from augmentations.ops import OPS, moving
from augmentations.tables import draw_ops

AUGMIX_OPS = (
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
"""The nine operations that share nothing with the corruptions of ImageNet-C."""

AUGMIX_ALL_OPS = (*AUGMIX_OPS, "color", "contrast", "brightness", "sharpness")
"""With the four that do: what ``all_ops`` means in both papers' codes."""

DRAWS = 3
"""Draw numbers that `draw_image_steps` uses."""


def draw_image_steps(keys: Tensor, law: tuple[bool, float, int], draw: int) -> ImageSteps:
    """An operation, uniform over the list, for every key.

    Hendrycks et al., "AugMix", ICLR 2020, and "PixMix", CVPR 2022, code. Unlike IPMix these two
    stretch the contrast without cutting anything off.

    Args:
        keys: int64 of any shape.
        law: Whether from all operations, the severity (levels are U(0.1, severity)), the side of
            the image.
        draw: First of the draw numbers used.

    Returns:
        Steps of the shape of ``keys``, active where the operation does something to any image.
    """
    everything, severity, side = law
    names = AUGMIX_ALL_OPS if everything else AUGMIX_OPS
    op, argument = draw_ops(keys, names, severity, side, draw)
    argument = torch.where(op == OPS.index("autocontrast"), 0.0, argument)
    return ImageSteps(moving(op, argument), op, argument)
