"""Means over cells that hold the same images: their errors, and the comparison of models."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.averaging import Weights
from robench.metrics.bootstrap import interval, resampler
from robench.metrics.significance import holm, mcnemar, p_value
from robench.types import Floats

Correct = Floats | NDArray[np.bool_]
RESAMPLES = 2000


@dataclass(frozen=True)
class PairwiseResult:
    """Every model against every other: matrices (M, M), row minus column.

    Attributes:
        difference: Of the mean losses; negative: the row's model is better.
        stderr: Its standard error, images as clusters.
        low: Lower end of the paired 95 % bootstrap interval; ``high`` the upper end.
        high: Upper end.
        p: Two-sided p-values, 1 on the diagonal.
        p_adjusted: The same after Holm's correction over all pairs.
    """

    difference: Floats
    stderr: Floats
    low: Floats
    high: Floats
    p: Floats
    p_adjusted: Floats


def losses_per_image(
    losses: NDArray[Any], weights: Weights | Floats | None = None, clean: Floats | None = None
) -> Floats:
    """What each image adds to an aggregate; the mean over images is the aggregate less its offset.

    Args:
        losses: (cells, N) errors, flip rates or other losses of the same N images (sequences) in
            the same order in every cell.
        weights: Of the cells (`robench.metrics.averaging.weights_of`); None: their plain mean.
        clean: (N,) clean errors of the same images, for a relative aggregate.

    Returns:
        (N,) float64.

    Raises:
        ValueError: Not (cells, at least 2 images), unlike numbers of cells or images, or clean
            errors that are missing.
    """
    if losses.ndim != 2 or losses.shape[1] < 2 or losses.shape[0] < 1:
        raise ValueError(f"expected (cells, at least 2 images), got shape {losses.shape}")
    if weights is None:
        mean: Floats = losses.mean(axis=0, dtype=np.float64)
        return mean
    given = weights if isinstance(weights, Weights) else Weights(weights)
    if given.cells.shape != (len(losses),):
        raise ValueError(f"expected {len(losses)} weights, got shape {given.cells.shape}")
    total = np.zeros(losses.shape[1])
    for weight, row in zip(given.cells, losses, strict=True):
        total += weight * row
    if given.clean:
        if clean is None or np.shape(clean) != total.shape:
            got = None if clean is None else np.shape(clean)
            raise ValueError(f"expected clean errors of the {len(total)} images, got {got}")
        total += given.clean * clean
    return total


def mean_stderr(per_image: Floats) -> float:
    """Standard error of the mean of independent images, std(ddof=1) / sqrt(N)."""
    return float(np.std(per_image, ddof=1) / math.sqrt(len(per_image)))


def clustered_stderr(correct: Correct, weights: Floats | Weights | None = None) -> float:
    """Standard error of a mean error over cells that hold the same images.

    The cells of one image are not independent, so images are the units: the standard deviation
    of the per-image means divided by the root of the number of images. Other losses, and the
    clean error of a relative aggregate: `mean_stderr` of `losses_per_image`.

    Args:
        correct: (cells, N) 1.0 or True where right, images in the same order in every cell.
        weights: (cells,) of a weighted sum of errors (`cell_weights`); None: their mean.

    Returns:
        A fraction.

    Raises:
        ValueError: Fewer than two images.
    """
    return mean_stderr(losses_per_image(1.0 - np.asarray(correct, dtype=np.float64), weights))


def paired_difference(
    a: Correct,
    b: Correct,
    seed: int = 0,
    *,
    weights: Floats | Weights | None = None,
    clean: tuple[Correct, Correct] | None = None,
) -> tuple[float, float, float, float]:
    """Error of model ``a`` minus error of model ``b`` on the same cells and images.

    Paired bootstrap with images as clusters, 2000 resamples that are shared by all models and
    columns with as many images; percentile interval. Exchanging the models changes the sign of
    the difference and of the interval, to the bit.

    Args:
        a: (cells, N) 1.0 or True where model a is right.
        b: The same of model b.
        seed: Key of the resampling.
        weights: Of the cells, of a weighted aggregate.
        clean: (N,) of model a and of model b, for a relative aggregate.

    Returns:
        Difference in mean error (negative: a is better), its standard error, and the lower and
        upper end of the 95 % interval; fractions.

    Raises:
        ValueError: Shapes differ, or fewer than two images.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"expected the same cells and images, got {np.shape(a)} and {np.shape(b)}")
    wrong = [1.0 - np.asarray(one, dtype=np.float64) for one in clean or ()]
    first, second = (
        losses_per_image(1.0 - np.asarray(bits, dtype=np.float64), weights, own)
        for bits, own in zip((a, b), wrong or (None, None), strict=True)
    )
    result = compare_all([first, second], seed)
    return (
        float(result.difference[0, 1]),
        float(result.stderr[0, 1]),
        float(result.low[0, 1]),
        float(result.high[0, 1]),
    )


def compare_all(losses: Sequence[Floats], seed: int = 0, *, exact: bool = False) -> PairwiseResult:
    """Compare every model with every other on the same images.

    Paired bootstrap over images, 2000 resamples shared by all models, so that all pairs cost one
    matrix product. The p-values are two-sided normal tails of difference over standard error,
    adjusted after Holm, Scandinavian Journal of Statistics 1979.

    Args:
        losses: Of each of M models (N,) losses per image (`losses_per_image`).
        seed: Key of the resampling.
        exact: Take the p-values from McNemar's exact test: for a single cell of rights and wrongs.

    Raises:
        ValueError: No models, unlike numbers of images, fewer than two, or, for the exact test,
            losses other than 0 and 1.
    """
    shapes = {np.shape(one) for one in losses}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1 or next(iter(shapes))[0] < 2:
        raise ValueError(f"expected losses of the same (at least 2) images, got {sorted(shapes)}")
    rows = np.stack([np.asarray(one, dtype=np.float64) for one in losses])
    draws = resampler(rows.shape[1], RESAMPLES, "paired difference", seed).means(rows)
    count, means = len(rows), rows.mean(axis=1)
    shape = (count, count)
    stderr, low, high, p = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.ones(shape)
    for i in range(count):
        for j in range(i + 1, count):
            stderr[i, j] = stderr[j, i] = mean_stderr(rows[i] - rows[j])
            low[i, j], high[i, j] = interval(draws[:, i] - draws[:, j])
            low[j, i], high[j, i] = -high[i, j], -low[i, j]
            value = p_value(float(means[i] - means[j]), float(stderr[i, j]))
            p[i, j] = p[j, i] = _exact(rows[i], rows[j]) if exact else value
    return PairwiseResult(means[:, None] - means[None], stderr, low, high, p, _adjusted(p))


def _exact(a: Floats, b: Floats) -> float:
    """McNemar's p of two rows of losses 0 and 1."""
    if not np.isin(np.concatenate([a, b]), (0.0, 1.0)).all():
        raise ValueError("expected losses 0 and 1 for the exact test, got others")
    return mcnemar(a == 0, b == 0).p


def _adjusted(p: Floats) -> Floats:
    """Holm's correction over the pairs of a symmetric matrix."""
    upper = np.triu_indices(len(p), 1)
    adjusted = np.ones_like(p)
    adjusted[upper] = holm(p[upper])
    adjusted.T[upper] = adjusted[upper]
    return adjusted
