"""A picture as Fourier coefficients of decorrelated colours, and what is done to it on its way.

Olah, Mordvintsev & Schubert, "Feature Visualization", Distill 2017.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

from augmentations.mixing_sets.base import Picture

Floats = NDArray[np.float32]
# Cholesky factor of the covariance of the RGB values in [0, 1] of all pixels of CIFAR-10's 50,000
# training images (Krizhevsky, 2009), divided by the norm of its longest row.
COLOURS = ((0.9444, 0.0, 0.0), (0.8484, 0.3829, 0.0), (0.7846, 0.4677, 0.4070))
_FALL = 1.25  # exponent of the amplitudes; 1 gives deep features of random networks more grain
_MIDDLE = 1 / 8  # frequency, in cycles per pixel, where the exponent changes nothing


def paint(coefficients: Tensor) -> Tensor:
    """Picture of Fourier coefficients.

    Args:
        coefficients: (3, side, side // 2 + 1, 2) float32, real and imaginary parts for the
            frequencies of ``numpy.fft.rfft2``. Equal values make low frequencies the stronger.

    Returns:
        (1, 3, side, side) float32 in (0, 1).
    """
    side = coefficients.shape[1]
    wave = torch.view_as_complex(coefficients) * _weights(side, coefficients.device)
    fields = torch.fft.irfft2(wave, (side, side), norm="ortho")
    colours = torch.tensor(COLOURS, device=fields.device)
    return torch.sigmoid(torch.einsum("rc,chw->rhw", colours, fields))[None]


def transform(image: Tensor, move: Floats) -> Tensor:
    """Scale, rotate and displace (1, 3, S, S) about its middle; what comes in is reflected."""
    scale, angle, dx, dy = (float(value) for value in move)
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    matrix = torch.tensor([[[cos, -sin, 2 * dx], [sin, cos, 2 * dy]]], dtype=torch.float32)
    grid = affine_grid(matrix.to(image.device), list(image.shape), align_corners=False)
    return grid_sample(image, grid, padding_mode="reflection", align_corners=False)


def variation(image: Tensor) -> Tensor:
    """Total variation: the sum of absolute differences of neighbours."""
    return image.diff(dim=2).abs().sum() + image.diff(dim=3).abs().sum()


def resize(image: Floats, size: int) -> Picture:
    """Antialiased bicubic resize of (3, S, S) float32 in [0, 1] to (size, size, 3) uint8."""
    whole = torch.from_numpy(image)[None]
    if image.shape[1] != size:
        whole = interpolate(whole, (size, size), mode="bicubic", antialias=True)
    levels = whole[0].clamp(0, 1) * 255 + 0.5
    return levels.permute(1, 2, 0).to(torch.uint8).contiguous().numpy()


@cache
def _weights(side: int, device: torch.device) -> Tensor:
    """Amplitude of a coefficient by frequency: (side, side // 2 + 1) float32."""
    frequency = np.hypot(np.fft.rfftfreq(side), np.fft.fftfreq(side)[:, None])
    weights = 0.25 * (_MIDDLE / np.maximum(frequency, 1 / side)) ** _FALL / _MIDDLE
    return torch.from_numpy(weights.astype(np.float32)).to(device)
