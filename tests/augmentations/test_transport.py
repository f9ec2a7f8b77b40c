"""PuzzleMix's transport: greedy rounds for the cheapest place."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
import torch

from augmentations.puzzlemix.transport import block_side, move_blocks, transport_plan

Floats = npt.NDArray[np.float64]


def restated(shown: Floats, salience: Floats, eps: float) -> list[int]:
    """The rounds for one image, with loops: the block that wins each place, or -1."""
    side = len(shown)
    places = list(product(range(side), range(side)))
    cost = np.empty((side**2, side**2), dtype=np.float32)
    for block, (top, left) in enumerate(places):
        for place, (row, column) in enumerate(places):
            far = np.float32(eps * ((top - row) ** 2 + (left - column) ** 2) / (side - 1) ** 2)
            worth = np.float32(salience[top, left]) if shown[row, column] > 0 else np.float32(0)
            cost[block, place] = far - worth
    for _ in range(side):
        wish = [int(np.argmin(row)) for row in cost]
        owner = [-1] * side**2
        for block, place in enumerate(wish):
            held = owner[place]
            if held < 0 or cost[block, place] < cost[held, place]:
                owner[place] = block
        for block, place in enumerate(wish):
            if owner[place] != block:
                cost[block, place] += 1
    return owner


def random_case(side: int, seed: int) -> tuple[Floats, Floats]:
    """A few masks and peaked saliencies."""
    rng = np.random.default_rng(seed)
    salience = rng.exponential(size=(6, side, side)) ** 3
    shown = rng.choice([0, 0.5, 1], (6, side, side), p=[0.5, 0.2, 0.3])
    return shown, salience / salience.sum((1, 2), keepdims=True)


@pytest.mark.parametrize("side", [2, 4, 8])
@pytest.mark.parametrize("eps", [0.01, 0.1, 0.8])
def test_every_place_that_is_shown_goes_to_the_block_that_the_rounds_give_it(
    side: int, eps: float
) -> None:
    shown, salience = random_case(side, seed=0)
    plan = transport_plan(shown, salience, eps)
    moved = 0
    for image in range(len(shown)):
        wanted = np.array(restated(shown[image], salience[image], eps))
        visible = shown[image].ravel() > 0
        assert (wanted[visible] >= 0).all()
        assert np.array_equal(plan[image][visible], wanted[visible])
        moved += (wanted[visible] != np.flatnonzero(visible)).sum()
    assert moved > 0


@pytest.mark.parametrize("side", [2, 4, 8, 16])
def test_every_block_comes_to_one_place(side: int) -> None:
    shown, salience = random_case(side, seed=1)
    for eps in (0.001, 0.1, 0.8):
        plan = transport_plan(shown, salience, eps)
        assert np.array_equal(np.sort(plan, axis=1), np.tile(np.arange(side**2), (6, 1)))


def test_a_salient_block_moves_into_view_and_the_one_there_makes_room() -> None:
    salience = np.array([[[0.7, 0.1], [0.1, 0.1]]])
    shown = np.array([[[0.0, 1.0], [0.0, 0.0]]])
    assert transport_plan(shown, salience, 0.1)[0, 1] == 0
    assert transport_plan(shown, salience, 0.65)[0].tolist() == [0, 1, 2, 3]  # 0.65 - 0.7 > -0.1


def test_nothing_moves_where_all_is_shown() -> None:
    _, salience = random_case(8, seed=2)
    plan = transport_plan(np.ones_like(salience), salience, 0.8)
    assert np.array_equal(plan, np.tile(np.arange(64), (6, 1)))


def test_blocks_are_put_to_their_places() -> None:
    images = torch.arange(2 * 3 * 6 * 6, dtype=torch.float32).view(2, 3, 6, 6)
    plan = torch.tensor([[3, 1, 0, 2, 4, 5, 6, 8, 7], list(range(9))])
    moved = move_blocks(images, plan)
    for image in range(2):
        for place, block in enumerate(plan[image].tolist()):
            (row, column), (top, left) = divmod(place, 3), divmod(block, 3)
            there = moved[image, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            wanted = images[image, :, 2 * top : 2 * top + 2, 2 * left : 2 * left + 2]
            assert torch.equal(there, wanted)


@pytest.mark.parametrize(
    ("cell", "wanted", "image", "side"),
    [(16, 4, 32, 4), (2, 4, 32, 2), (16, -1, 32, 16), (112, 4, 224, 14), (14, 4, 224, 14)],
)
def test_blocks_divide_the_cells_and_are_at_most_16_a_side(
    cell: int, wanted: int, image: int, side: int
) -> None:
    assert block_side(cell, wanted, image) == side
