"""A protocol: every choice that changes a number, as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from robench.passport import fingerprint

Key = Literal[
    "preprocess", "mask", "source", "images", "cells", "constants", "metric", "attack", "ratio"
]


@dataclass(frozen=True)
class Rule:
    """One choice.

    Attributes:
        aspect: What it is about; a row of the table of protocols.
        sets: Whose numbers it changes.
        key: Which part of a passport or of a mean it is about. ``preprocess`` and ``mask``: as in
            the passport. ``source``: the kinds of source that will do. ``images``: how many of a
            cell, or ``all``. ``cells``: the corruptions, or perturbations at difficulty 1, of the
            mean. ``constants``: by whose numbers it is divided, None for a plain mean. ``metric``
            and ``attack``: the name of the one that is reported. ``ratio``: in-distribution images
            for each other one.
        value: What it must be; plain data.
        words: The same for people, where the value does not speak for itself.
        source: Who says so.
    """

    aspect: str
    sets: tuple[str, ...]
    key: Key
    value: Any
    words: str = ""
    source: str = ""

    @property
    def text(self) -> str:
        """What a table shows."""
        return self.words or str(self.value)

    def to_plain(self) -> list[Any]:
        """What is hashed: the choice itself, not how it is worded."""
        return [list(self.sets), self.key, self.value]


@dataclass(frozen=True)
class Protocol:
    """Choices that belong together.

    Attributes:
        name: As on the command line.
        title: For people.
        rules: The choices.
        paper: Who measured so.
        version: Raised whenever a rule changes.
    """

    name: str
    title: str
    rules: tuple[Rule, ...]
    paper: str = ""
    version: int = 1

    @property
    def id(self) -> str:
        """16 hex digits over name, version and choices; no library version has a part in it."""
        rules = [rule.to_plain() for rule in self.rules]
        return fingerprint({"name": self.name, "version": self.version, "rules": rules})

    @property
    def sets(self) -> tuple[str, ...]:
        """All sets that a rule is about, in the order of their first one."""
        return tuple(dict.fromkeys(name for rule in self.rules for name in rule.sets))

    def about(self, evalset: str) -> Iterator[Rule]:
        """The rules of a set."""
        return (rule for rule in self.rules if evalset in rule.sets)

    def choice(self, key: Key, evalset: str) -> Any:  # noqa: ANN401  plain data of any form
        """What it says of a set; None where it says nothing."""
        return next((rule.value for rule in self.about(evalset) if rule.key == key), None)

    def preprocessing(self) -> Mapping[str, str]:
        """How pictures reach the network, by set."""
        rules = (rule for rule in self.rules if rule.key == "preprocess")
        return {name: rule.value for rule in rules for name in rule.sets}
