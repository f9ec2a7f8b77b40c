"""Geometric image operations on uint8 batches, equal to Pillow's bilinear affine transform.

Pillow maps each output pixel centre into the input; outside the frame it writes black, inside it
interpolates with neighbours clamped to the edge, in double precision, and truncates.
"""

import math
from functools import cache

import torch
from torch import Tensor

from augmentations.intensity import truncated


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
    centre_y, centre_x = _centres(height, width, images.device)
    x = centre_x + slope[:, None, None] * centre_y
    inside = _inside(x, width)
    left, across = _floor_(x.sub_(0.5), width)
    framed = torch.cat([images[..., :1], images, images[..., -1:]], 3)
    index = left.to(torch.int64)[:, None].expand(images.shape)
    near, far = (framed[..., tap:].gather(3, index) for tap in (0, 1))
    mixed = _lerp(near.double(), far.double(), across[:, None])
    return truncated(mixed).mul_(inside[:, None])


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
    # Many rows share their degrees: the geometry is worked out once for each.
    distinct, which = torch.unique(degrees, return_inverse=True)
    taps = _rotated_taps(distinct.to(torch.int64), height, width)
    index, across, down, inside = (part.index_select(0, which) for part in taps)
    rows = torch.cat([images[:, :, :1], images, images[:, :, -1:]], 2)
    framed = torch.cat([rows[..., :1], rows, rows[..., -1:]], 3).view(count, channels, -1)
    index = index.view(count, 1, -1).expand(-1, channels, -1)

    def line(first: int) -> Tensor:
        near, far = (framed[..., tap:].gather(2, index) for tap in (first, first + 1))
        mixed = _lerp(near.double(), far.double(), across.view(count, 1, -1))
        return mixed.view(images.shape)

    mixed = _lerp(line(0), line(width + 2), down[:, None])
    return truncated(mixed).mul_(inside[:, None])


def _rotated_taps(
    degrees: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Where the pixels of rotated images come from: (G, H, W) each for G rotations.

    Returns:
        int64 place of the upper left neighbour in the frame that repeats the edge once; float64
        fractions across and down; bool whether inside.
    """
    table = _rotations(height, width, degrees.device)[degrees + 89]
    a, b, c, d, e, f = (column[:, None, None] for column in table.unbind(1))
    centre_y, centre_x = _centres(height, width, degrees.device)
    x = (a * centre_x + b * centre_y).add_(c)
    y = (d * centre_x + e * centre_y).add_(f)
    inside = _inside(x, width) & _inside(y, height)
    left, across = _floor_(x.sub_(0.5), width)
    top, down = _floor_(y.sub_(0.5), height)
    return top.mul_(width + 2).add_(left).to(torch.int64), across, down, inside


def _centres(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Pixel centres (H, 1) and (W,) float64."""
    y = torch.arange(height, device=device, dtype=torch.float64)[:, None] + 0.5
    return y, torch.arange(width, device=device, dtype=torch.float64) + 0.5


def _inside(x: Tensor, size: int) -> Tensor:
    """Whether 0 <= x < size."""
    return x.clamp(0, math.nextafter(size, 0)) == x


def _floor_(x: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Place of the left neighbour in a frame that repeats the edge once, and the fraction.

    ``x`` is overwritten; what lies outside the frame gets any place in it.
    """
    whole = x.floor()
    return (whole + 1).clamp_(0, size), x.sub_(whole)


def _lerp(start: Tensor, end: Tensor, weight: Tensor) -> Tensor:
    """``start + (end - start) * weight`` in Pillow's order of operations; overwrites ``end``."""
    return end.sub_(start).mul_(weight).add_(start)


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
