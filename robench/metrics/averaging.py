"""The arithmetic of means over cells: value, completeness and the weight of each cell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from robench.metrics.constants import CONSTANTS, Constants
from robench.metrics.prediction import PREDICTIONS
from robench.types import Aggregate, Floats

Key = tuple[str, int]  # corruption and severity, or perturbation and difficulty


@dataclass(frozen=True)
class AggregateValue:
    """A mean over the cells that are there.

    Attributes:
        value: A fraction (a number for other units); None where it cannot be computed.
        have: Cells that went in.
        expected: Cells that make it complete.
        lacks: What is missing beside cells, in words: ``constants``, ``the clean error``.
    """

    value: float | None
    have: int
    expected: int
    lacks: str = ""

    @property
    def complete(self) -> bool:
        """Whether it may be printed under its name."""
        return self.have == self.expected and not self.lacks

    @property
    def label(self) -> str:
        """What is printed in place of an incomplete one, ``40/75 cells``."""
        return f"{self.have}/{self.expected} cells"


@dataclass(frozen=True)
class Weights:
    """A linear aggregate: its value is ``cells @ errors + clean * clean_error + offset``.

    Attributes:
        cells: (cells,) factors of the values of the cells.
        clean: Factor of the clean error; 0 unless the aggregate is relative.
        offset: Of a prediction.
    """

    cells: Floats
    clean: float = 0.0
    offset: float = 0.0


def aggregate(
    definition: Aggregate,
    values: Mapping[Key, float],
    clean: float | None = None,
    constants: Constants | None = None,
) -> AggregateValue:
    """Average over the cells of an aggregate; other cells are left out.

    Without constants the plain mean over cells. With them, per corruption the sum over severities
    divided by the sum of the constants over the same severities (of a relative one, both less
    their clean errors), then the mean over corruptions. A prediction needs all its cells; with
    some missing the plain mean of the others stands for it, under its label.

    Args:
        definition: What to average.
        values: Fractions by (corruption, severity), or by (perturbation, difficulty).
        clean: Clean error of the same model, for a relative one.
        constants: In place of the named ones; needed where these are ``user``.

    Returns:
        A fraction and how complete it is.

    Raises:
        ValueError: A value that is not finite; the message names its cell. Or the constants are of
            another metric, or lack a corruption or severity.
    """
    cells = [
        (name, level)
        for name in definition.corruptions
        for level in definition.levels
        if (name, level) in values
    ]
    for name, level in cells:
        if not math.isfinite(values[name, level]):
            raise ValueError(f"{definition.name}: {name} {level} is {values[name, level]}")
    have, lacks = len(cells), _lacks(definition, clean, constants)
    weights = None if lacks else weights_of(definition, cells, constants)
    if weights is None:
        return AggregateValue(None, have, definition.cells, lacks)
    terms = (float(w) * values[cell] for w, cell in zip(weights.cells, cells, strict=True))
    value = math.fsum([*terms, weights.clean * (clean or 0.0), weights.offset])
    return AggregateValue(value, have, definition.cells)


def weights_of(
    definition: Aggregate, cells: Sequence[Key], constants: Constants | None = None
) -> Weights | None:
    """What each cell counts for; also of a plain mean.

    Args:
        definition: The aggregate.
        cells: Its cells that are there.
        constants: In place of the named ones.

    Returns:
        The weights; None without cells, or where there are no constants.

    Raises:
        ValueError: The constants are of another metric, or lack a corruption or severity.
    """
    if not cells:
        return None
    fit = PREDICTIONS.get(definition.name) if len(cells) == definition.cells else None
    if fit is not None:
        return Weights(np.array([fit["weights"][name] for name, _ in cells]), 0.0, fit["intercept"])
    if not definition.constants:
        return Weights(np.full(len(cells), 1.0 / len(cells)))
    reference = constants or CONSTANTS.get(definition.constants)
    return None if reference is None else _normalised(definition, cells, reference)


def cell_weights(
    definition: Aggregate, cells: Sequence[Key], constants: Constants | None = None
) -> Floats | None:
    """The factors of the cells of `weights_of`; None for a plain mean."""
    plain = not definition.constants and definition.name not in PREDICTIONS
    weights = None if plain else weights_of(definition, cells, constants)
    return None if weights is None else weights.cells


def _lacks(definition: Aggregate, clean: float | None, constants: Constants | None) -> str:
    """What an aggregate needs beside its cells and has not got."""
    if definition.constants and constants is None and definition.constants not in CONSTANTS:
        return "constants"
    return "the clean error" if definition.relative and clean is None else ""


def _normalised(definition: Aggregate, cells: Sequence[Key], reference: Constants) -> Weights:
    """Weights of a mean of ratios."""
    if reference.metric != definition.metric:
        raise ValueError(
            f"{definition.name} expected constants of {definition.metric}, got {reference.name} "
            f"of {reference.metric}"
        )
    if definition.relative and reference.clean is None:
        raise ValueError(f"{definition.name} expected a clean error among {reference.name}")
    clean = (reference.clean or 0.0) if definition.relative else 0.0
    terms: dict[str, list[float]] = {}
    for name, level in cells:
        number = _constant(reference, name, 1 if definition.difficulty else level)
        terms.setdefault(name, []).append(number - clean)
    sums = {name: math.fsum(numbers) for name, numbers in terms.items()}
    factors = np.array([1.0 / (len(sums) * sums[name]) for name, _ in cells])
    return Weights(factors, -math.fsum(factors) if definition.relative else 0.0)


def _constant(reference: Constants, name: str, level: int) -> float:
    """The number of one cell."""
    numbers = reference.values.get(name, ())
    if not 1 <= level <= len(numbers):
        raise ValueError(f"expected {reference.name} to have {name} {level}; it has not")
    return numbers[level - 1]
