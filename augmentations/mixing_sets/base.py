"""What a generator of mixing pictures is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from augmentations.mixing_sets.quality import FULL_PICTURE, Limits, Picture

__all__ = ("Generator", "Picture", "Render")
Render = Callable[[int], Picture]


@dataclass(frozen=True)
class Generator:
    """One kind of synthetic picture.

    Attributes:
        set_id: Number of the kind in the seeds of its pictures; never reused.
        version: Raised whenever the pixels of any picture change.
        draw: ``draw(rng, index)`` decides everything about a candidate for position ``index`` and
            returns a function from a size in pixels to that candidate, (size, size, 3) uint8. The
            function has no randomness, so a candidate can be looked at small before it is drawn
            large.
        limits: Which candidates are accepted.
    """

    set_id: int
    version: int
    draw: Callable[[np.random.Generator, int], Render]
    limits: Limits = FULL_PICTURE
