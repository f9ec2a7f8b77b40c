"""Adversarial attacks on the [0, 1] scale; the one list of their names, imported on use."""

from robench.attacks.base import Attack, AttackResult
from robench.errors import InputError
from robench.registry import build, load, parse_call, with_plugins

__all__ = ["ATTACKS", "EXTERNAL", "Attack", "AttackResult", "literal", "make_attack"]

ATTACKS: dict[str, str] = {
    "fgsm": "robench.attacks.fgsm:FGSM",
    "pgd20": "robench.attacks.pgd:pgd20",
    "pgd20_published": "robench.attacks.pgd:pgd20_published",
    "pgd": "robench.attacks.pgd:pgd",
    "autoattack": "robench.attacks.autoattack:AutoAttack",
}
EXTERNAL = "torchattacks:"
"""Before the name of any attack of that package: ``torchattacks:CW(c=1)``."""


def make_attack(text: str) -> Attack:
    """Make the attack that ``"pgd20"``, ``"pgd(eps=0.01)"`` or ``"torchattacks:CW"`` describes.

    Raises:
        UnknownNameError: No such attack.
        InputError: The arguments do not fit, the package of the attack is not installed, or what
            a plug-in made is no attack.
    """
    name, arguments = parse_call(text)
    if name.startswith(EXTERNAL):
        external = load("robench.attacks.external:external")
        try:
            outside: Attack = external(name.removeprefix(EXTERNAL).strip(), arguments)
        except (TypeError, ValueError) as error:
            raise InputError(f"attack {text!r}: {error}") from error
        return outside
    attack: Attack = build(with_plugins(ATTACKS, "robench.attacks"), text, "attack")
    _check(attack, text)
    return attack


def literal(text: str) -> str:
    """The canonical form of an attack, with every argument; errors as for `make_attack`."""
    return make_attack(text).literal


def _check(attack: object, text: str) -> None:
    """Refuse what a plug-in made that is no attack; ``inspect`` alone is optional.

    Raises:
        InputError: It lacks something.
    """
    missing = [
        what
        for what, there in {
            "the string literal": isinstance(getattr(attack, "literal", None), str),
            "the method describe": callable(getattr(attack, "describe", None)),
            "the method __call__": callable(attack),
        }.items()
        if not there
    ]
    if missing:
        raise InputError(
            f"attack {text!r}: the {type(attack).__name__} that it makes lacks "
            f"{', '.join(missing)}; see robench.attacks.base.Attack."
        )
