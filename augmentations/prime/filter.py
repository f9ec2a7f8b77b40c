"""Random spectral distortion: a small filter of Gaussian weights."""

from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from augmentations.prime.draws import normal
from augmentations.random import uniform

SIDE = 3


class _Draw(IntEnum):
    """Numbers of the draws."""

    SIGMA = 0
    WEIGHTS = 1  # to 9


@dataclass(frozen=True)
class RandomFilter:
    """Correlate the image with ``s * N(0, 1)`` weights, 3 x 3, plus the identity.

    ``s`` is U(0, ``sigma``) for each image. The three channels share the filter.

    Args:
        sigma: Largest standard deviation of the weights.
        centred: Whether the identity is the centre of the filter. The published code has it in the
            last corner, which moves the image by a pixel up and to the left: False.
    """

    sigma: float = 4.0
    centred: bool = True

    def draw(self, keys: Tensor, side: int) -> Tensor:
        """Filters (R, 3, 3) float32 for keys (R,)."""
        spread = self.sigma * uniform(keys, _Draw.SIGMA).to(torch.float32)
        numbers = torch.arange(SIDE * SIDE, device=keys.device) + _Draw.WEIGHTS
        kernels = normal(keys[:, None], numbers).view(-1, SIDE, SIDE) * spread[:, None, None]
        place = SIDE // 2 if self.centred else SIDE - 1
        kernels[:, place, place] += 1
        return kernels

    def apply(self, images: Tensor, drawn: Tensor) -> Tensor:
        """Filter images (R, 3, H, W) float32 in [0, 1], each with its own filter."""
        return filter_images(images, drawn)


def filter_images(images: Tensor, kernels: Tensor) -> Tensor:
    """Correlate each image with a filter; black beyond the border, clamped to [0, 1].

    Args:
        images: (R, 3, H, W) float32.
        kernels: (R, 3, 3) float32.

    Returns:
        (R, 3, H, W) float32 in [0, 1].
    """
    height, width = images.shape[2:]
    padded = torch.nn.functional.pad(images, (SIDE // 2,) * 4)
    result = torch.zeros_like(images)
    # Nine shifted sums: unlike a convolution's, their order does not depend on the batch.
    for row in range(SIDE):
        for column in range(SIDE):
            window = padded[:, :, row : row + height, column : column + width]
            result.addcmul_(window, kernels[:, row, column, None, None, None])
    return result.clamp_(0, 1)
