"""Co-Mixup's joint assignment, stage by stage."""

from itertools import product

import numpy as np
import pytest

from augmentations.comixup.assignment import CoProblem, CoSettings, assign, separating
from augmentations.comixup.halves import Halves
from augmentations.graph_cuts.energy import Integers

PUBLISHED = CoSettings(beta=0.32, gamma=1.0, tau=0.83, sweeps=4, solver="cut")


def random_problem(
    parts: int, inputs: int, grid: int, settings: CoSettings = PUBLISHED, omega: float = 0.0
) -> CoProblem:
    """Saliency shares of noise, with the published prior."""
    rng = np.random.default_rng(0)
    salience = rng.exponential(size=(parts, grid, grid, inputs)) ** 2
    cost = -salience / salience.sum((1, 2), keepdims=True)
    cost -= 0.05 / grid**2 * np.log(rng.dirichlet([2] * inputs, parts))[:, None, None]
    far = rng.uniform(size=(parts, inputs, inputs))
    similarity = (1 - omega) * np.eye(inputs) + omega * far
    return CoProblem(cost, similarity, settings)


def random_start(problem: CoProblem) -> Integers:
    """Any input in every cell."""
    parts, grid, _, inputs = problem.cost.shape
    return np.random.default_rng(1).integers(0, inputs, (parts, inputs, grid, grid))


def test_the_objective_is_the_published_sum() -> None:
    problem = random_problem(2, 3, 2)
    rng = np.random.default_rng(0)
    masks = rng.dirichlet([1, 1, 1], (2, 3, 2, 2))
    for part in range(2):
        total = (problem.cost[part] * masks[part]).sum()
        for output, row, column in product(range(3), range(2), range(2)):
            here = masks[part, output, row, column]
            if row == 0:
                total += 0.32 / 4 / 2 * ((here - masks[part, output, 1, column]) ** 2).sum()
            if column == 0:
                total += 0.32 / 4 / 2 * ((here - masks[part, output, row, 1]) ** 2).sum()
        for one, other in product(range(3), range(3)):
            if one != other:
                used = masks[part, one].sum((0, 1)), masks[part, other].sum((0, 1))
                total += 1.0 / 4 * (used[0] * used[1]).sum()
        assert problem.objective(masks)[part] == pytest.approx(total)


def test_only_inputs_used_beyond_the_threshold_are_penalised() -> None:
    problem = random_problem(2, 3, 4, omega=0.2)
    others = np.array([[10.0, 14.0, 40.0], [0.0, 30.0, 2.0]])
    found = problem.penalty(others)
    for part in range(2):
        matrix = problem.similarity[part]
        over = [sum(matrix[i, j] * others[part, j] for j in range(3)) > 0.83 * 16 for i in range(3)]
        for i in range(3):
            charged = sum(matrix[i, j] * over[j] * others[part, j] for j in range(3))
            assert found[part, i] == pytest.approx(2 / 16 * charged)
    plain = random_problem(1, 3, 4).penalty(np.array([[13.0, 14.0, 16.0]]))
    assert plain[0] == pytest.approx([0, 2 / 16 * 14, 2 / 16 * 16])


def test_the_three_most_used_inputs_are_halved() -> None:
    used = np.array([[2.0, 7.0, 0.0, 4.0, 3.0], [9.0, 0.0, 0.0, 7.0, 0.0], [16.0, 0, 0, 0, 0]])
    halves = Halves.among(used, allowed=True)
    assert halves.allowed.tolist() == [[True] * 3, [True, False, False], [False] * 3]
    assert halves.table[0].tolist() == [
        [0, 0.5, 0, 0.5, 0],
        [0, 0.5, 0, 0, 0.5],
        [0, 0, 0, 0.5, 0.5],
    ]
    assert halves.table[1].tolist() == [[0.5, 0, 0, 0.5, 0], [0] * 5, [0] * 5]
    distance = halves.distance()
    assert distance[0, 5].tolist() == [4, 1, 4, 1, 4, 0, 4, 4]
    assert np.array_equal(distance, distance.swapaxes(1, 2))
    assert not Halves.among(used, allowed=False).allowed.any()
    assert Halves.among(used[:, :1], allowed=True).table.shape == (3, 0, 1)


def test_a_half_costs_the_mean_less_the_bonus_and_one_that_is_not_allowed_too_much() -> None:
    problem = random_problem(2, 3, 2)
    used = np.array([[2.0, 1.0, 1.0], [4.0, 0.0, 0.0]])
    energy = problem.energy(problem.cost, Halves.among(used, allowed=True))
    wanted = (problem.cost[0, ..., 0] + problem.cost[0, ..., 1]) / 2 - 5e-4
    assert energy.unary[0, ..., 3] / 2**22 == pytest.approx(wanted, abs=2**-21)
    assert (energy.unary[1, ..., 3:].min() > energy.unary[1, ..., :3].max()).all()
    assert energy.down[0, 0, 0] * 4 / 2**22 == pytest.approx(0.32 / 4, abs=2**-19)


def test_the_graph_energy_is_the_objective_of_one_output_alone() -> None:
    problem = random_problem(1, 3, 2)
    halves = Halves.among(np.array([[2.0, 1.0, 1.0]]), allowed=True)
    energy = problem.energy(problem.cost, halves)
    alone = CoProblem(problem.cost, problem.similarity, CoSettings(0.32, 0.0, 1.0, 1, "cut"))
    for choice in product(range(4), repeat=4):  # inputs, and the half of the first two
        labels = np.array(choice).reshape(1, 2, 2)
        if 2 in choice and 3 in choice:
            continue  # counted as unlike, though the objective says three quarters
        mask = halves.masks(labels)[:, None]
        wanted = alone.objective(mask)[0] - 5e-4 * (labels == 3).sum()
        assert energy.value(labels)[0] / 2**22 == pytest.approx(wanted, abs=1e-5)


def test_outputs_of_the_same_inputs_are_set_apart() -> None:
    uses = [[1, 0, 1, 1], [0, 1, 0, 0], [1, 0, 1, 1], [0, 1, 0, 0]]  # outputs x inputs
    masks = np.array(uses, dtype=np.float64)[None, :, None, None]
    cost = separating(masks)
    assert cost[0, 0].tolist() == [1, 0, 0, 0]
    assert cost[0, 2].tolist() == [0, 0, 1, 0]
    assert not cost[0, [1, 3]].any()  # a single input is the penalty's business


def test_every_cell_shows_one_input_or_two_by_halves() -> None:
    problem = random_problem(3, 8, 4)
    masks = assign(problem, random_start(problem))
    assert masks.shape == (3, 8, 4, 4, 8)
    assert (masks.sum(-1) == 1).all()
    assert set(np.unique(masks)) == {0, 0.5, 1}


def test_sweeps_lower_the_objective_where_it_has_no_threshold() -> None:
    values = []
    for sweeps in (1, 2, 3):
        settings = CoSettings(beta=0.32, gamma=1.0, tau=0.0, sweeps=sweeps, solver="cut")
        problem = random_problem(10, 10, 4, settings)
        start = random_start(problem)
        values.append(problem.objective(assign(problem, start)))
    first = problem.objective(np.eye(10)[start])
    slack = 5e-4 * 16 * 10  # what the bonus of halves can hide
    assert (values[0] < first).all()
    assert (values[1] <= values[0] + slack).all()
    assert (values[2] <= values[1] + slack).all()
    assert values[2].mean() < values[0].mean()


def test_the_descent_alone_ends_no_better() -> None:
    plain = random_problem(10, 10, 4, CoSettings(0.32, 1.0, 0.83, 4, "icm"))
    problem = random_problem(10, 10, 4)
    start = random_start(problem)
    cut, icm = (p.objective(assign(p, start)).mean() for p in (problem, plain))
    assert cut < icm


def test_parts_are_assigned_as_when_alone() -> None:
    problem = random_problem(4, 6, 4, omega=0.001)
    start = random_start(problem)
    together = assign(problem, start)
    for part in range(4):
        one = np.array([part])
        assert np.array_equal(assign(problem.take(one), start[one])[0], together[part])


def test_diversity_spreads_the_inputs() -> None:
    """Without the penalty the inputs with peaked saliency take every output."""
    used = []
    for gamma in (0.0, 1.0):
        problem = random_problem(3, 8, 4, CoSettings(0.32, gamma, 0.83, 4, "cut"))
        used.append(assign(problem, random_start(problem)).sum((1, 2, 3)))
    assert used[1].max(1).mean() < 0.75 * used[0].max(1).mean()


@pytest.mark.parametrize("inputs", [1, 2])
def test_parts_of_one_and_two_inputs_work(inputs: int) -> None:
    problem = random_problem(2, inputs, 4)
    masks = assign(problem, random_start(problem))
    assert (masks.sum(-1) == 1).all()
