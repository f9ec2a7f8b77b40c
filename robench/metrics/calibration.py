"""Calibration of the top-1 confidence."""

import numpy as np
from numpy.typing import NDArray

from robench.types import Floats


def ece(confidence: Floats, correct: Floats, bins: int = 15) -> float:
    """Expected calibration error: mass-weighted mean gap over bins of equal width.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, eq. 3; a bin includes its
    upper edge.

    Args:
        confidence: (N,) top-1 probabilities in [0, 1].
        correct: (N,) 1.0 where the prediction is right.
        bins: Number of bins; the paper uses 15.

    Returns:
        A fraction in [0, 1]; 0 is perfect.

    Raises:
        ValueError: No images, or a confidence outside [0, 1].
    """
    _check(confidence, 1)
    gaps = np.bincount(bin_index(confidence, bins), weights=confidence - correct)
    return float(np.abs(gaps).sum() / len(confidence))


def bin_index(confidence: Floats, bins: int) -> NDArray[np.int64]:
    """Number of the equal-width bin (a, b] of each confidence (N,); 0 falls into the first."""
    index = np.ceil(confidence * bins).astype(np.int64) - 1
    return np.clip(index, 0, bins - 1)


def rms_calibration(confidence: Floats, correct: Floats, bin_size: int = 100) -> float:
    """Root-mean-square gap between confidence and accuracy over equal-mass bins.

    Hendrycks et al., "Deep Anomaly Detection with Outlier Exposure", ICLR 2019. Bins hold
    ``bin_size`` images in order of confidence; the remainder joins the last bin. Images of equal
    confidence keep their order, so that the digits do not depend on the machine's sort.

    Args:
        confidence: (N,) top-1 probabilities in [0, 1].
        correct: (N,) 1.0 where the prediction is right.
        bin_size: Images per bin.

    Returns:
        A fraction in [0, 1]; 0 is perfect, but a perfectly calibrated network measures a few
        hundredths, because every bin has sampling noise.

    Raises:
        ValueError: Fewer than ``bin_size`` images, or a confidence outside [0, 1].
    """
    gaps, sizes = _bins(confidence, correct, bin_size)
    return _rms(gaps, sizes, len(confidence))


def rms_calibration_published(confidence: Floats, correct: Floats, bin_size: int = 100) -> float:
    """The same without the last, most confident bin, as the authors' script leaves it out.

    Hence 0.0 whenever there are fewer than two bins. Arguments and errors of `rms_calibration`.
    """
    gaps, sizes = _bins(confidence, correct, bin_size)
    return _rms(gaps[:-1], sizes[:-1], len(confidence))


def _check(confidence: Floats, least: int) -> None:
    """Refuse too few images and what is not a probability."""
    if len(confidence) < least:
        raise ValueError(f"need at least {least} images, got {len(confidence)}")
    wrong = int((~((confidence >= 0.0) & (confidence <= 1.0))).sum())
    if wrong:
        raise ValueError(f"expected confidences in [0, 1], got {wrong} outside (or NaN)")


def _bins(confidence: Floats, correct: Floats, size: int) -> tuple[Floats, Floats]:
    """Mean gap and size of each bin of rising confidence."""
    _check(confidence, size)
    total = len(confidence)
    starts = np.arange(0, total - size + 1, size)
    sizes = np.diff(np.append(starts, total)).astype(np.float64)
    gap = (confidence - correct)[np.argsort(confidence, kind="stable")]
    return np.add.reduceat(gap, starts) / sizes, sizes


def _rms(gaps: Floats, sizes: Floats, total: int) -> float:
    """Mass-weighted root mean square of the bin means."""
    return float(np.sqrt((sizes / total * gaps**2).sum()))
