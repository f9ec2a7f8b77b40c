"""Where the loss of a network depends on an image, pooled to a grid."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

GRIDS = (2, 4, 8, 16)  # of the published codes: 2^U{1..4}


def saliency(gradient: Tensor) -> Tensor:
    """Root mean square over the channels: gradient (N, C, H, W) -> (N, H, W) float32."""
    return gradient.to(torch.float32).square().mean(1).sqrt()


def shares(salience: Tensor, grid: int) -> npt.NDArray[np.float64]:
    """Saliency in the cells of a grid, as shares of the image's: on the CPU, for the solvers.

    Args:
        salience: (N, S, S), not negative.
        grid: Cells per side; divides S.

    Returns:
        (N, grid, grid) float64 summing to 1 per image; equal shares where an image has no saliency,
        or one that is not finite.
    """
    pooled = torch.nn.functional.avg_pool2d(salience[:, None], salience.shape[-1] // grid)[:, 0]
    cells = pooled.cpu().numpy().astype(np.float64)
    total = cells.sum((1, 2), keepdims=True)
    usable = np.isfinite(total) & (total > 0)
    even = np.full_like(cells, 1 / grid**2)
    share: npt.NDArray[np.float64] = np.divide(cells, total, out=even, where=usable)
    return share


def grids_of(name: str, grid: int, size: tuple[int, int]) -> tuple[int, ...]:
    """The grids that a method may draw for images of a size.

    Args:
        name: The method, for messages.
        grid: Cells per side, or 0 for any of ``GRIDS``.
        size: (H, W).

    Returns:
        Cells per side that divide the side.

    Raises:
        ValueError: The image is not square, or no grid divides it.
    """
    side = size[0]
    if size[0] != size[1]:
        raise ValueError(f"{name} expects square images, got {size[0]} x {size[1]}: crop first")
    wanted = (grid,) if grid else GRIDS
    fitting = tuple(cells for cells in wanted if side % cells == 0)
    if not fitting:
        cells = " or ".join(map(str, wanted))
        raise ValueError(f"{name} cuts images into {cells} cells per side: {side} is no multiple")
    return fitting
