"""Mixtures of kinds: in proportion at every length, each kind in its own order."""

from collections import Counter

import pytest

from augmentations.mixing_sets import MIXING_SETS
from augmentations.mixing_sets.mixtures import IPMIX13K, IPMIX13K_NOFV, Mixture
from augmentations.mixing_sets.order import Order

MIXTURES = pytest.mark.parametrize("mixture", [IPMIX13K, IPMIX13K_NOFV])


@pytest.mark.parametrize(
    ("mixture", "expected"),
    [
        (IPMIX13K, {"orbit-traps": 6000, "ifs": 3000, "feature-vis": 4000}),
        (
            IPMIX13K_NOFV,
            {"orbit-traps": 6000, "ifs": 3000, "dead-leaves": 2000, "spectrum": 1000}
            | {"plasma": 1000},
        ),
    ],
)
def test_13000_pictures_hold_the_published_numbers(
    mixture: Mixture, expected: dict[str, int]
) -> None:
    assert mixture.counts(13_000) == expected
    assert set(expected) <= set(MIXING_SETS)


@MIXTURES
def test_every_length_is_in_proportion_by_largest_remainders(mixture: Mixture) -> None:
    total = sum(mixture.parts.values())
    held: Counter[str] = Counter()
    for n in range(1, 40):
        held[mixture.place(n - 1)[0]] += 1
        whole = {kind: n * part // total for kind, part in mixture.parts.items()}
        rest = {kind: n * part % total for kind, part in mixture.parts.items()}
        raised = {kind for kind in whole if held[kind] == whole[kind] + 1}
        assert all(held[kind] == whole[kind] for kind in set(whole) - raised)
        assert sum(held.values()) == n
        smallest = min((rest[kind] for kind in raised), default=total)
        assert all(rest[kind] <= smallest for kind in set(whole) - raised)
        assert mixture.counts(n) == dict(held)


@MIXTURES
def test_each_kind_keeps_its_own_positions_without_a_gap(mixture: Mixture) -> None:
    places = [mixture.place(position) for position in range(100)]
    for kind in mixture.parts:
        own = [index for other, index in places if other == kind]
        assert own == list(range(len(own)))


def test_proportions_without_such_an_order_are_refused() -> None:
    # Of three places each kind gets one; of four the first two get 2 (1.71) and the last 0 (0.57).
    with pytest.raises(ValueError, match="in proportion at every length"):
        Mixture({"a": 3, "b": 3, "c": 1}).place(0)


def test_a_single_kind_is_a_mixture_of_one() -> None:
    order = Order("orbit-traps", 64)
    assert order.place(7) == ("orbit-traps", 7)
    assert order.counts(9) == {"orbit-traps": 9}
    assert not order.needs_networks
