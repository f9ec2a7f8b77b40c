"""What is to be generated: everything that decides the pixels of a picture at a position."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from augmentations.mixing_sets import MIXING_SETS
from augmentations.mixing_sets.base import Generator
from augmentations.mixing_sets.mixtures import Mixture, Place

LEAST_SIZE = 64  # below it the limits of quality.py mean little
FEATURES = "feature-vis"


@dataclass(frozen=True)
class Order:
    """A set of any length: the set of n pictures is the beginning of every longer one.

    Attributes:
        name: Key of ``MIXING_SETS``.
        size: Side in pixels at which pictures are drawn, judged and stored.
        seed: Seed of the set, not negative.
        networks: Digest of the networks of the feature pictures; empty for their own.

    Raises:
        KeyError: Unknown name.
        ValueError: A number is out of range, or networks for a set that has no use for them.
    """

    name: str
    size: int = 256
    seed: int = 0
    networks: str = ""

    def __post_init__(self) -> None:
        if self.name not in MIXING_SETS:
            known = ", ".join(sorted(MIXING_SETS))
            raise KeyError(f"unknown mixing set {self.name!r}; known: {known}")
        if self.size < LEAST_SIZE or self.seed < 0:
            got = f"size={self.size}, seed={self.seed}"
            raise ValueError(f"expected a size of at least {LEAST_SIZE} and a seed >= 0, got {got}")
        if self.networks and not self.needs_networks:
            raise ValueError(f"{self.name} has no use for networks: it holds no {FEATURES}")

    @classmethod
    def for_side(cls, name: str, side: int, seed: int = 0) -> "Order":
        """The set that is made where pictures of ``side`` pixels are asked for.

        Small pictures are drawn larger than they are needed, 128 pixels for sides up to 64.
        """
        return cls(name, 128 if side <= LEAST_SIZE else side, seed)

    @property
    def title(self) -> str:
        """Name of its folder, and its name in passports."""
        networks = f"-networks-{self.networks[:8]}" if self.networks else ""
        return f"{self.name}-{self.size}px-seed{self.seed}{networks}"

    @property
    def kinds(self) -> Mapping[str, Generator]:
        """The generators by name."""
        return _resolved(self.name)[1]

    @property
    def needs_networks(self) -> bool:
        """Whether there are feature pictures in it."""
        return FEATURES in self.kinds

    def place(self, position: int) -> Place:
        """The kind of a picture, and its position among those of its kind."""
        return _resolved(self.name)[0].place(position)

    def counts(self, n: int) -> dict[str, int]:
        """How many of the first ``n`` pictures are of each kind."""
        return _resolved(self.name)[0].counts(n)

    def identity(self) -> dict[str, Any]:
        """What tells this set from all others, in JSON types."""
        return {
            "title": self.title,
            "name": self.name,
            "size": self.size,
            "seed": self.seed,
            "networks": self.networks,
            "generators": {kind: each.version for kind, each in self.kinds.items()},
        }


@cache
def _resolved(name: str) -> tuple[Mixture, dict[str, Generator]]:
    """The mixture behind a name, and its generators; one kind is a mixture of one."""
    found = _load(name)
    mixture = found if isinstance(found, Mixture) else Mixture({name: 1})
    return mixture, {kind: _load(kind) for kind in mixture.parts}


def _load(name: str) -> Any:  # noqa: ANN401  a generator or a mixture
    """Import an entry of the list."""
    module, _, attribute = MIXING_SETS[name].partition(":")
    return getattr(import_module(module), attribute)
