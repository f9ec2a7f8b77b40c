"""Where a network stands among published ones: effective robustness."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from robench.metrics.effective import Line, effective_robustness, fit_line, percentile
from robench.report.references import References
from robench.report.results import RunResults
from robench.types import Cell, Record

STEP = 1e-4  # of the numeric slope of the line


@dataclass(frozen=True)
class Standing:
    """One run on one shifted set, among published networks.

    Taori et al., "Measuring Robustness to Natural Distribution Shifts in Image Classification",
    NeurIPS 2020.

    Attributes:
        run: Title.
        evalset: The shifted set.
        clean: Accuracy on the clean set, a fraction.
        shifted: Accuracy on the shifted set.
        value: Effective robustness: accuracy above what the line of the published networks
            predicts from clean accuracy, a fraction.
        stderr: Of this over images; None where unknown. The line counts as exact.
        percentile: Share of the published networks whose effective robustness is lower.
        spread: Standard deviation of that of the published networks.
        outside: Whether no published network is as good, or as bad, on the clean set.
        source: Files and number of the published networks.
    """

    run: str
    evalset: str
    clean: float
    shifted: float
    value: float
    stderr: float | None
    percentile: float
    spread: float
    outside: bool
    source: str

    @property
    def text(self) -> str:
        """One line for people."""
        error = "" if self.stderr is None else f" ± {100 * self.stderr:.1f}"
        beyond = (
            "; no published network is as good, or as bad, on the clean set: an extrapolation"
            if self.outside
            else ""
        )
        return (
            f"{self.run}, effective robustness on {self.evalset}: {100 * self.value:+.1f}{error} "
            f"points (accuracy {100 * self.shifted:.1f} % at {100 * self.clean:.1f} % clean; above "
            f"{100 * self.percentile:.0f} % of the published networks, which spread by "
            f"{100 * self.spread:.1f} points{beyond})."
        )


def standings(
    runs: Sequence[RunResults], references: Mapping[str, References]
) -> Iterator[Standing]:
    """Every run on every set for which there are published accuracies and both of its own."""
    for evalset, published in references.items():
        line = fit_line(published.clean, published.shifted)
        for run in runs:
            clean = run.numbers.get((Cell(published.clean_set), "error"))
            shifted = run.numbers.get((Cell(evalset), "error"))
            if clean is not None and shifted is not None:
                yield _standing(run.title, published, line, clean, shifted)


def _standing(
    title: str, published: References, line: Line, clean: Record, shifted: Record
) -> Standing:
    """One run on one set."""
    at, there = 1 - clean.value, 1 - shifted.value
    value = effective_robustness(at, there, line)
    others = published.shifted - np.array([line.at(float(c)) for c in published.clean])
    return Standing(
        run=title,
        evalset=published.evalset,
        clean=at,
        shifted=there,
        value=value,
        stderr=_stderr(line, clean, shifted),
        percentile=percentile(value, others),
        spread=line.residual_sd,
        outside=not published.clean.min() <= at <= published.clean.max(),
        source=published.source,
    )


def _stderr(line: Line, clean: Record, shifted: Record) -> float | None:
    """Errors of both accuracies, which are of different images."""
    if clean.stderr is None or shifted.stderr is None:
        return None
    low, high = (min(max(1 - clean.value + sign * STEP, 0.0), 1.0) for sign in (-1, 1))
    slope = (line.at(high) - line.at(low)) / (high - low)
    return math.hypot(shifted.stderr, slope * clean.stderr)
