"""PuzzleMix's transport: move salient blocks of an image to where the mask shows them."""

import numpy as np
import numpy.typing as npt
from torch import Tensor

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MOST_BLOCKS = 16  # per side, as in the published code: costs grow with the fourth power


def block_side(cell: int, wanted: int, image: int) -> int:
    """Side of the blocks that are moved.

    Args:
        cell: Side of the mask's cells in pixels.
        wanted: Smallest side in pixels; -1 for whole cells.
        image: Side of the image.

    Returns:
        The smallest divisor of ``cell`` that is at least ``wanted`` and leaves at most 16 x 16
        blocks; ``cell`` itself where there is none.
    """
    least = max(wanted, -(-image // MOST_BLOCKS)) if wanted > 0 else cell
    return next((side for side in range(least, cell) if cell % side == 0), cell)


def transport_plan(shown: Floats, salience: Floats, eps: float) -> Integers:
    """Which block comes to each place.

    Kim, Choo, Song, ICML 2020, algorithm 1, with as many rounds as there are blocks per side:
    every block asks for the place that is cheapest for it, ``eps`` times the squared distance over
    (n - 1)^2 less its saliency where the mask shows anything; of several the cheapest gets the
    place, and the others pay 1 there from now on. A place that the mask shows never stays empty,
    since the block that is there asks for it. Blocks left over after the last round fill the hidden
    places in order, which no one sees; the authors' code leaves those black.

    Args:
        shown: (N, n, n) weight of the image in each block, n at least 2.
        salience: (N, n, n) share of the saliency in each block.
        eps: Cost of distance, positive: a block that ties with a farther place stays.

    Returns:
        (N, n * n) int64: for each place the block that comes there, each block once.
    """
    count, rounds = len(shown), shown.shape[1]
    blocks = rounds**2
    cost = _costs(shown, salience, eps)
    row = np.arange(count * blocks)  # a block of an image; places are numbered alike
    first = row // blocks * blocks
    choice = cost.argmin(-1)
    loses = np.zeros(len(row), dtype=np.bool_)
    for turn in range(rounds):
        if turn:
            lost = row[loses]
            if not len(lost):
                break
            cost[lost, choice[lost]] += 1
            choice[lost] = cost[lost].argmin(-1)
        loses = _losers(first + choice, cost[row, choice])
    owner = np.full(len(row), -1)
    owner[(first + choice)[~loses]] = row[~loses] - first[~loses]
    owner[owner < 0] = (row - first)[loses]  # both in order, image by image
    return owner.reshape(count, blocks)


def _costs(shown: Floats, salience: Floats, eps: float) -> npt.NDArray[np.float32]:
    """(N * n^2, n^2): what each block pays for each place."""
    side = shown.shape[1]
    blocks = side**2
    row, column = np.divmod(np.arange(blocks), side)
    far = (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2
    distance = (eps * far / (side - 1) ** 2).astype(np.float32)
    worth = salience.reshape(-1, blocks, 1).astype(np.float32)
    visible = (shown > 0).reshape(-1, 1, blocks)
    cost: npt.NDArray[np.float32] = distance - worth * visible
    return cost.reshape(-1, blocks)


def _losers(place: Integers, bid: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Who does not get the place: all but the lowest bid, of equal ones the first."""
    lowest = np.full(len(place), np.inf, dtype=np.float32)
    np.minimum.at(lowest, place, bid)
    ahead = np.flatnonzero(bid == lowest[place])
    winner = np.full(len(place), len(place))
    np.minimum.at(winner, place[ahead], ahead)
    loses: npt.NDArray[np.bool_] = winner[place] != np.arange(len(place))
    return loses


def move_blocks(images: Tensor, plan: Tensor) -> Tensor:
    """Put the blocks of images to their places.

    Args:
        images: (N, C, S, S).
        plan: (N, n * n) int64, the block that comes to each place; n divides S.

    Returns:
        (N, C, S, S), a new tensor.
    """
    count, channels, side = images.shape[:3]
    grid = round(plan.shape[1] ** 0.5)
    step = side // grid
    blocks = images.reshape(count, channels, grid, step, grid, step).permute(0, 2, 4, 1, 3, 5)
    blocks = blocks.reshape(count, grid * grid, -1)
    moved = blocks.gather(1, plan[..., None].expand_as(blocks))
    moved = moved.view(count, grid, grid, channels, step, step).permute(0, 3, 1, 4, 2, 5)
    return moved.reshape(images.shape)
