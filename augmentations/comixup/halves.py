"""Co-Mixup's mixed labels: two inputs, half and half."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from augmentations.graph_cuts.energy import Integers

Floats = npt.NDArray[np.float64]
TOP = 3  # inputs of an output whose halves may be mixed


@dataclass(frozen=True, eq=False)
class Halves:
    """The labels that show two inputs half and half: pairs of the inputs that an output uses most.

    Attributes:
        table: (Q, E, P) float64 weights, one half twice, 0 where the label is not allowed; E is 3,
            or less for fewer than 3 inputs.
        allowed: (Q, E) bool.
    """

    table: Floats
    allowed: npt.NDArray[np.bool_]

    @classmethod
    def among(cls, used: Floats, *, allowed: bool) -> "Halves":
        """The pairs among the three most used of the inputs: ``used`` (Q, P) cells."""
        parts, inputs = used.shape
        top = np.argsort(-used, axis=1, kind="stable")[:, :TOP]
        pairs = list(combinations(range(top.shape[1]), 2))
        table = np.zeros((parts, len(pairs), inputs))
        fits = np.zeros((parts, len(pairs)), dtype=np.bool_)
        every = np.arange(parts)
        for number, pair in enumerate(pairs):
            fits[:, number] = (used[every, top[:, pair[1]]] > 0) & allowed
            for member in pair:
                table[every, number, top[:, member]] = 0.5 * fits[:, number]
        return cls(table, fits)

    def distance(self) -> Integers:
        """(Q, P + E, P + E): 4 for unlike labels, 1 for a half and what it is a half of.

        As published: a half and another input, or two halves, count 4 although the objective's
        squared step between them is less.
        """
        parts, extra, inputs = self.table.shape
        distance = np.full((parts, inputs + extra, inputs + extra), 4)
        distance[:, inputs:, :inputs][self.table > 0] = 1
        distance[:, :inputs, inputs:] = distance[:, inputs:, :inputs].swapaxes(1, 2)
        every = np.arange(inputs + extra)
        distance[:, every, every] = 0
        return distance

    def masks(self, labels: Integers) -> Floats:
        """Weights (Q, n, n, P) of the inputs under labels (Q, n, n)."""
        parts, _, inputs = self.table.shape
        single = np.broadcast_to(np.eye(inputs), (parts, inputs, inputs))
        table = np.concatenate([single, self.table], axis=1)
        chosen: Floats = table[np.arange(parts)[:, None, None], labels]
        return chosen
