"""Adversarial attacks on the [0, 1] scale; the one list of their names, imported on use."""

from robench.attacks.base import Attack, AttackResult
from robench.registry import build, with_plugins

__all__ = ["ATTACKS", "Attack", "AttackResult", "literal", "make_attack"]

ATTACKS: dict[str, str] = {
    "pgd20": "robench.attacks.pgd:pgd20",
    "pgd": "robench.attacks.pgd:PGD",
}


def make_attack(text: str) -> Attack:
    """Make the attack that ``"pgd20"`` or ``"pgd(eps=0.01, steps=40)"`` describes.

    Raises:
        UnknownNameError: No such attack.
        InputError: The arguments do not fit.
    """
    attack: Attack = build(with_plugins(ATTACKS, "robench.attacks"), text, "attack")
    return attack


def literal(text: str) -> str:
    """The canonical form of an attack, with every argument; errors as for `make_attack`."""
    return make_attack(text).literal
