"""Random colour distortion: a smooth random curve for each channel."""

import math
from dataclasses import dataclass
from enum import IntEnum

import torch
from torch import Tensor

from augmentations.prime.draws import normal
from augmentations.random import integers, uniform

_CACHE_VALUES = 65_536  # values at a time on a CPU, so that the recurrence stays in its cache


class _Draw(IntEnum):
    """Numbers of the draws."""

    HIGHEST = 0
    TEMPERATURE = 1
    COEFFICIENTS = 2  # onwards


@dataclass(frozen=True, eq=False)
class Curves:
    """What is added to a value c in [0, 1]: the sum over j of a_j sin(pi (first + j) c).

    Attributes:
        first: (R,) int64 lowest frequency, at least 1.
        count: (R,) int64 number of frequencies; coefficients behind it are zero.
        coefficients: (R, 3, J) float32.
    """

    first: Tensor
    count: Tensor
    coefficients: Tensor

    def __getitem__(self, rows: Tensor) -> "Curves":
        """The curves of some rows."""
        return Curves(self.first[rows], self.count[rows], self.coefficients[rows])


@dataclass(frozen=True)
class RandomColour:
    """Add a sum of sines of the value, with Gaussian coefficients, to every channel.

    The highest frequency is uniform from 1 to ``highest``, the variance of the coefficients U(0,
    ``temperature``), both for each image; coefficients are independent across channels.

    Args:
        highest: Largest number of half waves over the range.
        band: How many frequencies up to the highest take part; 0 for all.
        temperature: Largest variance of a coefficient.
    """

    highest: int = 100
    band: int = 0
    temperature: float = 0.01

    def draw(self, keys: Tensor, side: int) -> Curves:
        """Curves for keys (R,)."""
        width = min(self.band or self.highest, self.highest)
        last = integers(keys, 1, self.highest, _Draw.HIGHEST)
        first = (last - width + 1).clamp(min=1)
        count = last - first + 1
        scale = (self.temperature * uniform(keys, _Draw.TEMPERATURE)).sqrt().to(torch.float32)
        frequency = torch.arange(width, device=keys.device)
        channel = torch.arange(3, device=keys.device)[:, None]
        numbers = _Draw.COEFFICIENTS + width * channel + frequency
        drawn = normal(keys[:, None, None], numbers) * scale[:, None, None]
        inside = frequency < count[:, None, None]
        return Curves(first, count, torch.where(inside, drawn, 0.0))

    def apply(self, images: Tensor, drawn: Curves) -> Tensor:
        """Recolour images (R, 3, H, W) float32 in [0, 1], each with its own curves."""
        return recolour(images, drawn)


def recolour(images: Tensor, curves: Curves) -> Tensor:
    """Add to every value what the curve of its image and channel gives; clamped to [0, 1].

    Args:
        images: (R, 3, H, W) float32 in [0, 1].
        curves: Of R images.

    Returns:
        (R, 3, H, W) float32 in [0, 1].
    """
    if len(images) == 0:
        return images
    # Curves of like length together, each group as long as its longest: trailing zeros change no
    # bit of the sum.
    size = len(images) if images.is_cuda else max(1, _CACHE_VALUES // images[0].numel())
    result = torch.empty_like(images)
    for rows in torch.split(torch.argsort(curves.count, stable=True), size):
        some = images[rows]
        result[rows] = (some + _sines(some, curves[rows])).clamp_(0, 1)
    return result


def _sines(values: Tensor, curves: Curves) -> Tensor:
    """The sums of sines at ``values`` (R, 3, H, W), by Clenshaw's recurrence.

    C. W. Clenshaw, "A note on the summation of Chebyshev series", 1955: with b the recurrence for
    the coefficients, the sum over j of a_j cos(j t) is a_0 + b_1 cos t - b_2, that of a_j sin(j t)
    is b_1 sin t; the angle sum moves both to the first frequency.
    """
    angle = values * math.pi
    cosine = torch.cos(angle)
    double, one, two = 2 * cosine, torch.zeros_like(values), torch.zeros_like(values)
    coefficients = curves.coefficients[..., None, None]
    for number in range(int(curves.count.max()) - 1, 0, -1):
        one, two = two.neg_().add_(coefficients[:, :, number]).addcmul_(double, one), one
    even = two.neg_().addcmul_(one, cosine).add_(coefficients[:, :, 0])
    odd = one.mul_(torch.sin(angle))
    angle.mul_(curves.first.to(torch.float32)[:, None, None, None])
    return even.mul_(torch.sin(angle)).addcmul_(odd, torch.cos(angle))
