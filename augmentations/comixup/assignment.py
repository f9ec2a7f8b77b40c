"""Co-Mixup's assignment: which input each cell of each output shows, for all outputs jointly."""

from dataclasses import dataclass

import numpy as np

from augmentations.comixup.halves import Floats, Halves
from augmentations.graph_cuts.energy import GridEnergy, Integers, descend
from augmentations.graph_cuts.moves import swap_and_expand
from augmentations.graph_cuts.narrow import narrow_minimum

SCALE = 2**22  # costs become whole numbers: one unit is 2.4e-7
BONUS = 5e-4  # taken off the cost of a mixed label, as published
RESOLVED = 1e-6  # relative change of the objective that ends the sweeps


@dataclass(frozen=True)
class CoSettings:
    """How outputs are weighed against each other, as published.

    Attributes:
        beta: Weight of smoothness.
        gamma: Weight of inputs that are used in many outputs.
        tau: Share of an output's cells that all other outputs may give to an input for free.
        sweeps: Most passes over the outputs.
        solver: ``cut`` or ``icm``.
    """

    beta: float
    gamma: float
    tau: float
    sweeps: int
    solver: str


@dataclass(frozen=True, eq=False)
class CoProblem:
    """Q parts of P inputs each, on grids of n x n cells.

    Attributes:
        cost: (Q, n, n, P) float64, of showing an input in a cell.
        similarity: (Q, P, P) float64, the compatibility matrix A.
        settings: Weights and limits.
    """

    cost: Floats
    similarity: Floats
    settings: CoSettings

    @property
    def cells(self) -> int:
        """Cells of an output."""
        return int(self.cost.shape[1]) ** 2

    def take(self, parts: Integers) -> "CoProblem":
        """Some of the parts."""
        return CoProblem(self.cost[parts], self.similarity[parts], self.settings)

    def objective(self, masks: Floats) -> Floats:
        """The published objective of masks (Q, P, n, n, P), without threshold: (Q,) float64."""
        used = masks.sum((2, 3))  # outputs x inputs
        shown = (self.cost[:, None] * masks).sum((1, 2, 3, 4))
        steps = np.square(np.diff(masks, axis=2)).sum((1, 2, 3, 4))
        steps = steps + np.square(np.diff(masks, axis=3)).sum((1, 2, 3, 4))
        shared = np.square(used.sum(1)).sum(1) - np.square(used).sum((1, 2))
        beta, gamma = self._per_cell(self.settings.beta), self._per_cell(self.settings.gamma)
        total: Floats = shown + beta / 2 * steps + gamma * shared
        return total

    def penalty(self, others: Floats) -> Floats:
        """What each input costs more, per cell, for its use in the other outputs.

        Args:
            others: (Q, P) cells that the other outputs give to each input.

        Returns:
            (Q, P) float64. As in the authors' code the indicator of too much use scales the columns
            of A before the product.
        """
        over = (self.similarity @ others[..., None])[..., 0] > self.settings.tau * self.cells
        charged: Floats = (self.similarity @ (over * others)[..., None])[..., 0]
        return 2 * self._per_cell(self.settings.gamma) * charged

    def energy(self, cost: Floats, halves: Halves) -> GridEnergy:
        """The energy of one output per part under the costs (Q, n, n, P) and mixed labels."""
        mixed = np.einsum("qxyp,qhp->qxyh", cost, halves.table) - BONUS
        mixed = np.where(halves.allowed[:, None, None], mixed, cost.max() + 1)
        unary = (np.concatenate([cost, mixed], axis=-1) * SCALE).astype(np.int64)
        weight = int(self._per_cell(self.settings.beta) * SCALE / 4)
        parts, side = unary.shape[:2]
        down = np.full((parts, side - 1, side), weight)
        right = np.full((parts, side, side - 1), weight)
        return GridEnergy(unary, down, right, halves.distance())

    def _per_cell(self, weight: float) -> float:
        return weight / self.cells


def assign(problem: CoProblem, start: Integers) -> Floats:
    """Label every cell of every output, one output after the other, a few times over.

    Kim, Choo, Jeong, Song, "Co-Mixup: Saliency Guided Joint Mixup with Supermodular Diversity",
    ICLR 2021, algorithm 1, and the authors' code: while an output is labelled, the supermodular
    term is a cost of each input that the other outputs use beyond the threshold. From the second
    sweep on, halves of an output's inputs are labels as well. Before the last sweep outputs of the
    same inputs are set apart, see `separating`. A part stops when its objective hardly changes.

    Args:
        problem: Q parts.
        start: (Q, P, n, n) int64 inputs shown at first; the first dimensions are part and output.

    Returns:
        (Q, P, n, n, P) float64 weights of the inputs, 1 or twice 1/2 in each cell.
    """
    masks = np.eye(problem.cost.shape[-1])[start]
    apart = np.zeros((len(masks), *problem.similarity.shape[1:]))
    before = problem.objective(masks)
    active = np.arange(len(masks))
    for sweep in range(problem.settings.sweeps):
        some = problem.take(active)
        current = masks[active]
        for output in range(current.shape[1]):
            current[:, output] = _relabelled(some, current, apart[active], output, sweep)
        masks[active] = current
        if sweep == problem.settings.sweeps - 2:
            apart[active] = separating(current)
        now = some.objective(current)
        moving = np.abs(before[active] - now) >= RESOLVED * np.abs(now)
        before[active] = now
        active = active[moving]
        if not len(active):
            break
    return masks


def _relabelled(
    problem: CoProblem, masks: Floats, apart: Floats, output: int, sweep: int
) -> Floats:
    """New weights (Q, n, n, P) of one output, all others held."""
    used = masks.sum((2, 3))
    own = used[:, output]
    gamma = problem.settings.gamma / problem.cells
    extra = problem.penalty(used.sum(1) - own) + gamma * apart[:, output]
    halves = Halves.among(own, allowed=sweep > 0)
    energy = problem.energy(problem.cost + extra[:, None, None], halves)
    return halves.masks(cheapest_labels(energy, problem.settings.solver))


def cheapest_labels(energy: GridEnergy, solver: str) -> Integers:
    """Labels (Q, n, n): ``cut`` improves on ``icm`` to the minimum if it can, or else by cuts."""
    labels = descend(energy, energy.unary.argmin(-1))
    if solver == "icm":
        return labels
    labels, solved = narrow_minimum(energy, labels)
    wide = np.flatnonzero(~solved)
    if len(wide):
        labels[wide] = swap_and_expand(energy.take(wide), labels[wide])
    return labels


def separating(masks: Floats) -> Floats:
    """Costs that set outputs of the same inputs apart.

    Args:
        masks: (Q, P, n, n, P) weights.

    Returns:
        (Q, P, P) float64, outputs x inputs: 1 for the first of their inputs in the earlier output
        and for the second in the later one, where two outputs use the same two or more inputs.
    """
    uses = masks.sum((2, 3)) > 0
    alike = (uses[:, :, None] == uses[:, None]).all(-1) & (uses.sum(-1) > 1)[:, :, None]
    part, earlier, later = np.nonzero(np.triu(alike, 1))
    first, second = (np.cumsum(uses, axis=-1) * uses == n for n in (1, 2))
    cost = np.zeros(uses.shape)
    np.maximum.at(cost, (part, earlier), first[part, earlier].astype(np.float64))
    np.maximum.at(cost, (part, later), second[part, later].astype(np.float64))
    return cost
