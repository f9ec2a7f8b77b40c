"""Geometric image operations on uint8 batches, equal to Pillow's bilinear affine transform.

Pillow maps each output pixel centre into the input; outside the frame it writes black, inside it
interpolates with neighbours clamped to the edge, in double precision, and truncates.
"""

import math
from functools import cache

import torch
from torch import Tensor


def mirror(images: Tensor, _: Tensor) -> Tensor:
    """Flip images (R, 3, H, W) left to right."""
    return images.flip(3)


def translate_x(images: Tensor, pixels: Tensor) -> Tensor:
    """Move the content left by whole pixels, black fill.

    Args:
        images: (R, 3, H, W) uint8.
        pixels: (R,) whole numbers; negative moves right.

    Returns:
        (R, 3, H, W) uint8.
    """
    margin = images.shape[3]
    windows = torch.nn.functional.pad(images, (margin, margin)).unfold(3, margin, 1)
    rows = torch.arange(len(images), device=images.device)
    start = (pixels.to(torch.int64) + margin).clamp(0, 2 * margin)
    return windows[rows, :, :, start]


def translate_y(images: Tensor, pixels: Tensor) -> Tensor:
    """Move the content up by whole pixels, black fill; see ``translate_x``."""
    height = images.shape[2]
    source = torch.arange(height, device=images.device) + pixels.to(torch.int64)[:, None]
    inside = (source >= 0) & (source < height)
    rows = torch.arange(len(images), device=images.device)[:, None]
    moved = images.transpose(1, 2)[rows, source.clamp(0, height - 1)]
    return (moved * inside[:, :, None, None]).transpose(1, 2)


def shear_x(images: Tensor, slope: Tensor) -> Tensor:
    """Shear along x about the top-left corner: input x = x + slope * y.

    Args:
        images: (R, 3, H, W) uint8.
        slope: (R,) float64.

    Returns:
        (R, 3, H, W) uint8.
    """
    height, width = images.shape[2:]
    centre_y = torch.arange(height, device=images.device, dtype=torch.float64)[:, None] + 0.5
    centre_x = torch.arange(width, device=images.device, dtype=torch.float64) + 0.5
    x = centre_x + slope[:, None, None] * centre_y
    inside = (x >= 0) & (x < width)
    left, fraction = _floor(x - 0.5)
    shape = images.shape
    near = images.gather(3, left.clamp(0, width - 1)[:, None].expand(shape))
    far = images.gather(3, (left + 1).clamp(0, width - 1)[:, None].expand(shape))
    return _lerp(near.double(), far, fraction[:, None]).mul_(inside[:, None]).to(torch.uint8)


def shear_y(images: Tensor, slope: Tensor) -> Tensor:
    """Shear along y about the top-left corner: input y = y + slope * x; see ``shear_x``."""
    return shear_x(images.transpose(2, 3), slope).transpose(2, 3)


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Rotate counter-clockwise about the centre.

    Args:
        images: (R, 3, H, W) uint8.
        degrees: (R,) whole numbers from -89 to 89.

    Returns:
        (R, 3, H, W) uint8.
    """
    count, channels, height, width = images.shape
    table = _rotations(height, width, images.device)[degrees.to(torch.int64) + 89]
    a, b, c, d, e, f = (column[:, None, None] for column in table.unbind(1))
    centre_y = torch.arange(height, device=images.device, dtype=torch.float64)[:, None] + 0.5
    centre_x = torch.arange(width, device=images.device, dtype=torch.float64) + 0.5
    x = a * centre_x + b * centre_y + c
    y = d * centre_x + e * centre_y + f
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    left, across = _floor(x - 0.5)
    top, down = _floor(y - 0.5)
    columns = left.clamp(0, width - 1), (left + 1).clamp(0, width - 1)
    rows = top.clamp(0, height - 1) * width, (top + 1).clamp(0, height - 1) * width
    flat = images.reshape(count, channels, -1)

    def taps(row: Tensor, column: Tensor) -> Tensor:
        index = (row + column).view(count, 1, -1).expand(flat.shape)
        return flat.gather(2, index).view(images.shape)

    upper, lower = (
        _lerp(taps(row, columns[0]).double(), taps(row, columns[1]), across[:, None])
        for row in rows
    )
    return _lerp(upper, lower, down[:, None]).mul_(inside[:, None]).to(torch.uint8)


def _floor(x: Tensor) -> tuple[Tensor, Tensor]:
    """Whole part (int64) and fraction."""
    whole = x.floor()
    return whole.to(torch.int64), x - whole


def _lerp(start: Tensor, end: Tensor, weight: Tensor) -> Tensor:
    """``start + (end - start) * weight`` in double precision, in Pillow's order of operations."""
    return (end - start).mul_(weight).add_(start)


@cache
def _rotations(height: int, width: int, device: torch.device) -> Tensor:
    """(179, 6) float64 output-to-input matrices for -89 to 89 degrees, rounded as Pillow does."""
    return torch.tensor(
        [_rotation(degrees, height, width) for degrees in range(-89, 90)],
        dtype=torch.float64,
        device=device,
    )


def _rotation(degrees: int, height: int, width: int) -> tuple[float, ...]:
    """The six coefficients of one rotation about the centre."""
    angle = -math.radians(degrees % 360)  # as Pillow: the last decimal depends on it
    cos, sin = round(math.cos(angle), 15), round(math.sin(angle), 15)
    x, y = width / 2, height / 2
    shift_x = cos * -x + sin * -y + 0.0 + x
    shift_y = -sin * -x + cos * -y + 0.0 + y
    return cos, sin, shift_x, -sin, cos, shift_y
