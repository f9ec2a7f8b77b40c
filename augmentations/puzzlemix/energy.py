"""What a PuzzleMix mask costs: saliency lost, jagged borders, distance from the drawn ratio."""

from math import comb, gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from augmentations.graph_cuts.energy import GridEnergy, Integers

Floats = npt.NDArray[np.float64]
PRECISION = 1000  # costs are truncated to whole numbers after multiplication by this and the cells


class Weights(NamedTuple):
    """Weights of smoothness, of image borders within it, and of the prior, as published."""

    beta: float
    gamma: float
    eta: float


def border_pool(side: int, neighbours: int) -> int:
    """Pixels that are averaged before borders are compared; divides the side of a cell.

    Args:
        side: Side of a cell in pixels.
        neighbours: The published size; their minimum wherever it divides the cell.
    """
    return gcd(side, min(neighbours, side))


def border_steps(own: Tensor, partner: Tensor, grid: int) -> Tensor:
    """Mean step in the pixels across the border of each cell with the one below.

    Args:
        own: (N, 3, grid * k, grid * k) pooled images in [0, 1].
        partner: The same of the partners.
        grid: Cells per side.

    Returns:
        (2, 2, N, grid - 1, grid): entry [a, b] where the upper cell is taken from the partner
        (a = 0) or the image itself (a = 1), and the lower one likewise by b.
    """
    k = own.shape[-1] // grid
    above = torch.stack([image[:, :, k - 1 : -1 : k] for image in (partner, own)])
    below = torch.stack([image[:, :, k::k] for image in (partner, own)])
    step = (above[:, None] - below[None]).abs().mean(3)
    return step.view(*step.shape[:-1], grid, k).mean(-1)


def both_steps(own: Tensor, partner: Tensor, grid: int) -> tuple[Floats, Floats]:
    """`border_steps` to the cells below, and (2, 2, N, grid, grid - 1) to those on the right."""
    down = border_steps(own, partner, grid)
    right = border_steps(own.mT, partner.mT, grid).mT
    return down.cpu().numpy().astype(np.float64), right.cpu().numpy().astype(np.float64)


def prior(share: Floats, labels: int) -> Floats:
    """-log of the binomial chance of each label: shares (N,) of the own image -> (N, labels).

    Label 0 is the image itself, the last one the partner; 1e-8 is added to the chance.
    """
    last = labels - 1
    chance = [comb(last, n) * share ** (last - n) * (1 - share) ** n for n in range(labels)]
    return -np.log(np.stack(chance, axis=-1) + 1e-8)


def corrected(own: Floats, partner: Floats, down: Floats, right: Floats) -> tuple[Floats, ...]:
    """Move what a border costs into the cells, up to a weight on cells that differ.

    Args:
        own: (N, n, n) share of the image's saliency, lost where the cell is not its own.
        partner: (N, n, n) the same of the partner.
        down: (2, 2, N, n - 1, n) weighted `border_steps`.
        right: (2, 2, N, n, n - 1).

    Returns:
        The costs (N, n, n) of not taking the own, of not taking the partner's cell, and the
        weights of the edges down and right, of either sign.
    """
    own, partner, edges = own.copy(), partner.copy(), []
    borders = (down, np.s_[:, :-1], np.s_[:, 1:]), (right, np.s_[:, :, :-1], np.s_[:, :, 1:])
    for step, first, second in borders:
        own[first] += (step[0, 1] + step[0, 0]) / 2
        partner[first] += (step[1, 0] + step[1, 1]) / 2
        own[second] += (step[1, 0] + step[0, 0]) / 2
        partner[second] += (step[0, 1] + step[1, 1]) / 2
        edges.append((step[1, 0] + step[0, 1] - step[1, 1] - step[0, 0]) / 2)
    return own, partner, edges[0], edges[1]


def puzzle_energy(
    pair: tuple[Floats, Floats],
    steps: tuple[Floats, Floats],
    share: Floats,
    weights: Weights,
    labels: int,
) -> GridEnergy:
    """The energy of masks; label l gives the partner the weight l / (labels - 1).

    Kim, Choo, Song, "Puzzle Mix: Exploiting Saliency and Local Statistics for Optimal Mixup",
    ICML 2020, eq. 5-8. Costs are truncated to whole numbers as the authors' code does, then
    multiplied by (labels - 1)^2, which makes the squared distance of two masks a whole number too.

    Args:
        pair: Saliency shares (N, n, n) of the images and of their partners.
        steps: `both_steps` of the images.
        share: (N,) drawn weight of the own image.
        weights: beta, gamma and eta.
        labels: Levels of the mask.

    Returns:
        The energy of N grids. A weight that would reward a difference (gamma above 1 only) is 0.
    """
    grid = pair[0].shape[-1]
    beta = weights.beta / (16 * grid)
    down, right = (beta * weights.gamma * step for step in steps)
    own, partner, down, right = corrected(*pair, down, right)
    taken = np.linspace(0, 1, labels)
    lost = (1 - taken) * partner[..., None] + taken * own[..., None]
    lost = lost + weights.eta * prior(share, labels)[:, None, None] / grid**2
    scale, unit = PRECISION * grid**2, (labels - 1) ** 2
    levels = np.arange(labels)
    return GridEnergy(
        _whole(scale * lost) * unit,
        np.maximum(_whole(scale * (down + beta)), 0),
        np.maximum(_whole(scale * (right + beta)), 0),
        np.broadcast_to((levels[:, None] - levels) ** 2, (len(share), labels, labels)),
    )


def _whole(costs: Floats) -> Integers:
    """Truncate towards zero."""
    return costs.astype(np.int64)
