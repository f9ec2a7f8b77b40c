"""A column of a comparison: one number per run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from robench.metrics import METRICS
from robench.metrics.aggregates import NORMALISERS, PREDICTIONS
from robench.types import Aggregate, Cell

Section = Literal[
    "headline", "shift", "group", "corruption", "perturbation", "edit", "calibration", "anomaly"
]
TABLE: tuple[Section, ...] = ("headline", "shift", "group")  # what stands in every table
_FIRST = ("ece", "rms", "rms_published", "nll", "brier")  # then any other metric of that kind
TITLES = {
    "error": "error",
    "top5_error": "top-5 error",
    "ece": "ECE",
    "rms": "RMS",
    "rms_published": "RMS (published)",
    "nll": "NLL",
    "brier": "Brier",
    "aupr": "AUPR",
    "auroc": "AUROC",
    "fpr95": "FPR95",
    "flip_rate": "flip rate",
    "top5_distance": "top-5 distance",
}


def title_of(metric: str) -> str:
    """How a table calls a metric; its name where nobody gave it a title."""
    return TITLES.get(metric, metric)


def _metrics(needs: str, first: Sequence[str] = ()) -> tuple[str, ...]:
    """Metrics of one kind beside the errors, in the order of the list after ``first``."""
    found = [n for n, m in METRICS.items() if m.needs == needs and not n.endswith("error")]
    return tuple(sorted(found, key=lambda n: first.index(n) if n in first else len(first)))


CALIBRATION = _metrics("logits", _FIRST)
ANOMALY = _metrics("pair")
PERTURBED = _metrics("sequences")


@dataclass(frozen=True)
class Column:
    """One number per run.

    Attributes:
        key: Stable name, ``mean_ce@cifar10-c``.
        title: For people; says so where a mean misses cells.
        metric: Of the records that go in.
        section: Where it is shown; those of `TABLE` stand in every table.
        cells: Everything that makes it complete; more than one cell means their mean.
        incomplete: What it is called with cells missing; ``{}`` takes ``40/75 cells``.
        definition: The aggregate behind it, None for a single cell or a mean over sets.
    """

    key: str
    title: str
    metric: str
    section: Section
    cells: tuple[Cell, ...]
    incomplete: str = ""
    definition: Aggregate | None = None

    @property
    def higher_is_better(self) -> bool:
        """Direction."""
        return METRICS[self.metric].higher_is_better

    @property
    def arrow(self) -> str:
        """Direction as a sign."""
        return "↑" if self.higher_is_better else "↓"

    @property
    def percent(self) -> bool:
        """Whether it is shown in percent."""
        return METRICS[self.metric].shown == "percent"

    @property
    def unit(self) -> str:
        """What a mean is over."""
        return "sets" if self.cells[0].against else "cells"

    @property
    def per_image(self) -> bool:
        """Whether it is a plain mean of right and wrong images, so that runs can be paired."""
        weighted = {*NORMALISERS, *PREDICTIONS}
        normalised = self.definition is not None and self.definition.name in weighted
        return self.metric in ("error", "adv_error") and not normalised
