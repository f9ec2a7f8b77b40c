"""A suite as a protocol has it measured."""

from collections.abc import Sequence
from dataclasses import replace

from robench.attacks import literal
from robench.datasets import DATASETS
from robench.errors import InputError
from robench.protocols import POLICIES, Protocol
from robench.types import EvalSet, Suite


def under(suite: Suite, protocol: Protocol, attacks: Sequence[str] = ()) -> Suite:
    """Resolve the choices of a protocol that change what is measured.

    Choices inside a metric or a mean need nothing here: every variant is computed from the same
    outputs.

    Args:
        suite: As listed.
        protocol: One of `robench.protocols.POLICIES`.
        attacks: More of them, on the clean set.

    Returns:
        The suite with the protocol's preprocessing (sets that have another than their own become
        sets of this suite's) and its attack in place of another protocol's.

    Raises:
        UnknownNameError: No such attack.
        InputError: Attacks, and no clean set to attack; or arguments that do not fit.
    """
    if attacks and suite.clean is None:
        raise InputError(f"--attack needs a clean set, and {suite.name} has none.")
    for name in attacks:
        literal(name)
    asked = [_attack(name, suite.clean or "", protocol) for name in suite.attacks]
    return replace(
        suite,
        attacks=tuple(dict.fromkeys([*asked, *attacks])),
        own=(*suite.own, *_changed(suite, protocol)),
    )


def _attack(name: str, clean: str, protocol: Protocol) -> str:
    """The protocol's own, in place of what another protocol calls by the same role."""
    roles = {one.choice("attack", clean) for one in POLICIES.values()}
    return str(protocol.choice("attack", clean)) if name in roles else name


def _changed(suite: Suite, protocol: Protocol) -> list[EvalSet]:
    """Sets whose pictures reach the network in another way than the list says."""
    known = {entry.name for entry in suite.own}
    ways = protocol.preprocessing()
    sets = (name for name in (suite.clean or "", *suite.beside_clean) if name in ways)
    entries = (DATASETS[name] for name in sets if name not in known)
    return [
        replace(entry, preprocess=ways[entry.name])
        for entry in entries
        if entry.preprocess != ways[entry.name]
    ]
