"""Which protocol the numbers of a file match, and what stops the others."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from robench.datasets.catalogue import DATASETS
from robench.metrics.constants import CONSTANTS
from robench.protocols import CATALOGUE, Protocol
from robench.report.lint.checks import Check, checks
from robench.report.lint.reading import Number
from robench.report.lint.reasons import (
    Reason,
    missing,
    no_metric,
    no_passport,
    other_attack,
    unlike,
)
from robench.report.lint.together import PIXELS
from robench.report.lint.units import Unit, is_attack, of_set, units
from robench.report.passes import MAKING
from robench.types import Cell

Status = Literal[
    "matches",
    "matches as far as can be told",
    "matches in part",
    "does not match",
    "not concerned",
]
Pass = dict[Cell, Number]
NO_FILES = "nobody has published files of it, so that every paper's are other pictures"
A_LIST = "that many images are there, but whether they are the same ones is not in a passport"


@dataclass(frozen=True)
class Match:
    """A number that can stand beside a protocol's.

    Attributes:
        unit: ``cifar10-c error``.
        cells: How many.
        n: Images of each; ``of`` those of the complete set.
        aggregates: Names of the means that are complete.
        normaliser: What such a mean is divided by, in words.
        remarks: What must be said with it, or cannot be told from a file.
        certain: Whether everything could be checked.
    """

    unit: str
    cells: int
    n: int
    of: int
    aggregates: tuple[str, ...] = ()
    normaliser: str = ""
    remarks: tuple[str, ...] = ()
    certain: bool = True


@dataclass(frozen=True)
class Verdict:
    """A file under a protocol.

    Attributes:
        protocol: Which.
        matches: What can stand beside its numbers.
        reasons: What stops the rest.
        unmeasured: What it is about and is not in the file; no reason against the rest.
    """

    protocol: Protocol
    matches: tuple[Match, ...] = ()
    reasons: tuple[Reason, ...] = ()
    unmeasured: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """In one word."""
        if not self.matches:
            return "does not match" if self.reasons else "not concerned"
        if self.reasons:
            return "matches in part"
        certain = any(match.certain for match in self.matches)
        return "matches" if certain else "matches as far as can be told"


def verdict(protocol: Protocol, numbers: tuple[Number, ...], run: str) -> Verdict:
    """Hold a file against a protocol.

    A number matches if one pass over its set (a store may hold several) meets every rule and has
    all cells; else the reasons of the pass with most cells are told.

    Args:
        protocol: Any.
        numbers: All records of a file.
        run: Its folder, for the commands.
    """
    matches: list[Match] = []
    reasons: list[Reason] = []
    unmeasured: list[str] = []
    for unit in units(protocol):
        there = of_set(numbers, unit.evalset, protocol)
        found = _unit(unit, protocol, there, run) if there else None
        if found is None:
            unmeasured.append(unit.title)
        elif isinstance(found, Match):
            matches.append(found)
        else:
            reasons += found
    return Verdict(protocol, tuple(matches), tuple(reasons), tuple(unmeasured))


def _unit(
    unit: Unit, protocol: Protocol, there: Sequence[Number], run: str
) -> Match | list[Reason] | None:
    """One number or mean; None where nobody tried to measure it."""
    attacked = [one for one in there if one.record.cell.attack]
    if unit.attack:
        if not attacked:
            return None
        there = [one for one in attacked if one.lost or is_attack(one, unit.attack)]
        if not there:
            return [other_attack(unit, attacked)]
    else:
        there = [one for one in there if not one.record.cell.attack]
        if not there:
            return None
    wanted = [one for one in there if one.record.metric == unit.metric and one.place in unit.cells]
    if not wanted:
        return [no_metric(unit, there, run)]
    asked = list(checks(unit, protocol))
    tried = [(one, _reasons(unit, one, asked)) for one in _passes(wanted, unit)]
    fitting = [one for one, reasons in tried if not reasons]
    if fitting:
        largest = max(fitting, key=lambda one: sum(number.record.n for number in one.values()))
        return _match(unit, largest, protocol)
    return max(tried, key=lambda pair: (len(pair[0]), -sum(r.entries for r in pair[1])))[1]


def _passes(numbers: Sequence[Number], unit: Unit) -> Iterator[Pass]:
    """Records that were measured alike; where the source matters also those of mixed sources."""
    alike: dict[str, Pass] = defaultdict(dict)
    rule = unit.rule("source")
    if rule is not None:
        numbers = sorted(numbers, key=lambda one: one.part("source").get("kind") in rule.value)
    for number in numbers:
        source = {key: number.part("source").get(key) for key in MAKING}
        kind = [number.inputs.get(key) for key in PIXELS]
        kind += [number.record.version, number.record.cell.against]
        kind.append(number.part("against").get("subset"))
        alike[json.dumps([kind, source], sort_keys=True)][number.place] = number
        if rule is not None:
            alike[json.dumps([kind], sort_keys=True)][number.place] = number
    yield from alike.values()


def _reasons(unit: Unit, one: Pass, asked: Sequence[Check]) -> list[Reason]:
    """What is against a pass."""
    reasons = [missing(unit, one)] if len(one) < len(unit.cells) else []
    lost = [number for number in one.values() if number.lost]
    if lost:
        return [*reasons, no_passport(unit, lost)]
    for check in asked:
        groups: dict[str, list[Number]] = defaultdict(list)
        for number in one.values():
            groups[check.look(check.value, number)].append(number)
        groups.pop("", None)
        reasons += [unlike(unit, check, came, these) for came, these in groups.items()]
    return reasons


def _match(unit: Unit, one: Pass, protocol: Protocol) -> Match:
    """What may be quoted."""
    rule, images = unit.rule("constants"), unit.rule("images")
    record, unsure = next(iter(one.values())).record, []
    if protocol.name in CATALOGUE and not DATASETS[unit.evalset].published:
        unsure.append(NO_FILES)
    if images is not None and images.value != "all":
        unsure.append(f"{A_LIST} ({images.text})")
    said = [one.remark for one in (CONSTANTS.get(unit.constants),) if one and one.remark]
    return Match(
        unit=unit.title,
        cells=len(one),
        n=record.n,
        of=record.n_expected,
        aggregates=tuple(one.name for one in unit.aggregates),
        normaliser=rule.text if rule and unit.aggregates else "",
        remarks=(*unsure, *said),
        certain=not unsure,
    )
