"""Means over cells, computed on reading, and the comparison of two models over cells."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.metrics.alexnet import ALEXNET
from robench.metrics.bootstrap import resampled_means
from robench.types import Aggregate, Floats

Correct = Floats | NDArray[np.bool_]
SEVERITIES = (1, 2, 3, 4, 5)
TEST_CORRUPTIONS = tuple(ALEXNET)  # in the order of Hendrycks & Dietterich, table 1
EXTRA_CORRUPTIONS = ("speckle_noise", "gaussian_blur", "spatter", "saturate")  # for validation
TEST_PERTURBATIONS = (
    *("gaussian_noise", "shot_noise", "motion_blur", "zoom_blur", "snow", "brightness"),
    *("translate", "rotate", "tilt", "scale"),
)  # of Hendrycks & Dietterich
EXTRA_PERTURBATIONS = ("speckle_noise", "gaussian_blur", "spatter", "shear")  # for validation
C_BAR = {
    "cifar": (
        *("blue_noise_sample", "checkerboard_cutout", "inverse_sparkles", "pinch_and_twirl"),
        *("ripple", "brownish_noise", "circular_motion_blur", "lines", "sparkles"),
        "transverse_chromatic_abberation",
    ),
    "imagenet": (
        *("caustic_refraction", "inverse_sparkles", "sparkles", "perlin_noise"),
        *("blue_noise_sample", "plasma_noise", "checkerboard_cutout", "cocentric_sine_waves"),
        *("single_frequency_greyscale", "brownish_noise"),
    ),
}
LITE: Mapping[str, Any] = json.loads(
    files("robench.metrics").joinpath("imagenet_c_lite.json").read_text()
)
MINTUN = (
    'Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption '
    'Robustness", NeurIPS 2021: unweighted mean over 50 cells'
)

AGGREGATES: dict[str, Aggregate] = {
    "mean_ce": Aggregate(
        name="mean_ce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="mean corruption error",
        paper='Hendrycks et al., "AugMix", ICLR 2020: unnormalised, as usual for CIFAR',
    ),
    "mce": Aggregate(
        name="mce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="mCE, relative to AlexNet",
        paper='Hendrycks & Dietterich, "Benchmarking Neural Network Robustness to Common '
        'Corruptions and Perturbations", ICLR 2019, eq. 1',
    ),
    "predicted_mce": Aggregate(
        name="predicted_mce",
        metric="error",
        corruptions=TEST_CORRUPTIONS,
        title="predicted mCE (severity 3)",
        severities=(3,),
        error=LITE["external_error"],
        remark=(
            "predicted mCE is not mCE: a regression on the errors at severity 3 of "
            f"{LITE['fit']['models']} networks ({LITE['fit']['on']}). Its error of "
            f"{100 * LITE['external_error']:.1f} points was found on other networks, on the "
            "published files, and not on pictures that were drawn here."
        ),
        paper="fit to the results of Taori et al., NeurIPS 2020 (imagenet-testbed)",
    ),
    "mean_c_bar": Aggregate(
        name="mean_c_bar",
        metric="error",
        corruptions=C_BAR["cifar"],
        title="mean C-bar error",
        paper=MINTUN,
    ),
    "mean_imagenet_c_bar": Aggregate(
        name="mean_imagenet_c_bar",
        metric="error",
        corruptions=C_BAR["imagenet"],
        title="mean C-bar error",
        paper=MINTUN,
    ),
}
PREDICTIONS: Mapping[str, Mapping[str, Any]] = {"predicted_mce": LITE}
NORMALISERS: Mapping[str, Mapping[str, tuple[float, ...]]] = {"mce": ALEXNET}


@dataclass(frozen=True)
class AggregateValue:
    """A mean over the cells that are there.

    Attributes:
        value: A fraction; None without any cell.
        have: Cells that went in.
        expected: Cells that make it complete.
    """

    value: float | None
    have: int
    expected: int

    @property
    def complete(self) -> bool:
        """Whether it may be printed under its name."""
        return self.have == self.expected

    @property
    def label(self) -> str:
        """What is printed in place of an incomplete one, ``40/75 cells``."""
        return f"{self.have}/{self.expected} cells"


def aggregate(definition: Aggregate, values: Mapping[tuple[str, int], float]) -> AggregateValue:
    """Average over the cells of an aggregate; other cells are left out.

    Without a normaliser the plain mean over cells. With one, per corruption the sum over
    severities divided by the sum of the normaliser's values over the same severities, then the
    mean over corruptions. A prediction needs all its cells; with some missing the plain mean of
    the others stands for it, under its label.

    Args:
        definition: What to average.
        values: Fractions by (corruption, severity 1 to 5).

    Returns:
        A fraction and how complete it is.
    """
    rows = {
        corruption: {
            s: values[corruption, s] for s in definition.severities if (corruption, s) in values
        }
        for corruption in definition.corruptions
    }
    cells = [value for row in rows.values() for value in row.values()]
    if not cells:
        return AggregateValue(None, 0, definition.cells)
    fit = _fit(definition, len(cells))
    if fit is not None:
        return AggregateValue(_predicted(fit, rows), len(cells), definition.cells)
    normaliser = NORMALISERS.get(definition.name)
    if normaliser is not None:
        terms = [_ratio(row, normaliser[corruption]) for corruption, row in rows.items() if row]
    else:
        terms = cells
    return AggregateValue(math.fsum(terms) / len(terms), len(cells), definition.cells)


def _fit(definition: Aggregate, have: int) -> Mapping[str, Any] | None:
    """The regression behind a prediction, which applies where all its cells are there."""
    return PREDICTIONS.get(definition.name) if have == definition.cells else None


def _predicted(fit: Mapping[str, Any], rows: Mapping[str, Mapping[int, float]]) -> float:
    """Intercept and weighted errors."""
    terms = (fit["weights"][name] * error for name, row in rows.items() for error in row.values())
    return math.fsum([fit["intercept"], *terms])


def cell_weights(definition: Aggregate, cells: Sequence[tuple[str, int]]) -> Floats | None:
    """What each cell's error counts for in an aggregate that is not their plain mean.

    Args:
        definition: The aggregate.
        cells: (corruption, severity) of its cells that are there.

    Returns:
        (cells,) factors of the errors; None for a plain mean.
    """
    fit = _fit(definition, len(cells))
    if fit is not None:
        return np.array([fit["weights"][corruption] for corruption, _ in cells])
    normaliser = NORMALISERS.get(definition.name)
    if normaliser is None:
        return None
    sums: dict[str, float] = {}
    for corruption, severity in cells:
        sums[corruption] = sums.get(corruption, 0.0) + normaliser[corruption][severity - 1]
    return np.array([1.0 / (len(sums) * sums[corruption]) for corruption, _ in cells])


def clustered_stderr(correct: Correct, weights: Floats | None = None) -> float:
    """Standard error of a mean error over cells that hold the same images.

    The cells of one image are not independent, so images are the units: the standard deviation
    of the per-image means divided by the root of the number of images.

    Args:
        correct: (cells, N) 1.0 or True where right, images in the same order in every cell.
        weights: (cells,) of a weighted sum of errors (`cell_weights`); None: their mean.

    Returns:
        A fraction.

    Raises:
        ValueError: Fewer than two images.
    """
    per_image = (
        _per_image(correct) if weights is None else weights @ (1.0 - correct.astype(np.float64))
    )
    return float(np.std(per_image, ddof=1) / math.sqrt(len(per_image)))


def paired_difference(a: Correct, b: Correct, seed: int = 0) -> tuple[float, float, float, float]:
    """Error of model ``a`` minus error of model ``b`` on the same cells and images.

    Paired bootstrap with images as clusters, 2000 resamples, percentile interval.

    Args:
        a: (cells, N) 1.0 or True where model a is right.
        b: The same of model b.
        seed: Key of the resampling.

    Returns:
        Difference in mean error (negative: a is better), its standard error, and the lower and
        upper end of the 95 % interval; fractions.

    Raises:
        ValueError: Shapes differ, or fewer than two images.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"expected the same cells and images, got {np.shape(a)} and {np.shape(b)}")
    difference = _per_image(b) - _per_image(a)
    means = resampled_means(difference, 2000, "paired difference", seed)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(difference.mean()), float(means.std(ddof=1)), float(low), float(high)


def _ratio(row: Mapping[int, float], normaliser: tuple[float, ...]) -> float:
    """Sum of a corruption's errors over that of the normaliser, severities that are there."""
    return math.fsum(row.values()) / math.fsum(normaliser[severity - 1] for severity in row)


def _per_image(correct: Correct) -> Floats:
    """Mean over cells of each image, (N,)."""
    if correct.ndim != 2 or correct.shape[1] < 2:
        raise ValueError(f"expected (cells, at least 2 images), got shape {correct.shape}")
    mean: Floats = correct.mean(axis=0, dtype=np.float64)
    return mean
