"""Proper scoring rules: negative log-likelihood and Brier score."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.accuracy import average
from robench.types import Floats


def softmax(logits: NDArray[Any]) -> Floats:
    """Class probabilities (N, K) float64 of logits (N, K); rows sum to 1."""
    probabilities = np.exp(_shifted(logits))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return probabilities


def top1_probability(logits: NDArray[Any]) -> Floats:
    """Largest softmax probability (N,) float64, bit for bit ``softmax(logits).max(axis=1)``."""
    exponentials = _shifted(logits)
    largest: Floats = 1.0 / np.exp(exponentials, out=exponentials).sum(axis=1)
    return largest


def nll(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood of the labels, by log-sum-exp in float64.

    Args:
        logits: (N, K) real numbers.
        labels: (N,) in 0..K-1.

    Returns:
        Nats, at least 0; 0 is perfect, ln K is a uniform guess.

    Raises:
        ValueError: No images.
    """
    return average(nll_per_image(logits, labels))


def nll_per_image(logits: NDArray[Any], labels: NDArray[np.int64]) -> Floats:
    """(N,) nats; its mean is `nll`."""
    shifted = _shifted(logits)
    own = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]
    # in place: the array of an ImageNet set has 400 MB
    values: Floats = np.log(np.exp(shifted, out=shifted).sum(axis=1)) - own
    return values


def brier(probabilities: Floats, labels: NDArray[np.int64]) -> float:
    """Mean over images of the squared distance of the probabilities from the one-hot label.

    Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950: the **sum** over
    the classes of the squared differences. Libraries that average over classes give 1/K of it.

    Args:
        probabilities: (N, K) in [0, 1], rows sum to 1.
        labels: (N,) in 0..K-1.

    Returns:
        A number in [0, 2]; 0 is perfect, 1 - 1/K is a uniform guess.

    Raises:
        ValueError: No images.
    """
    return average(brier_per_image(probabilities, labels))


def brier_per_image(probabilities: Floats, labels: NDArray[np.int64]) -> Floats:
    """(N,) sums of squared differences; its mean is `brier`."""
    own = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0]
    squares: Floats = np.einsum("nk,nk->n", probabilities, probabilities)
    return squares - own**2 + (1.0 - own) ** 2


def _shifted(logits: NDArray[Any]) -> Floats:
    """Logits minus their row maximum, a new float64 array."""
    top = logits.max(axis=1, keepdims=True)
    shifted: Floats = np.subtract(logits, top, dtype=np.float64)
    return shifted
