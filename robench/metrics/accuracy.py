"""Top-1 and top-5 error."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.types import Floats


def average(values: Floats) -> float:
    """Mean over images.

    Args:
        values: (N,) one number per image.

    Raises:
        ValueError: No images.
    """
    if len(values) == 0:
        raise ValueError("need at least 1 image, got 0")
    return float(np.mean(values, dtype=np.float64))


def error(correct: Floats) -> float:
    """Share of images whose top-1 prediction is wrong.

    Args:
        correct: (N,) 1.0 where the prediction is right, 0.0 where not.

    Returns:
        A fraction in [0, 1]; 0 is perfect.

    Raises:
        ValueError: No images.
    """
    return average(error_per_image(correct))


def error_per_image(correct: Floats) -> Floats:
    """(N,) 1.0 where the prediction is wrong; its mean is `error`."""
    return 1.0 - np.asarray(correct, dtype=np.float64)


def top5_error(logits: NDArray[Any], labels: NDArray[np.int64]) -> float:
    """Share of images whose label is not among the five largest logits.

    Of equal logits the lower class comes first, as in ``argmax``, so that a network with constant
    outputs is not rewarded.

    Args:
        logits: (N, K) real numbers, K >= 5; with K = 5 the value is 0.
        labels: (N,) in 0..K-1.

    Returns:
        A fraction in [0, 1]; 0 is perfect.

    Raises:
        ValueError: No images, or fewer than five classes.
    """
    return average(top5_error_per_image(logits, labels))


def top5_error_per_image(logits: NDArray[Any], labels: NDArray[np.int64]) -> Floats:
    """(N,) 1.0 where the label is not among the first five; its mean is `top5_error`."""
    classes = logits.shape[1]
    if classes < 5:
        raise ValueError(f"top-5 error needs at least 5 classes, got {classes}")
    wrong: Floats = (label_rank(logits, labels) >= 5).astype(np.float64)
    return wrong


def label_rank(logits: NDArray[Any], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many classes come before the label: those of larger and, of equal, of lower class.

    Args:
        logits: (N, K) real numbers.
        labels: (N,) in 0..K-1.

    Returns:
        (N,) 0 where the prediction is right.
    """
    own = np.take_along_axis(logits, labels[:, None], axis=1)
    earlier = np.arange(logits.shape[1]) < labels[:, None]
    rank: NDArray[np.int64] = ((logits > own) | ((logits == own) & earlier)).sum(axis=1)
    return rank
