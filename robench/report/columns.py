"""Which numbers a comparison shows, in their fixed order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from robench.metrics import METRICS
from robench.metrics.aggregates import AGGREGATES, EXTRA_CORRUPTIONS, NORMALISERS, SEVERITIES
from robench.registry import parse_call
from robench.report.results import RunResults
from robench.types import Aggregate, Cell

Section = Literal["headline", "group", "corruption", "calibration", "anomaly"]
GROUPS = {
    "noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
    "blur": ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    "weather": ("snow", "frost", "fog", "brightness"),
    "digital": ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
}
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


@dataclass(frozen=True)
class Column:
    """One number per run.

    Attributes:
        key: Stable name, ``mean_ce@cifar10-c``.
        title: For people; says so where a mean misses cells.
        metric: Of the records that go in.
        section: Where it is shown; the headline columns and their groups stand in every table.
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
        normalised = self.definition is not None and self.definition.name in NORMALISERS
        return self.metric in ("error", "adv_error") and not normalised


def make_columns(runs: Sequence[RunResults]) -> list[Column]:
    """All columns that any of the runs has a number for; unlike sets get columns of their own."""
    keys = list(dict.fromkeys(key for run in runs for key in run.numbers))
    cells = [cell for cell, _ in keys]
    clean = _sets(c for c in cells if not (c.corruption or c.attack or c.against))
    corrupted = _sets(c for c in cells if c.corruption)
    columns = [
        *(_single(name, "error", "headline") for name in clean),
        *(column for name in corrupted for column in _means(name)),
        *_attacks(cells),
        *(_single(name, metric, "headline") for metric in CALIBRATION for name in clean),
        *_anomalies(cells),
        *(column for name in corrupted for column in _per_corruption(name, cells)),
        *(_calibration(name, metric) for name in corrupted for metric in CALIBRATION),
    ]
    known = set(keys)
    present = [c for c in columns if any((cell, c.metric) in known for cell in c.cells)]
    return _distinct(present)


def _sets(cells: Iterator[Cell]) -> list[str]:
    """Names of sets, in the order of their first cell."""
    return list(dict.fromkeys(cell.evalset for cell in cells))


def _single(evalset: str, metric: str, section: Section) -> Column:
    """One cell of a clean set."""
    title = "clean error" if metric == "error" else title_of(metric)
    return Column(f"{metric}@{evalset}", title, metric, section, (Cell(evalset),))


def _grid(evalset: str, corruptions: Sequence[str]) -> tuple[Cell, ...]:
    """All severities of some corruptions."""
    return tuple(Cell(evalset, name, level) for name in corruptions for level in SEVERITIES)


def _aggregated(evalset: str, definition: Aggregate, section: Section, incomplete: str) -> Column:
    """A mean over cells."""
    return Column(
        key=f"{definition.name}@{evalset}",
        title=definition.title,
        metric=definition.metric,
        section=section,
        cells=_grid(evalset, definition.corruptions),
        incomplete=incomplete,
        definition=definition,
    )


def _means(evalset: str) -> Iterator[Column]:
    """Mean corruption error, normalised where the papers do, and the mean of each group."""
    name = "mce" if evalset == "imagenet-c" else "mean_ce"
    incomplete = "error relative to AlexNet over {}" if name == "mce" else "mean error over {}"
    yield _aggregated(evalset, AGGREGATES[name], "headline", incomplete)
    for group, corruptions in GROUPS.items():
        definition = Aggregate(f"mean_{group}", "error", corruptions, f"{group} error")
        yield _aggregated(evalset, definition, "group", f"{group} error over {{}}")


def _per_corruption(evalset: str, cells: Sequence[Cell]) -> Iterator[Column]:
    """Mean over severities of each corruption, the test ones first."""
    found = {cell.corruption for cell in cells if cell.evalset == evalset}
    order = [*AGGREGATES["mean_ce"].corruptions, *EXTRA_CORRUPTIONS]
    order += sorted(found - set(order))
    for name in order:
        title = name.replace("_", " ") + (" (extra)" if name in EXTRA_CORRUPTIONS else "")
        definition = Aggregate(name, "error", (name,), title)
        yield _aggregated(evalset, definition, "corruption", f"{title}, {{}}")


def _calibration(evalset: str, metric: str) -> Column:
    """Mean of a metric over the corrupted cells; not the metric of the pooled predictions."""
    title = f"{title_of(metric)}, mean over corruptions"
    corruptions = AGGREGATES["mean_ce"].corruptions
    definition = Aggregate(f"mean_{metric}", metric, corruptions, title)
    return _aggregated(evalset, definition, "calibration", f"{title_of(metric)}, mean over {{}}")


def _attacks(cells: Sequence[Cell]) -> Iterator[Column]:
    """One column per set and attack with its arguments: other arguments are another attack."""
    for cell in dict.fromkeys(c for c in cells if c.attack):
        name, arguments = parse_call(cell.attack)
        family, steps = re.sub(r"\d+$", "", name), re.sub(r"^\D*", "", name)
        steps = str(arguments.get("steps", steps))
        title = f"{family.upper()}{'-' if steps else ''}{steps} error"
        yield Column(f"{cell.attack}@{cell.evalset}", title, "adv_error", "headline", (cell,))


def _anomalies(cells: Sequence[Cell]) -> Iterator[Column]:
    """Means over the anomaly sets of each clean set, then every set by itself."""
    for against in dict.fromkeys(c.against for c in cells if c.against):
        sets = tuple(dict.fromkeys(c for c in cells if c.against == against))
        for metric in ANOMALY:
            title = f"{title_of(metric)}, mean of {len(sets)} sets"
            incomplete = f"{title_of(metric)}, mean of {{}}"
            key = f"{metric}@{against}"
            yield Column(key, title, metric, "headline", sets, incomplete)
        for cell in sets:
            for metric in ANOMALY:
                title = f"{cell.evalset}: {title_of(metric)}"
                key = f"{metric}@{cell.evalset}|{against}"
                yield Column(key, title, metric, "anomaly", (cell,))


def _distinct(columns: list[Column]) -> list[Column]:
    """Add the set (and the attack's arguments) to titles that would otherwise occur twice."""
    titles = [column.title for column in columns]
    return [
        column
        if titles.count(column.title) == 1
        else replace(
            column,
            title=f"{column.title} [{column.key.partition('@')[2]}{_attack(column)}]",
            incomplete=f"{column.incomplete} [{column.key.partition('@')[2]}]",
        )
        for column in columns
    ]


def _attack(column: Column) -> str:
    """The literal of an attack column."""
    literal = column.cells[0].attack
    return f", {literal}" if literal else ""
