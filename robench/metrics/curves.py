"""Curves for plots, as plain lists that JSON can hold."""

import numpy as np

from robench.metrics.bootstrap import source
from robench.metrics.calibration import bin_index, ece, rms_calibration
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


def noise_floor(confidence: Floats, draws: int = 100) -> dict[str, float]:
    """Calibration errors that a perfectly calibrated network of these confidences would show.

    Binned calibration errors are not zero for it, because the accuracy within a bin is noisy;
    values near the floor say nothing. Each draw lets an image be right with probability equal to
    its confidence; the randomness is keyed, so that the floor reproduces.

    Args:
        confidence: (N,) top-1 probabilities in [0, 1].
        draws: Simulated networks.

    Returns:
        Means over the draws: ``ece``, and ``rms`` from 100 images on; fractions.
    """
    rng = source("noise floor")
    rising = np.sort(confidence)
    samples = [(rng.random_sample(len(rising)) < rising).astype(np.float64) for _ in range(draws)]
    floor = {"ece": float(np.mean([ece(rising, correct) for correct in samples]))}
    if len(rising) >= 100:
        floor["rms"] = float(np.mean([rms_calibration(rising, correct) for correct in samples]))
    return floor
