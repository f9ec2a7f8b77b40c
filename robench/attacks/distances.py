"""How far an attack may go, from what `Attack.describe` says of it. Needs no torch."""

from collections.abc import Mapping
from typing import Any

from robench.attacks import EXTERNAL

SLACK = 1 - 1e-9
"""Radii are products of rounded numbers: 4 steps of 2/255 reach 8/255."""
_OURS = ("pgd", "fgsm")
_FAST = ("FFGSM", "FGSM", "RFGSM")
_ITERATED = ("BIM", "EOTPGD", "Jitter", "PGD", "TPGD", "UPGD")
_MOVING = ("DIFGSM", "MIFGSM", "NIFGSM", "SINIFGSM", "TIFGSM", "VMIFGSM", "VNIFGSM")
_LINF = frozenset({*_FAST, *_ITERATED, *_MOVING})
_L2 = frozenset({"PGDL2"})
_CHOSEN = frozenset({"APGD", "APGDT", "FAB"})
"""Gradient attacks whose norm is an argument. They choose their steps themselves."""
_OTHER_LINF = frozenset({"PGDRS", "SPSA"})
"""Not along the gradients at the images: PGDRS follows those under heavy noise, PGDRSL2 too."""
_BOUNDED = frozenset({"OnePixel", "VANILA"})
"""They have no radius, but change a number of pixels, or nothing."""
_RADII = ("eps", "max_epsilon")


def outside_name(attack: Mapping[str, Any]) -> str | None:
    """What torchattacks calls the attack; None for one that is not its."""
    name = str(attack.get("name", ""))
    return name.removeprefix(EXTERNAL) if name.startswith(EXTERNAL) else None


def norm_of(attack: Mapping[str, Any]) -> str | None:
    """The norm of the ball of an attack of torchattacks, ``Linf`` or another; None: unknown."""
    name = outside_name(attack)
    if name in _LINF | _OTHER_LINF:
        return "Linf"
    return "L2" if name in _L2 else attack.get("norm")


def without_radius(attack: Mapping[str, Any]) -> bool:
    """Whether it is one of torchattacks that may go anywhere: CW, DeepFool, JSMA and their like."""
    name = outside_name(attack)
    return name is not None and name not in _BOUNDED and not any(key in attack for key in _RADII)


def gradient_ball(attack: Mapping[str, Any]) -> tuple[str, float] | None:
    """Norm and radius of an attack along the gradients of the network that can cross its ball.

    None where that is not known: no gradients, an unknown norm, attacks of other packages, or steps
    too few and short to get to the rim.
    """
    eps, name = attack.get("eps"), outside_name(attack)
    if not isinstance(eps, int | float) or isinstance(eps, bool):
        return None
    if name is None:
        norm = attack.get("norm", "Linf") if attack.get("name") in _OURS else None
    else:
        norm = norm_of(attack) if name in _LINF | _L2 | _CHOSEN else None
    if norm is None or _reach(attack, eps) < eps * SLACK:
        return None
    return norm, eps


def _reach(attack: Mapping[str, Any], eps: float) -> float:
    """The length of all steps together; one of ``eps`` where it has no such arguments."""
    length = attack.get("step_size", attack.get("alpha", eps))
    return float(length * attack.get("steps", 1))


def in_levels(eps: float) -> str:
    """A radius of the Linf ball in levels of 255, ``2/255``, where that is a short number."""
    levels = f"{255 * eps:.4g}"
    return f"{levels}/255" if abs(float(levels) - 255 * eps) < 1e-9 else f"{eps:.4g}"
