"""Effective robustness: how far a network lies above what its clean accuracy predicts."""

from dataclasses import dataclass

import numpy as np

from robench.types import Floats

CLIP = 1e-3  # accuracies are taken to be at least this far from 0 and 1 before their logit
FEWEST = 3


@dataclass(frozen=True)
class Line:
    """Accuracy under shift as a straight line of clean accuracy, both as logits.

    Attributes:
        slope: Of the line; ``intercept`` its height at a clean accuracy of one half.
        intercept: Logit.
        n: Networks that it was fitted to.
        r2: Share of the variance of the logits that it explains.
        residual_sd: Standard deviation of accuracy minus predicted accuracy, a fraction.
    """

    slope: float
    intercept: float
    n: int
    r2: float
    residual_sd: float

    def at(self, clean: float) -> float:
        """Accuracy under shift that a clean accuracy predicts; fractions."""
        logit = self.slope * float(_logits(np.array([clean]))[0]) + self.intercept
        return float(_accuracies(np.array([logit]))[0])


def fit_line(clean: Floats, shifted: Floats) -> Line:
    """Least squares on the logits of the accuracies of many networks.

    Taori et al., "Measuring Robustness to Natural Distribution Shifts in Image Classification",
    NeurIPS 2020. Accuracies below 0.001 or above 0.999 are taken as these, because a logit of 0
    or 1 is infinite.

    Args:
        clean: (N,) clean accuracies, fractions.
        shifted: (N,) accuracies of the same networks on the shifted set.

    Raises:
        ValueError: Fewer than three networks, unlike numbers of them, accuracies outside [0, 1],
            or clean accuracies that are all the same.
    """
    if np.shape(clean) != np.shape(shifted) or np.ndim(clean) != 1:
        raise ValueError(f"expected the same networks, got {np.shape(clean)}, {np.shape(shifted)}")
    if len(clean) < FEWEST:
        raise ValueError(f"expected at least {FEWEST} networks for a line, got {len(clean)}")
    x, y = _logits(np.asarray(clean)), _logits(np.asarray(shifted))
    spread = float(((x - x.mean()) ** 2).sum())
    if np.ptp(x) == 0:
        raise ValueError(f"expected unlike clean accuracies, got {clean[0]} for all networks")
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    intercept = float(y.mean() - slope * x.mean())
    fitted = slope * x + intercept
    total = float(((y - y.mean()) ** 2).sum())
    r2 = 1.0 - float(((y - fitted) ** 2).sum()) / total if total else 1.0
    residual = float(np.std(np.asarray(shifted) - _accuracies(fitted)))
    return Line(slope, intercept, len(x), r2, residual)


def effective_robustness(clean: float, shifted: float, line: Line) -> float:
    """Accuracy under shift above what the line predicts from clean accuracy, a fraction.

    Taori et al., NeurIPS 2020, eq. 1. Negative: less robust than others of that clean accuracy.

    Raises:
        ValueError: Accuracies outside [0, 1].
    """
    _logits(np.array([shifted]))
    return shifted - line.at(clean)


def percentile(value: float, others: Floats) -> float:
    """Share of other values that lie below, equal ones counting half; in [0, 1].

    Raises:
        ValueError: No others, or something that is not a number.
    """
    if len(others) == 0 or not np.isfinite([value, *others]).all():
        raise ValueError(f"expected finite numbers to rank among, got {len(others)}, or NaN")
    below, equal = (others < value).sum(), (others == value).sum()
    return float((below + equal / 2) / len(others))


def _logits(accuracies: Floats) -> Floats:
    """Log odds, clipped."""
    wrong = int((~((accuracies >= 0) & (accuracies <= 1))).sum())
    if wrong:
        raise ValueError(f"expected accuracies in [0, 1], got {wrong} outside (or NaN)")
    p = np.clip(np.asarray(accuracies, dtype=np.float64), CLIP, 1.0 - CLIP)
    logits: Floats = np.log(p / (1.0 - p))
    return logits


def _accuracies(logits: Floats) -> Floats:
    """Inverse of the logit."""
    accuracies: Floats = 1.0 / (1.0 + np.exp(-logits))
    return accuracies
