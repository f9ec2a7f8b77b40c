"""Mixing sets of several kinds of pictures, in one order that serves every length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import gcd

Place = tuple[str, int]  # a kind, and a position among its pictures


@dataclass(frozen=True)
class Mixture:
    """Kinds in fixed proportions.

    The first n places, for every n, hold each kind in proportion, rounded by largest remainders (a
    tie goes to the kind named first). Such an order does not exist for all proportions.

    Attributes:
        parts: Pictures of each kind, by its key in ``MIXING_SETS``, in the set at its full size.

    Raises:
        ValueError: Rounding would take a picture away from a kind as the set grows.
    """

    parts: Mapping[str, int]

    def place(self, position: int) -> Place:
        """Kind of the picture at ``position``, and its position among those of this kind."""
        turn, step = divmod(position, len(self._pattern))
        kind, before = self._pattern[step]
        return kind, turn * self._shares[kind] + before

    def counts(self, n: int) -> dict[str, int]:
        """How many of the first ``n`` places each kind has; kinds without a place are left out."""
        found: dict[str, int] = {}
        for kind in self.parts:
            turns, rest = divmod(n, len(self._pattern))
            share = turns * self._shares[kind]
            share += sum(kind == other for other, _ in self._pattern[:rest])
            if share:
                found[kind] = share
        return found

    @cached_property
    def _shares(self) -> dict[str, int]:
        """The proportions in lowest terms."""
        divisor = gcd(*self.parts.values())
        return {kind: count // divisor for kind, count in self.parts.items()}

    @cached_property
    def _pattern(self) -> tuple[Place, ...]:
        """The places of one period."""
        return tuple(_grow(self._shares))


def _grow(shares: Mapping[str, int]) -> Iterator[Place]:
    """The kind that each further place of a period goes to."""
    held = dict.fromkeys(shares, 0)
    for n in range(1, sum(shares.values()) + 1):
        wanted = _largest_remainders(shares, n)
        gains = [kind for kind in shares if wanted[kind] > held[kind]]
        if len(gains) != 1:
            raise ValueError(f"no order of {dict(shares)} is in proportion at every length")
        yield gains[0], held[gains[0]]
        held = wanted


def _largest_remainders(shares: Mapping[str, int], n: int) -> dict[str, int]:
    """``n`` places in proportion to ``shares``."""
    total = sum(shares.values())
    counts = {kind: n * share // total for kind, share in shares.items()}
    by_remainder = sorted(shares, key=lambda kind: -(n * shares[kind] % total))  # stable
    for kind in by_remainder[: n - sum(counts.values())]:
        counts[kind] += 1
    return counts


IPMIX13K = Mixture({"orbit-traps": 6000, "ifs": 3000, "feature-vis": 4000})
"""After appendix E of Huang et al., "IPMix: Label-Preserving Data Augmentation Method for Training
Robust Classifiers", NeurIPS 2023: 3,000 IFS and 4,000 feature pictures; the rest, fractals and
pictures of an art site in the paper, are all orbit traps here."""

IPMIX13K_NOFV = Mixture(
    {"orbit-traps": 6000, "ifs": 3000, "dead-leaves": 2000, "spectrum": 1000, "plasma": 1000}
)
"""The same without networks: dead leaves, spectra and plasma in place of the feature pictures."""
