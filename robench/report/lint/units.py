"""What a protocol can be matched in: the numbers of a set that it would be quoted for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from robench.datasets.catalogue import DATASETS
from robench.metrics.aggregates import AGGREGATES
from robench.metrics.groups import SEVERITIES
from robench.protocols import Protocol, Rule
from robench.report.lint.reading import Number
from robench.types import Aggregate, Cell

MAIN = {"perturbed": "flip_rate", "ood": "aupr"}  # what a set is measured for; else the error
_PGD20 = {
    "name": "pgd",
    "steps": 20,
    "eps": 2 / 255,
    "step_size": 0.5 / 255,
    "norm": "Linf",
    "random_start": True,
    "centre": "clean",
    "restarts": 1,
}
_LEFT_OUT = {"centre": "clean", "restarts": 1}
ATTACKS: Mapping[str, Mapping[str, Any]] = {
    "pgd20": _PGD20,
    "pgd20_published": {**_PGD20, "centre": "start"},
}
"""What a passport says of the attacks that protocols name; ``centre`` and ``restarts`` are left out
where they are these of ``pgd20``."""


@dataclass(frozen=True)
class Unit:
    """One number, or one mean over cells.

    Attributes:
        evalset: The set.
        metric: Of its records.
        cells: The cells that it needs, without attack and partner.
        rules: What its protocol says of the set.
        attack: Name of the attack, or empty.
        constants: What its mean is divided by, or empty.
    """

    evalset: str
    metric: str
    cells: tuple[Cell, ...]
    rules: tuple[Rule, ...]
    attack: str = ""
    constants: str = ""

    @property
    def title(self) -> str:
        """For people: ``cifar10-c error``."""
        under = f" under {self.attack}" if self.attack else ""
        return f"{self.evalset} {self.metric}{under}"

    @property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """The means over exactly its cells that are divided as the protocol says."""
        if not self.cells[0].corruption:
            return ()
        names = {cell.corruption for cell in self.cells}
        return tuple(
            one
            for one in AGGREGATES.values()
            if one.metric == self.metric
            and one.cells == len(self.cells)
            and set(one.corruptions) == names
            and one.constants == self.constants
            and not one.relative
        )

    def rule(self, key: str) -> Rule | None:
        """The first rule of that key."""
        return next((rule for rule in self.rules if rule.key == key), None)


def units(protocol: Protocol) -> Iterator[Unit]:
    """All that a protocol says something of, set by set."""
    for evalset in protocol.sets:
        rules = tuple(protocol.about(evalset))
        main = MAIN.get(DATASETS[evalset].role, "error")
        names = [str(rule.value) for rule in rules if rule.key == "metric"]
        cells = _cells(evalset, protocol.choice("cells", evalset))
        constants = str(protocol.choice("constants", evalset) or "")
        for metric in dict.fromkeys([main, *names]):
            divided = constants if metric == main else ""
            yield Unit(evalset, metric, cells, rules, constants=divided)
        for rule in rules:
            if rule.key == "attack":
                yield Unit(evalset, "adv_error", cells, rules, attack=str(rule.value))


def _cells(evalset: str, names: list[str] | None) -> tuple[Cell, ...]:
    """The set itself, or every cell of its mean."""
    if names is None:
        return (Cell(evalset),)
    if DATASETS[evalset].role == "perturbed":
        return tuple(Cell(evalset, name, difficulty=1) for name in names)
    return tuple(Cell(evalset, name, level) for name in names for level in SEVERITIES)


def of_set(numbers: tuple[Number, ...], evalset: str, protocol: Protocol) -> list[Number]:
    """The records of a set in the role that the protocol has it in.

    An anomaly number counts only against an in-distribution set that the protocol knows, and an
    in-distribution set does not count where it is the anomaly of another.
    """
    anomaly = DATASETS[evalset].role == "ood"
    return [
        one
        for one in numbers
        if one.record.cell.evalset == evalset
        and (one.record.cell.against in protocol.sets if anomaly else not one.record.cell.against)
    ]


def is_attack(number: Number, name: str) -> bool:
    """Whether a record is of the attack of that name, whatever the attack is called there."""
    came = {**_LEFT_OUT, **number.part("attack")}
    return all(came.get(key) == value for key, value in ATTACKS[name].items())


def attack_difference(number: Number, name: str) -> tuple[str, str]:
    """In what an attack differs from the one of that name: what came, and what is expected."""
    came = {**_LEFT_OUT, **number.part("attack")}
    pairs = [(key, came.get(key), value) for key, value in ATTACKS[name].items()]
    unlike = [(key, found, value) for key, found, value in pairs if found != value]
    found = ", ".join(f"{key} {_short(one)}" for key, one, _ in unlike)
    return f"an attack with {found}", ", ".join(f"{key} {_short(one)}" for key, _, one in unlike)


def _short(value: object) -> str:
    return f"{255 * value:g}/255" if isinstance(value, float) else str(value)
