"""Why numbers cannot stand beside a protocol's, in words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from robench.metrics import METRICS
from robench.report.lint.checks import Check
from robench.report.lint.reading import Number
from robench.report.lint.units import Unit, attack_difference
from robench.types import Cell


@dataclass(frozen=True)
class Reason:
    """Why a number cannot stand beside a protocol's.

    Attributes:
        unit: ``cifar10-c error``.
        aspect: What is unlike.
        entries: How many of ``of`` cells.
        of: How many it needs.
        example: One of them; empty where none is there.
        found: What came.
        expected: What should have.
        says: Who expects it.
        mend: The command that would give it, or nothing.
    """

    unit: str
    aspect: str
    entries: int
    of: int
    example: str
    found: str
    expected: str
    says: str
    mend: str = ""


def unlike(unit: Unit, check: Check, came: str, these: Sequence[Number]) -> Reason:
    """Some records are not what a protocol asks for."""
    words = check.expected, check.says, check.mend(these[0])
    example = these[0].name
    return Reason(unit.title, check.aspect, len(these), len(unit.cells), example, came, *words)


def missing(unit: Unit, one: Mapping[Cell, Number]) -> Reason:
    """Some cells are not there: ``40/75 cells: missing frost 1-5, fog 3``."""
    lacking: dict[str, list[int]] = defaultdict(list)
    for cell in unit.cells:
        if cell not in one:
            lacking[cell.corruption].append(cell.severity)
    listed = ", ".join(f"{name}{_levels(levels)}" for name, levels in lacking.items())
    rule = unit.rule("cells")
    aspect, expected = (rule.aspect, rule.text) if rule else ("cells", "the cell")
    says = rule.source if rule else ""
    have, whole = len(one), len(unit.cells)
    found = f"{have}/{whole} cells: missing {listed}"
    mend = f"robench eval CKPT --suite {unit.evalset}"
    return Reason(unit.title, aspect, whole - have, whole, "", found, expected, says, mend)


def _levels(levels: Sequence[int]) -> str:
    """`` 1-5`` or `` 2, 4``; nothing for perturbations."""
    if levels == [0]:
        return ""
    together = len(levels) > 1 and levels[-1] - levels[0] == len(levels) - 1
    return f" {levels[0]}-{levels[-1]}" if together else f" {', '.join(map(str, levels))}"


def no_passport(unit: Unit, these: Sequence[Number]) -> Reason:
    """Nobody can say what was measured."""
    came = "no passport, so that nobody can say what was measured"
    expected = "a passport that says which pixels went through the network, and how"
    mend = "copy passports.json from where it was measured, or robench eval CKPT --fresh"
    count, whole = len(these), len(unit.cells)
    return Reason(
        unit.title, "passport", count, whole, these[0].name, came, expected, "every protocol", mend
    )


def no_metric(unit: Unit, there: Sequence[Number], run: str) -> Reason:
    """The set is measured, the number is not there."""
    rule = next((r for r in unit.rules if r.key == "metric" and r.value == unit.metric), None)
    came = ", ".join(dict.fromkeys(one.record.metric for one in there))
    aspect, says = (rule.aspect, rule.source) if rule else ("metric", "")
    expected = f"{unit.metric}: {rule.text}" if rule else unit.metric
    fewest = METRICS[unit.metric].minimum
    expected += f" (needs {fewest} images)" if fewest > 1 else ""
    told = f"no record of {unit.metric}, but {came}"
    cells, mend = len(unit.cells), f"robench score {run}"
    if there[0].record.n < fewest:
        mend = f"robench eval CKPT --suite {unit.evalset}, with {fewest} images or more"
    return Reason(unit.title, aspect, cells, cells, there[0].name, told, expected, says, mend)


def other_attack(unit: Unit, attacked: Sequence[Number]) -> Reason:
    """It was attacked, and not so."""
    rule = unit.rule("attack")
    pairs = [attack_difference(number, unit.attack) for number in attacked]
    came = "; ".join(dict.fromkeys(found for found, _ in pairs))
    words = (rule.aspect, rule.text, rule.source) if rule else ("attack", unit.attack, "")
    expected = f"{pairs[0][1]} ({words[1]})"
    mend = f"robench eval CKPT --suite {unit.evalset} --attack {unit.attack}"
    example = attacked[0].name
    return Reason(unit.title, words[0], 1, 1, example, came, expected, words[2], mend)
