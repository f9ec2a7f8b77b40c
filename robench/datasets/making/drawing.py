"""From clean images to corrupted ones; what the processes share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import corruptions
from corruptions.base import resolve_family
from robench.datasets.making.recipes import Item, Kind
from robench.errors import InputError
from robench.types import Images


@dataclass(frozen=True)
class Drawing:
    """How the pixels of a set are drawn.

    Attributes:
        kind: Of the set.
        family: Whose severities.
        seed: Of the set.
        whole: Whether frames of perturbations keep the size of their picture, where the published
            ones are cropped.
        data_dir: Where textures lie.
    """

    kind: Kind
    family: str
    seed: int
    whole: bool
    data_dir: Path

    def draw(self, images: Images, item: Item, level: int, indices: Sequence[int]) -> Images:
        """Corrupt images; each comes out the same in whatever batch it goes in.

        Args:
            images: (N, H, W, 3) uint8.
            item: The corruption or perturbation.
            level: Severity or difficulty.
            indices: Of the images in their data set, N.

        Returns:
            (N, H, W, 3) uint8, or sequences (N, frames, h, w, 3).
        """
        if self.kind == "p":
            return corruptions.perturb(
                images,
                item.of,
                family=self.family,
                seed=self.seed,
                indices=indices,
                difficulty=level,
                crop=None if self.whole else "auto",
            )
        return corruptions.corrupt(
            images,
            item.of,
            level,
            family=self.family,
            seed=self.seed,
            indices=indices,
            data_dir=self.data_dir,
        )

    def frames(self, item: Item) -> int:
        """How many frames a sequence has; 1 for corruptions."""
        if self.kind != "p":
            return 1
        return corruptions.load_perturbation(item.of).frames[resolve_family(self.family, 0, 0)]

    def check_assets(self, items: Sequence[Item]) -> None:
        """Fail now where files are absent that a corruption needs.

        Raises:
            InputError: Says which, and how to do without.
        """
        if self.kind == "p":
            return
        from corruptions.textures import check_textures, texture_folder  # noqa: PLC0415  OpenCV

        for item in items:
            if corruptions.load(item.of).assets:
                try:
                    check_textures(texture_folder(self.data_dir))
                except FileNotFoundError as error:
                    raise InputError(f"{error} Or leave it out with --skip {item.name}.") from error
