"""Tonal image operations on uint8 batches, equal to Pillow's ImageOps and ImageEnhance.

Every function takes images (R, 3, H, W) uint8 and one argument per row, (R,) float64 (ignored where
the operation has none), and returns new images of the same shape and dtype.
"""

import torch
from torch import Tensor


def equalize(images: Tensor, _: Tensor) -> Tensor:
    """Spread each channel's histogram evenly; with few pixels the table saturates at 255."""
    planes = _planes(images)
    low, high = _extremes(planes)
    index, histogram = _histogram(planes)
    step = (planes.shape[1] - histogram.gather(1, high)) // 255
    before = histogram.cumsum(1).sub_(histogram).add_(step // 2)
    # Whole numbers far below 2^53: truncated, this is integer division in a fraction of its time.
    table = before.double().div_(step.clamp(min=1)).clamp_(max=255).to(torch.uint8)
    codes = torch.arange(256, dtype=torch.uint8, device=images.device)
    table = torch.where((step == 0) | (low == high), codes, table)
    return table.flatten().index_select(0, index).view(images.shape)


def autocontrast(images: Tensor, cutoff: Tensor) -> Tensor:
    """Stretch each channel to 0..255 after cutting ``cutoff`` percent of the pixels at each end."""
    planes = _planes(images)
    cut = (planes.shape[1] * cutoff // 100).to(torch.int64)
    if bool((cut > 0).any()):
        low, high = _cut_extremes(_histogram(planes)[1], cut.repeat_interleave(3)[:, None])
    else:
        low, high = _extremes(planes)
    flat = high <= low
    span = (high - low).clamp(min=1).to(torch.float64)
    scale = torch.full_like(span, 255.0) / span  # number / tensor would go through a reciprocal
    scale = torch.where(flat, 1.0, scale)
    offset = torch.where(flat, 0.0, -low * scale)
    stretched = planes.double().mul_(scale).add_(offset).clamp_(0, 255)
    return truncated(stretched).view(images.shape)


def posterize(images: Tensor, bits: Tensor) -> Tensor:
    """Keep the ``bits`` highest bits (1 to 8) of each value."""
    mask = 256 - 2 ** (8 - bits.to(torch.int64))
    return images & mask.to(torch.uint8)[:, None, None, None]


def solarize(images: Tensor, threshold: Tensor) -> Tensor:
    """Invert the values that reach ``threshold`` (0 to 256)."""
    reached = images >= threshold.to(torch.int16)[:, None, None, None]
    return images ^ reached.to(torch.uint8).neg_()


def invert(images: Tensor, _: Tensor) -> Tensor:
    """255 - value."""
    return images ^ 255


def color(images: Tensor, factor: Tensor) -> Tensor:
    """Blend with the grey version; factor 0 is grey, 1 the image."""
    return _blend(images, _luma(images).expand(images.shape), factor)


def contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Blend with the constant image of the rounded mean luma."""
    luma = _luma(images)
    total = luma.to(torch.int64).sum((1, 2, 3)).to(torch.float64)
    mean = total / torch.full_like(total, luma[0].numel())  # a number would be a reciprocal on CUDA
    grey = (mean + 0.5).to(torch.uint8)
    return _blend(images, grey[:, None, None, None].expand(images.shape), factor)


def brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Blend with black."""
    return _blend(images, torch.zeros_like(images), factor)


def sharpness(images: Tensor, factor: Tensor) -> Tensor:
    """Blend with a version smoothed by the 3x3 kernel [1 1 1; 1 5 1; 1 1 1] / 13, borders kept."""
    wide = images.to(torch.int32)
    rows = wide[:, :, :-2] + wide[:, :, 1:-1] + wide[:, :, 2:]
    box = rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]
    centre = box + 4 * wide[:, :, 1:-1, 1:-1]
    smooth = images.clone()
    smooth[:, :, 1:-1, 1:-1] = ((2 * centre + 13) // 26).to(torch.uint8)
    return _blend(images, smooth, factor)


def truncated(values: Tensor) -> Tensor:
    """Values in 0..255 -> uint8, truncated."""
    # By way of int16: both conversions are vectorised, the direct one is not.
    return values.to(torch.int16).to(torch.uint8)


def _planes(images: Tensor) -> Tensor:
    """Images as (R * 3, H * W)."""
    return images.reshape(-1, images.shape[2] * images.shape[3])


def _histogram(planes: Tensor) -> tuple[Tensor, Tensor]:
    """Counts (M, 256) int64 of planes (M, P), and the flat place in them of each value, int32.

    Sums of integers: exact on every device.
    """
    end = len(planes) * 256
    offset = torch.arange(0, end, 256, dtype=torch.int32, device=planes.device)[:, None]
    index = (planes + offset).flatten()
    return index, torch.bincount(index, minlength=end).view(-1, 256)


def _extremes(planes: Tensor) -> tuple[Tensor, Tensor]:
    """Smallest and largest value of each plane: (M, 1) int64."""
    low, high = planes.amin(1, keepdim=True), planes.amax(1, keepdim=True)
    return low.to(torch.int64), high.to(torch.int64)


def _cut_extremes(histogram: Tensor, cut: Tensor) -> tuple[Tensor, Tensor]:
    """The same after cutting ``cut`` pixels (M, 1) from each end of histograms (M, 256).

    Where nothing is left the second is not above the first.
    """
    histogram = _cut_low(_cut_low(histogram, cut).flip(1), cut).flip(1)
    filled = (histogram > 0).to(torch.uint8)
    low = filled.argmax(1, keepdim=True)
    high = 255 - filled.flip(1).argmax(1, keepdim=True)
    return low, torch.where(filled.sum(1, keepdim=True) > 0, high, low)


def _cut_low(histogram: Tensor, cut: Tensor) -> Tensor:
    """Remove ``cut`` pixels (M, 1) from the low end of histograms (M, 256)."""
    before = histogram.cumsum(1) - histogram
    return histogram - (cut - before).clamp(min=0).minimum(histogram)


def _luma(images: Tensor) -> Tensor:
    """ITU-R 601 luma in Pillow's 16-bit fixed point: (R, 1, H, W) uint8."""
    red, green, blue = images.to(torch.int32).unbind(1)
    grey = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16
    return grey[:, None].to(torch.uint8)


def _blend(images: Tensor, degenerate: Tensor, factor: Tensor) -> Tensor:
    """``degenerate + factor * (images - degenerate)`` in float32, clamped, truncated."""
    start = degenerate.to(torch.float32)
    weight = factor.to(torch.float32)[:, None, None, None]
    return truncated((start + weight * (images.to(torch.float32) - start)).clamp_(0, 255))
