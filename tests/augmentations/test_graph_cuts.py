"""Graph cuts: exact where they say so, and never worse than a simple descent."""

from itertools import combinations, product

import numpy as np
import pytest

from augmentations.comixup.assignment import cheapest_labels
from augmentations.graph_cuts.cut import LARGEST, minimum_cut, quadratic_minimum
from augmentations.graph_cuts.energy import GridEnergy, Integers, descend
from augmentations.graph_cuts.moves import fuse, swap_and_expand
from augmentations.graph_cuts.narrow import narrow_minimum
from augmentations.puzzlemix.energy import Weights, puzzle_energy


def lowest(energy: GridEnergy) -> Integers:
    """The least value over all labellings: every labelling of a row after every one of the last."""
    grids, height, width, labels = energy.unary.shape
    rows = np.array(list(product(range(labels), repeat=width)))
    distance = energy.distance
    total: Integers = np.zeros((grids, len(rows)), dtype=np.int64)
    for row in range(height):
        if row:
            between = np.zeros((grids, len(rows), len(rows)), dtype=np.int64)
            for column, here in enumerate(rows.T):
                step = distance[:, here[:, None], here]
                between += energy.down[:, row - 1, column, None, None] * step
            total = (total[:, :, None] + between).min(1)
        for column in range(width):
            total = total + energy.unary[:, row, column][:, rows[:, column]]
        for column in range(width - 1):
            step = distance[:, rows[:, column], rows[:, column + 1]]
            total = total + energy.right[:, row, column, None] * step
    least: Integers = total.min(1)
    return least


def puzzles(count: int, side: int, labels: int = 3, seed: int = 0) -> GridEnergy:
    """PuzzleMix energies of random images and saliencies."""
    rng = np.random.default_rng(seed)
    own, partner = rng.exponential(size=(2, count, side, side)) ** 2
    own, partner = (s / s.sum((1, 2), keepdims=True) for s in (own, partner))
    down = rng.beta(1, 4, (2, 2, count, side - 1, side))
    right = rng.beta(1, 4, (2, 2, count, side, side - 1))
    share = rng.uniform(size=count)
    return puzzle_energy((own, partner), (down, right), share, Weights(8.0, 0.9, 0.2), labels)


def mixtures(count: int, side: int, labels: int, beta: float = 0.32, seed: int = 0) -> GridEnergy:
    """Co-Mixup energies of one output: some inputs penalised, halves of the first three."""
    rng = np.random.default_rng(seed)
    cells, halves = side**2, list(combinations(range(3), 2))
    salience = rng.exponential(size=(count, side, side, labels))
    cost = -salience / salience.sum((1, 2), keepdims=True)
    cost -= 0.05 / cells * np.log(rng.dirichlet([2] * labels, size=count))[:, None, None]
    cost += (rng.uniform(size=(count, 1, 1, labels)) < 0.3) * rng.uniform(0, 2)
    mixed = [cost[..., list(pair)].mean(-1, keepdims=True) - 5e-4 for pair in halves]
    distance = 4 * (1 - np.eye(labels + 3, dtype=np.int64))
    for number, pair in enumerate(halves):
        distance[labels + number, list(pair)] = distance[list(pair), labels + number] = 1
    unary = (np.concatenate([cost, *mixed], axis=-1) * 2**22).astype(np.int64)
    down = np.full((count, side - 1, side), int(beta / cells * 2**20))
    many = np.broadcast_to(distance, (count, labels + 3, labels + 3))
    return GridEnergy(unary, down, down.swapaxes(1, 2), many)


def test_value_sums_cells_and_neighbours() -> None:
    rng = np.random.default_rng(0)
    energy = puzzles(4, 4)
    labels = rng.integers(0, 3, (4, 4, 4))
    for grid in range(4):
        total = 0
        for row, column in product(range(4), range(4)):
            here = labels[grid, row, column]
            total += energy.unary[grid, row, column, here]
            if row < 3:
                gap = energy.distance[grid, here, labels[grid, row + 1, column]]
                total += energy.down[grid, row, column] * gap
            if column < 3:
                gap = energy.distance[grid, here, labels[grid, row, column + 1]]
                total += energy.right[grid, row, column] * gap
        assert energy.value(labels)[grid] == total


def test_a_neighbourhood_is_what_the_value_changes_by() -> None:
    energy = mixtures(3, 4, 4)
    labels = np.random.default_rng(1).integers(0, 7, (3, 4, 4))
    around = energy.neighbourhood(labels)
    for row, column, label in product(range(4), range(4), range(7)):
        changed = labels.copy()
        changed[:, row, column] = label
        old = labels[:, row, column]
        grid = np.arange(3)
        rise = around[grid, row, column, label] - around[grid, row, column, old]
        rise += energy.unary[grid, row, column, label] - energy.unary[grid, row, column, old]
        assert np.array_equal(energy.value(changed) - energy.value(labels), rise)


def test_a_minimum_cut_is_the_cheapest_of_all_choices() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        cost = rng.integers(-10, 11, 8)
        every = np.array(list(combinations(range(8), 2)))
        pairs = rng.permutation(every)[:12].T
        weights = rng.integers(0, 8, (2, 12))
        choices = np.array(list(product((0, 1), repeat=8)))
        first, second = choices[:, pairs[0]], choices[:, pairs[1]]
        paid = choices @ cost + (first > second) @ weights[0] + (first < second) @ weights[1]
        found = minimum_cut(cost, pairs, weights)
        assert paid[(choices == found).all(1)] == paid.min()


def test_costs_beyond_the_capacity_are_as_good_as_infinite() -> None:
    pairs, weights = np.array([[0, 1], [1, 2]]), np.full((2, 2), 5)
    cost = np.array([-(2**40), 3, 2**40])
    assert minimum_cut(cost, pairs, weights).tolist() == [True, False, False]
    assert minimum_cut(cost * [1, -1, 1], pairs, weights).tolist() == [True, True, False]


@pytest.mark.parametrize("weight", [-1, LARGEST + 1])
def test_weights_that_a_cut_cannot_take_are_refused(weight: int) -> None:
    with pytest.raises(ValueError, match=f"got .*{weight}"):
        minimum_cut(np.array([1, 1]), np.array([[0], [1]]), np.array([[1], [weight]]))


@pytest.mark.parametrize(("labels", "side"), [(2, 3), (3, 3), (4, 2), (5, 2)])
def test_puzzle_masks_are_exactly_optimal(labels: int, side: int) -> None:
    energy = puzzles(200, side, labels)
    found = quadratic_minimum(energy)
    assert np.array_equal(energy.value(found), lowest(energy))
    assert (found.min((1, 2)) < found.max((1, 2))).mean() > 0.2  # not a trivial one-label problem


def test_grids_solved_together_are_as_when_solved_alone() -> None:
    energy = puzzles(6, 8)
    together = quadratic_minimum(energy)
    for grid in range(6):
        assert np.array_equal(quadratic_minimum(energy.take(np.array([grid])))[0], together[grid])


def test_another_distance_is_refused_by_the_quadratic_solver() -> None:
    with pytest.raises(ValueError, match=r"needs the distance \(i - j\)\^2"):
        quadratic_minimum(mixtures(1, 3, 3))


@pytest.mark.parametrize("beta", [0.32, 1.0, 3.0])
@pytest.mark.parametrize(("labels", "count"), [(3, 60), (4, 15)])
def test_mixture_labels_are_exactly_optimal_on_small_grids(
    labels: int, count: int, beta: float
) -> None:
    energy = mixtures(count, 3, labels, beta)
    best = lowest(energy)
    assert np.array_equal(energy.value(cheapest_labels(energy, "cut")), best)
    assert (energy.value(cheapest_labels(energy, "icm")) > best).any()


def test_moves_alone_come_within_one_percent_of_the_optimum_on_average() -> None:
    energy = mixtures(150, 3, 3)
    found = swap_and_expand(energy, descend(energy, energy.unary.argmin(-1)))
    best = lowest(energy)
    assert (energy.value(found) - best).sum() < 0.01 * np.abs(best).sum()


@pytest.mark.parametrize("side", [4, 8])
def test_no_solver_is_worse_than_the_descent(side: int) -> None:
    for seed in range(2):
        energy = mixtures(20, side, 8, beta=1.0, seed=seed)
        plain = energy.value(cheapest_labels(energy, "icm"))
        moved = swap_and_expand(energy, descend(energy, energy.unary.argmin(-1)))
        cut = energy.value(cheapest_labels(energy, "cut"))
        assert (energy.value(moved) <= plain).all()
        assert (cut <= plain).all()
        assert (cut < plain).mean() > 0.5
        assert side == 8 or (cut <= energy.value(moved)).all()
        puzzle = puzzles(20, side, seed=seed)
        plain = puzzle.value(descend(puzzle, puzzle.unary.argmin(-1)))
        exact = puzzle.value(quadratic_minimum(puzzle))
        assert (exact <= plain).all()
        assert (exact < plain).any()


def test_the_descent_never_climbs() -> None:
    energy = mixtures(30, 8, 6, beta=2.0)
    labels = np.random.default_rng(0).integers(0, 9, (30, 8, 8))
    value = energy.value(labels)
    for _ in range(4):
        labels = descend(energy, labels, sweeps=1)
        assert (energy.value(labels) <= value).all()
        value = energy.value(labels)
    plain = energy.value(energy.unary.argmin(-1))
    assert (energy.value(descend(energy, energy.unary.argmin(-1))) < plain).all()


def test_a_swap_is_optimal_among_its_choices() -> None:
    energy = mixtures(40, 2, 3)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 6, (40, 2, 2))
    alpha, beta = labels[:, :1, :1], (labels[:, :1, :1] + rng.integers(1, 6, (40, 1, 1))) % 6
    free = (labels == alpha) | (labels == beta)
    zero, one = np.where(free, alpha, labels), np.where(free, beta, labels)
    choices = [
        energy.value(np.where(np.array(pick).reshape(2, 2), one, zero))
        for pick in product((False, True), repeat=4)
    ]
    assert np.array_equal(energy.value(fuse(energy, zero, one)), np.min(choices, axis=0))


def test_narrow_grids_are_solved_and_wide_ones_left_as_they_are() -> None:
    narrow, wide = mixtures(30, 3, 4, beta=1.0), mixtures(5, 16, 8, beta=1.0)
    worst = narrow.unary.argmax(-1)
    found, solved = narrow_minimum(narrow, worst)
    assert solved.all()
    assert np.array_equal(narrow.value(found), lowest(narrow))
    known = descend(wide, wide.unary.argmin(-1))
    found, solved = narrow_minimum(wide, known)
    assert not solved.any()
    assert np.array_equal(found, known)


@pytest.mark.parametrize("shape", [(5, 1), (1, 5), (4, 2), (2, 4)])
def test_grids_of_any_shape_are_solved(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    height, width = shape
    distance = rng.integers(1, 9, (20, 3, 3))
    distance = (distance + distance.swapaxes(1, 2)) * (1 - np.eye(3, dtype=np.int64))
    energy = GridEnergy(
        rng.integers(0, 40, (20, height, width, 3)),
        rng.integers(0, 3, (20, height - 1, width)),
        rng.integers(0, 3, (20, height, width - 1)),
        distance,
    )
    start = np.zeros((20, height, width), dtype=np.int64)
    assert np.array_equal(energy.value(narrow_minimum(energy, start)[0]), lowest(energy))
    assert (energy.value(swap_and_expand(energy, start)) <= energy.value(start)).all()
