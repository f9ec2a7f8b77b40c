"""When an attack has found suspiciously little. Needs no torch: pages are made without it."""

from collections.abc import Mapping
from typing import Any

from robench.attacks.distances import SLACK, gradient_ball, in_levels, without_radius

FEW = 0.1
"""Share of the images that were right clean, below which an attack has fooled few."""
HOPELESS = 0.9
"""Clean error from which there is too little left to attack."""
RADII = {"Linf": 2 / 255, "L2": 0.5}
"""Radii from which networks without adversarial training lose most of their accuracy."""


def suspicious(clean_error: float, adv_error: float, attack: Mapping[str, Any]) -> str | None:
    """Say that an error under attack is not to be believed as it stands.

    For an attack without a radius that is so in any case: it fools almost everything, at distances
    that the error does not show. For one along gradients, accuracy may be too high.

    A network that was not trained against attacks loses most of its accuracy at 2/255 in Linf.
    Where an attack of at least this radius (L2: 0.5) fools less than a tenth of the images that are
    right without it, either the network is robust or its gradients mislead the attack; Athalye et
    al., "Obfuscated Gradients Give a False Sense of Security", ICML 2018. Only an attack that does
    not rely on one loss and one step size can tell.

    Args:
        clean_error: Fraction of the images that are wrong without the attack.
        adv_error: The same after it, on the same images.
        attack: What `Attack.describe` says of it.

    Returns:
        A sentence, or None where nothing is suspicious: enough fell, the radius is small, the
        network is wrong anyway, or it says nothing about gradients that the attack found little:
        it uses none, cannot cross its ball, is AutoAttack itself, or is not known.
    """
    if without_radius(attack):
        return (
            "has no radius: how far the images were moved is not bounded, so this error alone says "
            "little."
        )
    ball = gradient_ball(attack)
    if ball is None or clean_error >= HOPELESS:
        return None
    norm, eps = ball
    if norm not in RADII or eps < RADII[norm] * SLACK:
        return None
    share = (adv_error - clean_error) / (1 - clean_error)
    if share >= FEW:
        return None
    return (
        f"fools only {100 * max(share, 0.0):.1f} % of the images that are right without it, at "
        f"{norm} eps {_words(norm, eps)}: unless the network was trained against attacks, its "
        f'gradients may be masked. Check with --attack "{_advised(norm, eps)}".'
    )


def _advised(norm: str, eps: float) -> str:
    """AutoAttack in the same ball, as the command line takes it."""
    more = "" if norm == "Linf" else ", norm='L2'"
    return f"autoattack(eps={_words(norm, eps)}{more})"


def _words(norm: str, eps: float) -> str:
    """A radius as one types it."""
    return in_levels(eps) if norm == "Linf" else f"{eps:.4g}"
