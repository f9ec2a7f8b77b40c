"""Aggregates that follow from others: of one severity, at another difficulty, of another metric."""

from dataclasses import replace

from robench.metrics.constants import Constants
from robench.types import Aggregate


def at_severity(definition: Aggregate, severity: int) -> Aggregate:
    """The same aggregate over the cells of one severity, with the constants of that severity.

    Raises:
        ValueError: It is not defined there.
    """
    if definition.difficulty or severity not in definition.severities:
        levels = "no severity" if definition.difficulty else f"severities {definition.severities}"
        raise ValueError(f"{definition.name} has {levels}, got severity {severity}")
    if definition.severities == (severity,):
        return definition
    return replace(
        definition,
        name=f"{definition.name}_severity_{severity}",
        title=f"{definition.title}, severity {severity}",
        severities=(severity,),
    )


def at_difficulty(definition: Aggregate, difficulty: int) -> Aggregate:
    """The same plain mean over perturbations at another difficulty.

    Raises:
        ValueError: It is not over perturbations, or its constants hold at difficulty 1 alone.
    """
    if difficulty == definition.difficulty:
        return definition
    if not definition.difficulty or definition.constants or difficulty not in {1, 2, 3}:
        raise ValueError(f"{definition.name} is not defined at difficulty {difficulty}")
    return replace(
        definition,
        name=f"{definition.name}_difficulty_{difficulty}",
        title=f"{definition.title}, difficulty {difficulty}",
        difficulty=difficulty,
    )


def of_metric(
    definition: Aggregate, metric: str, title: str, *, higher_is_better: bool = False
) -> Aggregate:
    """The plain mean of another metric over the cells of an aggregate."""
    return Aggregate(
        name=f"mean_{metric}",
        metric=metric,
        corruptions=definition.corruptions,
        title=title,
        severities=definition.severities,
        difficulty=definition.difficulty,
        higher_is_better=higher_is_better,
    )


def remark_of(definition: Aggregate, constants: Constants | None = None) -> str:
    """What must be said of a value, with the given constants in place of the named ones."""
    return definition.remark if constants is None else constants.remark
