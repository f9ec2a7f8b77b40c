"""The images of one cell, read block by block."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from robench.types import Images


@dataclass(frozen=True)
class CellSource:
    """The images of one cell.

    Attributes:
        labels: (N,) int64; -1 in an anomaly cell.
        source: Where the pixels come from, for the passport.
        n_expected: Images in the complete published cell.
        read: (start, stop) -> those images, (stop - start, H, W, 3) uint8; of a perturbation cell
            (stop - start, F, H, W, 3), a sequence of F frames for each image.
        references: (F,) int64 of a perturbation cell: the frame that each frame is compared with,
            -1 for none.
        positions: (N,) int64, where each image stands in the complete set; None: the first N.
        preprocess: What is done to the pictures, where it is not what the set declares: for the
            passport.
        work: Whether reading is cheap (``mapped``) or worth a worker process (``heavy``); then
            ``read`` can be pickled.
        provenance: What else is known of the pixels; stored beside the passport, never hashed.
    """

    labels: NDArray[np.int64]
    source: Mapping[str, Any]
    n_expected: int
    read: Callable[[int, int], Images]
    references: NDArray[np.int64] | None = None
    positions: NDArray[np.int64] | None = None
    preprocess: str | None = None
    work: Literal["mapped", "heavy"] = "mapped"
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many images are to be measured."""
        return len(self.labels)

    @property
    def indices(self) -> NDArray[np.int64]:
        """(N,) position of each image in the complete set."""
        first = np.arange(self.size, dtype=np.int64)
        return first if self.positions is None else self.positions

    @property
    def frames(self) -> int:
        """Frames of each image, 1 but for perturbations."""
        return 1 if self.references is None else len(self.references)

    def block(self, start: int, stop: int) -> Images:
        """Read or make the images ``start`` to ``stop - 1``; the same pixels in any blocks.

        Returns:
            What ``read`` gives, not to be written to.

        Raises:
            ValueError: No such images.
        """
        if not 0 <= start < stop <= self.size:
            raise ValueError(f"expected 0 <= start < stop <= {self.size}, got {start}, {stop}")
        return self.read(start, stop)
