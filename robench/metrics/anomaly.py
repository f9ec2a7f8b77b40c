"""Detection of anomalies: the out-of-distribution images are the positives, save for ``_in``.

Every function takes anomaly scores, higher is more anomalous; minus the score is the confidence.
"""

import numpy as np

from robench.types import Floats


def aupr(out_score: Floats, in_score: Floats) -> float:
    """Area under the precision-recall curve, as average precision (no interpolation).

    Hendrycks & Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution Examples",
    ICLR 2017. Chance level is the share of out-of-distribution images.

    Args:
        out_score: (N,) anomaly scores of out-of-distribution images, higher is more anomalous.
        in_score: (M,) the same of in-distribution images.

    Returns:
        A fraction in [0, 1]; 1 is perfect.

    Raises:
        ValueError: Either side is empty or not finite.
    """
    found, false = _counts(out_score, in_score)
    steps = np.diff(found, prepend=0.0) / found[-1]
    return float((steps * found / (found + false)).sum())


def aupr_in(out_score: Floats, in_score: Floats) -> float:
    """`aupr` with the in-distribution images as the positives, ranked by confidence.

    Hendrycks & Gimpel, ICLR 2017. Chance level is the share of in-distribution images. Arguments
    and errors of `aupr`. A fraction in [0, 1]; 1 is perfect.
    """
    _check(out_score, in_score)
    return aupr(-np.asarray(in_score), -np.asarray(out_score))


def auroc(out_score: Floats, in_score: Floats) -> float:
    """Probability that an out-of-distribution image scores higher; equal scores count one half.

    The same whichever side is called positive, because both the roles and the order are exchanged.
    Arguments and errors of `aupr`. A fraction in [0, 1]; 1 is perfect, 0.5 is chance.
    """
    found, false = _counts(out_score, in_score)
    heights = found + np.append(0.0, found[:-1])
    area = (np.diff(false, prepend=0.0) * heights / 2.0).sum()
    return float(area / (found[-1] * false[-1]))


def fpr95(out_score: Floats, in_score: Floats) -> float:
    """`false_positive_rate` at 95 % recall: a fraction in [0, 1]; 0 is perfect."""
    return false_positive_rate(out_score, in_score, 0.95)


def fpr95_in(out_score: Floats, in_score: Floats) -> float:
    """Share of out-of-distribution images accepted where 95 % of the in-distribution ones are.

    Liang et al., "Enhancing the Reliability of Out-of-Distribution Image Detection in Neural
    Networks", ICLR 2018; the threshold is that of `false_positive_rate`. Arguments and errors of
    `aupr`. A fraction in [0, 1]; 0 is perfect.
    """
    _check(out_score, in_score)
    return false_positive_rate(-np.asarray(in_score), -np.asarray(out_score), 0.95)


def false_positive_rate(out_score: Floats, in_score: Floats, recall: float) -> float:
    """Share of in-distribution images above the threshold whose recall is **nearest** to a level.

    Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", ICLR 2019, as in their code:
    not the first threshold that reaches the level. Of equally near thresholds the lowest counts
    (not below the first one that finds every positive). With many equal scores it may jump to 1.

    Args:
        out_score: (N,) anomaly scores of out-of-distribution images, higher is more anomalous.
        in_score: (M,) the same of in-distribution images.
        recall: Wanted share of the out-of-distribution images, in (0, 1].

    Returns:
        A fraction in [0, 1]; 0 is perfect.

    Raises:
        ValueError: Either side is empty or not finite.
    """
    found, false = _counts(out_score, in_score)
    complete = int(np.searchsorted(found, found[-1]))
    distance = np.abs(found[: complete + 1] / found[-1] - recall)
    nearest = complete - int(np.argmin(distance[::-1]))
    return float(false[nearest] / false[-1])


def _counts(out_score: Floats, in_score: Floats) -> tuple[Floats, Floats]:
    """True and false positives at each distinct threshold, from the highest down."""
    _check(out_score, in_score)
    scores = np.concatenate([out_score, in_score]).astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = np.cumsum(order < len(out_score))[last].astype(np.float64)
    return found, last + 1.0 - found


def _check(out_score: Floats, in_score: Floats) -> None:
    """Refuse empty sides and scores that are not numbers."""
    if len(out_score) == 0 or len(in_score) == 0:
        raise ValueError(
            f"need at least 1 image on either side, got {len(out_score)} out-of-distribution and "
            f"{len(in_score)} in-distribution"
        )
    wrong = sum(int((~np.isfinite(scores)).sum()) for scores in (out_score, in_score))
    if wrong:
        raise ValueError(f"{wrong} scores are not finite numbers")
