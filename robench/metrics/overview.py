"""All metrics and aggregates as rows of a table, for documentation."""

from dataclasses import dataclass

from robench.metrics import METRICS
from robench.metrics.aggregates import AGGREGATES
from robench.metrics.constants import CONSTANTS
from robench.metrics.prediction import PREDICTIONS
from robench.types import Aggregate, Metric

NEEDS = {
    "logits": "logits and labels",
    "pair": "an out-of-distribution and an in-distribution set",
    "fooled": "an attack",
    "sequences": "perturbation sequences",
}


@dataclass(frozen=True)
class Row:
    """One metric or aggregate.

    Attributes:
        kind: ``metric`` or ``aggregate``.
        name: As in the records and tables.
        direction: ``lower`` or ``higher``: which is better.
        version: Of its values.
        needs: What it is computed from.
        conventions: Choices that change the value.
        source: Paper, and where constants come from.
        remark: What must be said wherever it is shown.
    """

    kind: str
    name: str
    direction: str
    version: int
    needs: str
    conventions: str
    source: str
    remark: str = ""


def rows() -> tuple[Row, ...]:
    """One row for each metric, then one for each aggregate, in the order of their lists."""
    return (*map(_metric, METRICS.values()), *map(_aggregate, AGGREGATES.values()))


def _direction(entry: Metric | Aggregate) -> str:
    """Which is better."""
    return "higher" if entry.higher_is_better else "lower"


def _metric(metric: Metric) -> Row:
    """Row of a metric."""
    least = ""
    if metric.minimum > 1:
        least = f", at least {metric.minimum} images"
    if metric.classes > 1:
        least += f", at least {metric.classes} classes"
    return Row(
        kind="metric",
        name=metric.name,
        direction=_direction(metric),
        version=metric.version,
        needs=NEEDS[metric.needs] + least,
        conventions="; ".join(
            f"{name.replace('_', ' ')}: {value}" for name, value in metric.conventions.items()
        ),
        source=metric.paper,
    )


def _aggregate(definition: Aggregate) -> Row:
    """Row of an aggregate."""
    reference = CONSTANTS.get(definition.constants)
    source = definition.paper + (f"; constants: {reference.source}" if reference else "")
    return Row(
        kind="aggregate",
        name=definition.name,
        direction=_direction(definition),
        version=definition.version,
        needs=_cells(definition),
        conventions=_arithmetic(definition),
        source=source,
        remark=definition.remark,
    )


def _cells(definition: Aggregate) -> str:
    """What goes in."""
    count, metric = len(definition.corruptions), definition.metric
    if definition.difficulty:
        cells = f"{metric} of {count} perturbations at difficulty {definition.difficulty}"
    else:
        levels = ", ".join(map(str, definition.severities))
        cells = f"{metric} of {count} corruptions at severities {levels}"
    return cells + (" and the clean error" if definition.relative else "")


def _arithmetic(definition: Aggregate) -> str:
    """How it goes in."""
    if definition.name in PREDICTIONS:
        return "regression: intercept and a weight for each corruption"
    if not definition.constants:
        return "mean over cells"
    numbers = f"the constants {definition.constants}"
    if definition.constants not in CONSTANTS:
        numbers = "constants from a file of the user's"
    less = ", both less their clean errors," if definition.relative else ""
    each = "each divided by" if definition.difficulty else "sum over severities divided by that of"
    over = "perturbations" if definition.difficulty else "corruptions"
    return f"{each} {numbers}{less}; mean over {over}".replace(",;", ";")
