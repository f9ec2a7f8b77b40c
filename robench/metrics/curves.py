"""Curves for plots, as plain lists that JSON can hold."""

import numpy as np

from robench.metrics.calibration import bin_index
from robench.types import Floats


def reliability(
    confidence: Floats, correct: Floats, bins: int = 15
) -> dict[str, list[float | None]]:
    """Reliability diagram over the bins of `robench.metrics.calibration.ece`.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, fig. 1.

    Args:
        confidence: (N,) top-1 probabilities in [0, 1].
        correct: (N,) 1.0 where the prediction is right.
        bins: Number of bins of equal width.

    Returns:
        Per bin its mean ``confidence``, its ``accuracy`` (both None where it is empty) and its
        ``count``.

    Raises:
        ValueError: A confidence outside [0, 1].
    """
    if not ((confidence >= 0.0) & (confidence <= 1.0)).all():
        raise ValueError("expected confidences in [0, 1], got some outside (or NaN)")
    index = bin_index(confidence, bins)
    count = np.bincount(index, minlength=bins)

    def means(values: Floats) -> list[float | None]:
        sums = np.bincount(index, weights=values, minlength=bins)
        return [float(s / n) if n else None for s, n in zip(sums, count, strict=True)]

    return {
        "confidence": means(confidence),
        "accuracy": means(correct),
        "count": [int(n) for n in count],
    }
