"""Stability of predictions over the frames of a perturbation sequence."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.accuracy import average
from robench.types import Floats

TOP = 5


def flip_rate(flips: Floats) -> float:
    """Mean over sequences of the share of compared frames whose prediction differs.

    Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and
    Perturbations", ICLR 2019: the flip probability FP, not divided by AlexNet's.

    Args:
        flips: (V,) from `flips_per_sequence`.

    Returns:
        A fraction in [0, 1]; 0 is perfectly stable.

    Raises:
        ValueError: No sequences.
    """
    return average(flips)


def top5_distance(distances: Floats) -> float:
    """Mean over sequences of the distance between the five best classes of compared frames.

    Hendrycks & Dietterich, ICLR 2019: uT5D, not divided by AlexNet's, for which no constants are
    public. The five best classes of the reference frame are looked up in the other; ranks below
    five count as six; the distance of one comparison is the sum of their moves, 0 to 15.

    Args:
        distances: (V,) from `distances_per_sequence`.

    Raises:
        ValueError: No sequences.
    """
    return average(distances)


def flips_per_sequence(
    predictions: NDArray[np.integer[Any]],
    sequences: NDArray[np.int64],
    references: NDArray[np.int64],
) -> Floats:
    """Share of compared frames whose prediction differs from the reference frame's.

    Args:
        predictions: (M,) classes, a row per frame.
        sequences: (M,) number of the sequence of each row, 0 to V-1.
        references: (M,) row that each is compared with, -1 for none.

    Returns:
        (V,) fractions.

    Raises:
        ValueError: A sequence without any comparison.
    """
    rows = np.flatnonzero(references >= 0)
    flips = predictions[rows] != predictions[references[rows]]
    return _mean_by_sequence(flips, sequences, rows)


def distances_per_sequence(
    firsts: NDArray[np.integer[Any]],
    sequences: NDArray[np.int64],
    references: NDArray[np.int64],
) -> Floats:
    """Mean top-5 distance to the reference frame.

    Args:
        firsts: (M, 5) the five best classes of each frame, the best first (fewer, if there are
            fewer classes); `robench.metrics.compact.first_classes`.
        sequences: (M,) number of the sequence of each row, 0 to V-1.
        references: (M,) row that each is compared with, -1 for none.

    Returns:
        (V,) from 0 to 15.

    Raises:
        ValueError: A sequence without any comparison.
    """
    rows = np.flatnonzero(references >= 0)
    moves = _moves(firsts[references[rows]], firsts[rows])
    return _mean_by_sequence(moves, sequences, rows)


def _moves(before: NDArray[np.integer[Any]], after: NDArray[np.integer[Any]]) -> Floats:
    """(m, 5) each -> (m,) sum over the best five of ``before`` of how far their rank moved.

    Ranks from five on count as five, so that no other class needs to be known.
    """
    same = before[:, :, None] == after[:, None, :]
    now = np.where(same.any(axis=2), same.argmax(axis=2), TOP)
    moved: Floats = np.abs(now - np.arange(before.shape[1])).sum(axis=1, dtype=np.float64)
    return moved


def _mean_by_sequence(
    values: NDArray[np.bool_] | Floats, sequences: NDArray[np.int64], rows: NDArray[np.int64]
) -> Floats:
    """Mean of the values of each sequence, (V,)."""
    count = int(sequences.max(initial=-1)) + 1
    compared = np.bincount(sequences[rows], minlength=count)
    if (compared == 0).any():
        raise ValueError(f"{int((compared == 0).sum())} sequences have no frames to compare")
    means: Floats = np.bincount(sequences[rows], weights=values, minlength=count) / compared
    return means
