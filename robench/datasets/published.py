"""In which archives the pictures of ImageNet-C and ImageNet-P are published."""

from collections.abc import Mapping

from corruptions import GROUPS, PERTURBATION_GROUPS
from robench.types import EvalSet

_FILMS = {
    "noise": ("gaussian_noise", "shot_noise"),
    "blur": ("motion_blur", "zoom_blur"),
    "weather": ("snow", "brightness"),
    "digital": ("translate", "rotate", "tilt", "scale"),
    "validation": PERTURBATION_GROUPS["extra"],
}


def archives_of(entry: EvalSet) -> Mapping[str, tuple[str, ...]]:
    """The name of each archive (``blur``, of ``blur.tar``) and the members of the set in it.

    Returns:
        Nothing for a set that is one archive, or none.
    """
    if entry.layout == "sequences":
        return _FILMS
    if entry.layout == "severities" and "bar" not in entry.groups:
        return {group: GROUPS[group] for group in entry.groups}
    return {}
