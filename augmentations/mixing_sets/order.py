"""What is to be generated, and how its file is called."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from augmentations.mixing_sets import MIXING_SETS
from augmentations.mixing_sets.base import Generator
from augmentations.mixing_sets.quality import SMALL_SIDE


@dataclass(frozen=True)
class Order:
    """What is to be generated.

    Attributes:
        name: Key of ``MIXING_SETS``.
        n: Number of pictures, positive.
        side: Side of the packed pictures in pixels.
        seed: Seed of the set, not negative.
        render: Side at which pictures are drawn and judged before they are shrunk to ``side``; 0
            means the default, 128 for sides up to 64 and otherwise ``side`` itself.

    Raises:
        KeyError: Unknown name.
        ValueError: A number is out of range.
    """

    name: str
    n: int
    side: int
    seed: int = 0
    render: int = 0

    def __post_init__(self) -> None:
        if self.name not in MIXING_SETS:
            known = ", ".join(sorted(MIXING_SETS))
            raise KeyError(f"unknown mixing set {self.name!r}; known: {known}")
        if min(self.n, self.side) < 1 or self.seed < 0:
            got = f"n={self.n}, side={self.side}, seed={self.seed}"
            raise ValueError(f"a mixing set needs n and side of at least 1, seed >= 0, got {got}")
        if not self.render:
            object.__setattr__(self, "render", 128 if self.side <= 64 else self.side)
        if self.render < max(self.side, SMALL_SIDE):
            least = max(self.side, SMALL_SIDE)
            raise ValueError(f"render must be at least {least} pixels, got {self.render}")

    @property
    def file_name(self) -> str:
        """Name of the packed file."""
        return f"{self.name}-n{self.n}-side{self.side}-render{self.render}-seed{self.seed}.npy"

    @property
    def generator(self) -> Generator:
        """The generator behind the name."""
        module, _, attribute = MIXING_SETS[self.name].partition(":")
        found: Generator = getattr(import_module(module), attribute)
        return found

    def describe(self) -> dict[str, Any]:
        """What decides the pixels, apart from the libraries."""
        return {**asdict(self), "generator_version": self.generator.version}

    def is_described_by(self, manifest: Mapping[str, Any]) -> bool:
        """Whether a manifest belongs to a set of this order."""
        return manifest.items() >= self.describe().items()
