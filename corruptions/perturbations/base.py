"""What every perturbation sequence is made of: its type, and the window that a frame shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from corruptions.base import Family, Images, Rng

Frames: TypeAlias = Iterator[Images]
Window: TypeAlias = tuple[slice, slice]
"""The rows and columns of a picture that its frames show, with explicit starts and stops."""


@dataclass(frozen=True)
class Perturbation:
    """One named sequence and its published constants.

    Args:
        name: The spelling of the released archives.
        function: ``(images, parameters)``, then ``rngs`` when stochastic, or the window when it
            warps; images (N, H, W, 3) uint8, never written to. It yields the frames in order, each
            of all images: (N, h, w, 3) uint8. Image i draws from rngs[i] alone.
        group: ``test``, or ``extra`` for the four that Hendrycks & Dietterich set aside for
            validation and that mFR leaves out.
        strengths: For each family the parameters of difficulties 1 to 3, or one entry that stands
            for all three where difficulty is only how frames are compared.
        frames: Length of the sequence for each family.
        stochastic: Whether the function draws random numbers.
        warps: Whether it moves whole pictures, of which the frames then show the window; all
            others work on the window as if there were nothing around it.
    """

    name: str
    function: Callable[..., Frames]
    group: str
    strengths: Mapping[Family, Sequence[Any]]
    frames: Mapping[Family, int]
    stochastic: bool = False
    warps: bool = False

    def strength(self, difficulty: int, family: Family) -> int:
        """Which entry of ``strengths`` a difficulty stands for, counted from 1.

        Raises:
            ValueError: The difficulty is not 1 to 3.
        """
        if difficulty not in range(1, 4):
            raise ValueError(f"difficulty must be 1 to 3, got {difficulty!r}")
        return min(int(difficulty), len(self.strengths[family]))

    def apply(
        self, images: Images, parameters: object, window: Window, rngs: Sequence[Rng] = ()
    ) -> Frames:
        """Make the frames of some images, one after the other.

        Args:
            images: (N, H, W, 3) uint8, whole pictures.
            parameters: One entry of ``strengths``.
            window: What the frames show.
            rngs: One source of randomness per image; a deterministic perturbation ignores them.

        Returns:
            An iterator over the frames, each (N, h, w, 3) uint8.
        """
        if self.warps:
            return self.function(images, parameters, window)
        rows, columns = window
        shown = np.ascontiguousarray(images[:, rows, columns])
        if self.stochastic:
            return self.function(shown, parameters, rngs)
        return self.function(shown, parameters)
