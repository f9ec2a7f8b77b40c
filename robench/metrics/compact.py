"""What is kept of the logits of large corrupted sets, so that every metric can be computed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.accuracy import label_rank

TOP = 20
ROWS_AT_ONCE = 2**12


def compact(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Summaries of logits in a few numbers per image, the compact fields of `Outputs`.

    With 1000 classes they take a seventeenth of the room. Errors, calibration, top-5 distance and
    anomaly scores need no more than these.

    Args:
        logits: (N, K) float32, finite.
        labels: (N,) in 0..K-1; -1 for none: its rank is -1 and its logit 0.

    Returns:
        ``top_logits``, ``top_classes``, ``logsumexp``, ``label_logit``, ``label_rank`` and
        ``squares``, with a row for each image.
    """
    parts = [
        _compact(logits[start : start + ROWS_AT_ONCE], labels[start : start + ROWS_AT_ONCE])
        for start in range(0, len(logits), ROWS_AT_ONCE)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _compact(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """The same for some rows."""
    classes = first_classes(logits, min(TOP, logits.shape[1]))
    top = np.take_along_axis(logits, classes, axis=1)
    exponentials = np.exp(logits.astype(np.float64) - top[:, :1])
    total = exponentials.sum(axis=1)
    known = labels >= 0
    safe = np.where(known, labels, 0)
    own = np.take_along_axis(logits, safe[:, None], axis=1)[:, 0]
    return {
        "top_logits": top,
        "top_classes": classes.astype(np.int16),
        "logsumexp": top[:, 0] + np.log(total),
        "label_logit": np.where(known, own, np.float32(0)),
        "label_rank": np.where(known, label_rank(logits, safe), -1).astype(np.int16),
        "squares": np.einsum("nk,nk->n", exponentials, exponentials) / total**2,
    }


def first_classes(logits: NDArray[Any], count: int) -> NDArray[np.int64]:
    """The classes of the largest logits, in descending order; of equal ones the lower class first.

    Args:
        logits: (N, K) real numbers.
        count: How many, 1 to K.

    Returns:
        (N, count).
    """
    negative = -logits
    some = np.argpartition(negative, count - 1, axis=1)[:, :count]
    some.sort(axis=1)
    order = np.argsort(np.take_along_axis(negative, some, axis=1), axis=1, kind="stable")
    found: NDArray[np.int64] = np.take_along_axis(some, order, axis=1)
    last = np.take_along_axis(logits, found[:, -1:], axis=1)
    tied = (logits >= last).sum(axis=1) > count  # a partition chooses among equals at random
    if tied.any():
        found[tied] = np.argsort(negative[tied], axis=1, kind="stable")[:, :count]
    return found
