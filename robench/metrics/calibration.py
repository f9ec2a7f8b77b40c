"""Calibration of the top-1 confidence."""

import math

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


def rms_calibration_debiased(confidence: Floats, correct: Floats, bin_size: int = 100) -> float:
    """`rms_calibration` less what a perfectly calibrated network of these confidences measures.

    The accuracy of a bin is noisy: where each image is right with probability p, its confidence,
    the squared gap of a bin of n images has mean p(1 - p) / n, so that over N images the mean
    square is too large by 1/N times the sum over bins of the bin's mean p(1 - p). The debiased
    estimator of Kumar et al., "Verified Uncertainty Calibration", NeurIPS 2019, has the variance of
    the observed accuracy there, which also falls where a network is wrong with great confidence.
    Its root is taken where something is left, else the value is 0.

    Arguments and errors of `rms_calibration`. A fraction in [0, 1]; 0 is perfect. Never above
    `rms_calibration`; the noise is removed on average, not from the single value.
    """
    gaps, sizes = _bins(confidence, correct, bin_size)
    rising = np.sort(confidence)
    variance = rising * (1.0 - rising)
    means = np.add.reduceat(variance, _starts(len(confidence), bin_size)) / sizes
    square = _rms(gaps, sizes, len(confidence)) ** 2 - float(means.sum()) / len(confidence)
    return math.sqrt(max(0.0, square))


def aurra(confidence: Floats, correct: Floats) -> float:
    """Area under the response-rate accuracy curve.

    Hendrycks et al., "Natural Adversarial Examples", CVPR 2021: the network answers its most
    confident images first; the mean over response rates 1/N, 2/N, ..., 1 of the accuracy of the
    answers so far. Images of equal confidence keep their order, the first image first, so that the
    digits do not depend on the machine's sort; the authors' script takes them as its sort leaves
    them.

    Args:
        confidence: (N,) top-1 probabilities in [0, 1].
        correct: (N,) 1.0 where the prediction is right.

    Returns:
        A fraction in [0, 1]; 1 is perfect (every image right), and of networks of equal accuracy
        the one that is wrong at lower confidence has the higher value.

    Raises:
        ValueError: No images, or a confidence outside [0, 1].
    """
    _check(confidence, 1)
    right = np.asarray(correct, dtype=np.float64)[np.argsort(-confidence, kind="stable")]
    return float(np.mean(np.cumsum(right) / np.arange(1, len(right) + 1)))


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
    starts = _starts(total, size)
    sizes = np.diff(np.append(starts, total)).astype(np.float64)
    gap = (confidence - correct)[np.argsort(confidence, kind="stable")]
    return np.add.reduceat(gap, starts) / sizes, sizes


def _starts(total: int, size: int) -> NDArray[np.int64]:
    """Place of the first image of each bin."""
    return np.arange(0, total - size + 1, size)


def _rms(gaps: Floats, sizes: Floats, total: int) -> float:
    """Mass-weighted root mean square of the bin means."""
    return float(np.sqrt((sizes / total * gaps**2).sum()))
