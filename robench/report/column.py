"""A column of a comparison: one number per run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from robench.metrics import METRICS
from robench.metrics.constants import Constants
from robench.types import Aggregate, Cell

Section = Literal[
    "headline",
    "shift",
    "group",
    "severity",
    "corruption",
    "attack",
    "perturbation",
    "edit",
    "calibration",
    "anomaly",
]
TABLE: tuple[Section, ...] = ("headline", "shift", "group")  # what stands in every table
_FIRST = ("ece", "rms", "rms_published", "rms_debiased", "aurra", "nll", "brier")  # then others
PAIRED = ("error", "adv_error", "flip_rate")  # what each image adds to these is kept
TITLES = {
    "error": "error",
    "adv_error": "error",
    "top5_error": "top-5 error",
    "ece": "ECE",
    "rms": "RMS",
    "rms_published": "RMS (published)",
    "rms_debiased": "RMS (debiased)",
    "aurra": "AURRA",
    "nll": "NLL",
    "brier": "Brier",
    "aupr": "AUPR",
    "aupr_in": "AUPR (in-distribution positive)",
    "auroc": "AUROC",
    "fpr95": "FPR95",
    "fpr95_in": "FPR95 (in-distribution positive)",
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
ANOMALY = _metrics("pair", ("aupr", "auroc", "fpr95"))
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
        clean: The clean cell whose error a relative aggregate subtracts.
        constants: In place of the aggregate's own.
    """

    key: str
    title: str
    metric: str
    section: Section
    cells: tuple[Cell, ...]
    incomplete: str = ""
    definition: Aggregate | None = None
    clean: Cell | None = None
    constants: Constants | None = None

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
        """Whether it is shown in percent: shares, and ratios to constants."""
        ratio = self.definition is not None and bool(self.definition.constants)
        return ratio or METRICS[self.metric].shown == "percent"

    @property
    def unit(self) -> str:
        """What a mean is over."""
        return "sets" if self.cells[0].against or self.independent else "cells"

    @property
    def independent(self) -> bool:
        """Whether its cells are of sets that share no images."""
        return len({cell.evalset for cell in self.cells}) > 1 and not self.cells[0].against

    @property
    def per_image(self) -> bool:
        """Whether what each image adds to it is kept, so that runs can be paired."""
        predicted = self.definition is not None and self.definition.error is not None
        return self.metric in PAIRED and not predicted and not self.independent
