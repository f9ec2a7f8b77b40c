"""Where an image stands out from its surroundings."""

import torch
from torch import Tensor

HALF_WIDTHS = (12, 24, 28, 48, 56, 112)
"""Surrounds, in pixels to either side of the centre."""

SMALL_HALF_WIDTHS = (2, 4, 8)
"""Added for images of fewer than `SMALL` pixels, which hold few of the others."""

SMALL = 64


def grey(images: Tensor) -> Tensor:
    """Luminance as the ITU-R 601 weights give it in 16-bit fixed point (Pillow's mode L).

    Args:
        images: (N, 3, H, W) float32 in [0, 1], rounded to 256 levels first.

    Returns:
        (N, H, W) int64 in 0..255.
    """
    red, green, blue = (images * 255).round().to(torch.int64).unbind(1)
    return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16


def saliency(levels: Tensor) -> Tensor:
    """Multi-scale difference between a pixel and the mean of its surround.

    The fine-grained measure of Montabone & Soto, "Human Detection Using a Mobile Platform and Novel
    Features Derived from a Visual Saliency Mechanism", Image and Vision Computing 28, 2010: on- and
    off-centre responses, rectified, over several surrounds by integral images. A reimplementation
    from that description, not OpenCV's arithmetic: surrounds are clipped at the border and leave
    the centre out, both responses are summed over the scales, and the sum is rescaled.

    Args:
        levels: (N, H, W) int64 in 0..255.

    Returns:
        (N, H, W) float64 in [0, 255], the largest value of each image being 255, or all zero where
        nothing stands out. The same bits on any device.
    """
    height, width = levels.shape[1:]
    shorter = min(height, width)
    sums = torch.nn.functional.pad(levels.cumsum(1).cumsum(2), (1, 0, 1, 0))
    total = torch.zeros(levels.shape, dtype=torch.float64, device=levels.device)
    for half in (SMALL_HALF_WIDTHS if shorter < SMALL else ()) + HALF_WIDTHS:
        if half < shorter:
            total += _contrast(levels, sums, half)
    peak = total.amax((1, 2), keepdim=True)
    return torch.where(peak > 0, total / peak * 255, 0.0)


def _contrast(levels: Tensor, sums: Tensor, half: int) -> Tensor:
    """On- plus off-centre response for one surround: |level - mean|, (N, H, W) float64."""
    top, bottom = _span(levels.shape[1], half, levels.device)
    left, right = _span(levels.shape[2], half, levels.device)
    rows = sums[:, bottom] - sums[:, top]
    around = rows[:, :, right] - rows[:, :, left] - levels
    count = (bottom - top)[:, None] * (right - left) - 1
    # One division of exact integers, so that every device rounds alike.
    return (levels * count - around).abs().to(torch.float64) / count.to(torch.float64)


def _span(side: int, half: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """First position of each pixel's surround along a side, and the one behind its last."""
    position = torch.arange(side, device=device)
    return (position - half).clamp(min=0), (position + half + 1).clamp(max=side)


def peaks(images: Tensor) -> tuple[Tensor, Tensor]:
    """The most salient pixel of each image, the first in reading order if there are several.

    Args:
        images: (N, 3, H, W) float32 in [0, 1].

    Returns:
        Row and column, (N,) int64 each.
    """
    place = saliency(grey(images)).flatten(1).argmax(1)
    width = images.shape[3]
    return place // width, place % width
