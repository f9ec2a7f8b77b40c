"""One metric on one cell: the value and its standard error over images."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.accuracy import average
from robench.metrics.bootstrap import standard_error
from robench.metrics.derive import derive
from robench.registry import load
from robench.types import Metric, Outputs


def score(
    metric: Metric, outputs: Outputs, inside: Outputs | None = None
) -> tuple[float, float | None]:
    """Compute a metric from stored outputs.

    Args:
        metric: Entry of `robench.metrics.METRICS`.
        outputs: The cell.
        inside: Its in-distribution partner, for metrics that need a pair.

    Returns:
        Value and standard error. The error is ``std(ddof=1) / sqrt(n)`` for a mean over images
        (for error rates the binomial one times n/(n-1) in the variance), else a bootstrap over
        images, of both sides of a pair; None for fewer than two images.

    Raises:
        ValueError: Too few images, logits that are not finite, or outputs that lack what the
            metric needs.
    """
    return score_arrays(metric, derive(outputs, inside))


def score_arrays(metric: Metric, arrays: Mapping[str, NDArray[Any]]) -> tuple[float, float | None]:
    """`score` on arrays from `robench.metrics.derive`, which several metrics can share."""
    if metric.per_image is not None:
        values = arrays[metric.per_image]
        n = _checked(metric, [values])
        spread = float(np.std(values, ddof=1)) / math.sqrt(n) if n > 1 else None
        return average(values), spread
    inputs = [arrays[name] for name in metric.inputs]
    n = _checked(metric, inputs)
    function = load(metric.function)
    value = float(function(*inputs))
    if n < 2:
        return value, None
    return value, standard_error(function, inputs, metric.name, paired=metric.needs == "pair")


def _checked(metric: Metric, arrays: Sequence[NDArray[Any]]) -> int:
    """How many images there are, which must be enough."""
    n = min(len(array) for array in arrays)
    if n < metric.minimum and metric.needs != "pair":  # whose functions say which side is empty
        raise ValueError(f"{metric.name} needs >= {metric.minimum} images, got {n}")
    return n
