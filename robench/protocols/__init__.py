"""Protocols: which choices a number was measured under, and the one list of their names."""

from robench.protocols.base import Key, Protocol, Rule
from robench.protocols.catalogue import (
    AUGMIX,
    HENDRYCKS2019,
    IPMIX,
    PIXMIX,
    ROBUSTBENCH_5K,
    TESTBED,
)
from robench.protocols.policies import PAPER, STRICT

__all__ = ["CATALOGUE", "PAPER", "POLICIES", "PROTOCOLS", "STRICT", "Key", "Protocol", "Rule"]

POLICIES: dict[str, Protocol] = {one.name: one for one in (STRICT, PAPER)}
"""What `robench eval --protocol` takes."""
CATALOGUE: dict[str, Protocol] = {
    one.name: one for one in (HENDRYCKS2019, AUGMIX, PIXMIX, IPMIX, ROBUSTBENCH_5K, TESTBED)
}
"""What `robench lint` knows beside them."""
PROTOCOLS: dict[str, Protocol] = {**POLICIES, **CATALOGUE}
