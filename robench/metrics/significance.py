"""Tests of differences, corrections for many of them, and groups of rows that cannot be told apart.

None of these knows of models or cells: they take plain numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.types import Floats


@dataclass(frozen=True)
class McNemar:
    """Two models on the images of one cell.

    Attributes:
        only_a: Images that model a alone has right.
        only_b: Images that model b alone has right.
        p: Exact two-sided p-value of the two being equally good.
    """

    only_a: int
    only_b: int
    p: float


def mcnemar(a_correct: NDArray[Any], b_correct: NDArray[Any]) -> McNemar:
    """McNemar's test of paired rights and wrongs, with the exact binomial distribution.

    McNemar, "Note on the Sampling Error of the Difference Between Correlated Proportions or
    Percentages", Psychometrika 1947. Images that both have right, or both wrong, say nothing; of
    the others each is as likely to be a's as b's.

    Args:
        a_correct: (N,) True or 1.0 where model a is right.
        b_correct: The same of model b.

    Raises:
        ValueError: Unlike numbers of images, or values other than right and wrong.
    """
    if np.shape(a_correct) != np.shape(b_correct) or np.ndim(a_correct) != 1:
        raise ValueError(
            f"expected the same images, got shapes {np.shape(a_correct)} and {np.shape(b_correct)}"
        )
    if not np.isin([a_correct, b_correct], (0, 1)).all():
        raise ValueError("expected rights and wrongs, got values other than 0 and 1")
    a, b = np.asarray(a_correct, dtype=np.bool_), np.asarray(b_correct, dtype=np.bool_)
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return McNemar(only_a, only_b, _two_sided(min(only_a, only_b), only_a + only_b))


def _two_sided(fewer: int, total: int) -> float:
    """Twice the probability of at most so many heads of a fair coin, at most 1."""
    k = np.arange(1, fewer + 1)
    ways = np.append(0.0, np.cumsum(np.log((total - k + 1) / k)))  # log of the binomials
    return min(1.0, 2.0 * math.fsum(np.exp(ways - total * math.log(2.0)).tolist()))


def p_value(difference: float, stderr: float) -> float:
    """Two-sided tail of the normal distribution beyond a difference; 1 for no difference at all."""
    if math.isnan(difference) or not stderr >= 0:
        raise ValueError(f"expected a difference and its error, got {difference} and {stderr}")
    if difference == 0:
        return 1.0
    return math.erfc(abs(difference) / stderr / math.sqrt(2.0)) if stderr else 0.0


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Adjust p-values for their number: whoever rejects those below 0.05 errs once in 20 families.

    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 1979: the k-th smallest of m is multiplied by m - k + 1, and none is smaller than
    one before it.

    Args:
        p_values: (m,) in [0, 1].

    Returns:
        (m,) in the given order, at most 1.

    Raises:
        ValueError: Not probabilities.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("expected p-values in [0, 1] in a row, got others (or NaN)")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)).clip(max=1.0)
    return adjusted


def tie_groups(
    values: Sequence[float] | Floats, apart: NDArray[np.bool_], *, higher_is_better: bool
) -> tuple[tuple[int, ...], ...]:
    """Maximal sets of rows that cannot be told apart: a compact letter display.

    Piepho, "An Algorithm for a Letter-Based Representation of All-Pairwise Comparisons", Journal
    of Computational and Graphical Statistics 2004, insert and absorb. Two rows share a group
    exactly where they are not apart, and no group lies within another.

    Args:
        values: (M,) of the rows, for the order.
        apart: (M, M) symmetric, whether two rows differ.
        higher_is_better: Direction of the values.

    Returns:
        Groups of row numbers, the best row first in each, and the groups with the best rows first.

    Raises:
        ValueError: Values that are not numbers, or a matrix that does not fit them.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if np.isnan(numbers).any() or np.shape(apart) != (len(numbers), len(numbers)):
        raise ValueError(
            f"expected {len(numbers)} numbers and as square a matrix, got {np.shape(apart)}, or NaN"
        )
    if (apart != apart.T).any() or apart.diagonal().any():
        raise ValueError("expected a symmetric matrix without a row apart from itself, got another")
    order = np.argsort(-numbers if higher_is_better else numbers, kind="stable")
    groups = {frozenset(range(len(numbers)))} if len(numbers) else set()
    for i, j in zip(*np.nonzero(np.triu(apart[np.ix_(order, order)])), strict=True):
        both = {group for group in groups if i in group and j in group}
        split = {group - {one} for group in both for one in (int(i), int(j))}
        kept = groups - both
        groups = kept | {new for new in split if not any(new <= old for old in kept)}
    places = sorted(tuple(sorted(group)) for group in groups)
    return tuple(tuple(int(order[place]) for place in group) for group in places)


def mean_std(values: Sequence[float] | Floats) -> tuple[float, float | None, int]:
    """Of runs with several seeds: mean, standard deviation (n - 1; None for one run), and n.

    Raises:
        ValueError: No values, or some that are not finite.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if len(numbers) == 0 or not np.isfinite(numbers).all():
        raise ValueError(f"expected at least 1 finite value, got {list(values)}")
    spread = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None
    return float(np.mean(numbers)), spread, len(numbers)
