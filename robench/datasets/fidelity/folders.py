"""What a corrupted folder is to be held against: its cells, beside their clean pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from robench.types import Images

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Pictures:
    """The images of one cell.

    Attributes:
        published: (N, H, W, 3) uint8, as stored.
        clean: The same images before corruption.
        indices: The number of each in the whole set, which keys its randomness.
        lossy: Which of them are stored as JPEG.
    """

    published: Images
    clean: Images
    indices: Sequence[int]
    lossy: Sequence[bool]


class CorruptedFolder(Protocol):
    """A folder of either layout."""

    @property
    def clean_name(self) -> str:
        """Where the clean pictures come from, in words."""

    @property
    def cells(self) -> Mapping[str, tuple[int, ...]]:
        """Corruption -> the severities that are there."""

    @property
    def extra(self) -> Sequence[str]:
        """What lies there and belongs to no cell."""

    def read(self, corruption: str, severity: int, limit: int) -> Pictures:
        """The first ``limit`` images of a cell."""


def is_extra(path: Path) -> bool:
    """Whether a file beside the corruptions is worth naming: not hidden, and not the manifest."""
    return path.name != MANIFEST and not path.name.startswith(".")
