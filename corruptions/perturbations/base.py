"""What every perturbation sequence is made of: its type, and the window that a frame shows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np

from corruptions.base import Family, Images, Rng, check_sources, whole_number

Frames: TypeAlias = Iterator[Images]
Window: TypeAlias = tuple[slice, slice]
"""The rows and columns of a picture that its frames show, with explicit starts and stops."""


@dataclass(frozen=True, eq=False)
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

    def __post_init__(self) -> None:
        """Make the tables read-only."""
        object.__setattr__(self, "strengths", MappingProxyType(dict(self.strengths)))
        object.__setattr__(self, "frames", MappingProxyType(dict(self.frames)))

    def __reduce__(self) -> tuple[type["Perturbation"], tuple[Any, ...]]:
        """Pickle the tables as plain dictionaries, since read-only ones have no pickle."""
        tables = dict(self.strengths), dict(self.frames)
        values = self.name, self.function, self.group, *tables, self.stochastic, self.warps
        return type(self), values

    def strength(self, difficulty: int, family: Family) -> int:
        """Which entry of ``strengths`` a difficulty stands for, counted from 1.

        Raises:
            ValueError: The difficulty is not 1 to 3.
        """
        whole = whole_number(difficulty)
        if whole is None or not 1 <= whole <= 3:
            raise ValueError(f"difficulty must be 1 to 3, got {difficulty!r}")
        return min(whole, len(self.strengths[family]))

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

        Raises:
            ValueError: A stochastic perturbation got fewer or more sources than images.
        """
        if self.stochastic:
            check_sources(self.name, rngs, images)
        if self.warps:
            return self.function(images, parameters, window)
        rows, columns = window
        shown = np.ascontiguousarray(images[:, rows, columns])
        if self.stochastic:
            return self.function(shown, parameters, rngs)
        return self.function(shown, parameters)
