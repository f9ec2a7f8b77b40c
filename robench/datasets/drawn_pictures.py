"""Corruptions and perturbations of a folder of clean pictures, drawn when they are needed.

The pixels are those of the set that `robench data make` writes, read back.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from corruptions import GENERATOR_VERSION, corrupt, perturb
from corruptions.sequences import SHORT_SIDE
from robench.datasets import regenerated
from robench.datasets.making.pictures import ENCODINGS
from robench.datasets.pictures import open_picture, resize_shorter, to_array
from robench.datasets.preprocessing import AS_FILES, USUAL, Pipeline
from robench.types import EvalSet, Images

LOSSLESS = "lossless"


@dataclass(frozen=True, eq=False)
class CleanFiles:
    """Clean pictures, some of a set.

    Attributes:
        folder: Holds them.
        paths: Below it, N.
        numbers: (N,) number of each in the whole set, which keys its randomness.
    """

    folder: Path
    paths: tuple[str, ...]
    numbers: NDArray[np.int64]

    def open(self, place: int) -> Image.Image:
        """Decode one.

        Raises:
            InputError: It is damaged; the message names it.
        """
        return open_picture(self.folder / self.paths[place])


@dataclass(frozen=True)
class DrawnPictures:
    """Reads pictures of one corruption and severity, coded as JPEG and decoded again.

    Hendrycks & Dietterich, ICLR 2019: pictures are scaled and cropped, corrupted, and stored with
    quality 85 and 4:2:0.

    Attributes:
        clean: The pictures.
        family: Whose severities.
        corruption: Name.
        severity: 1 to 5.
        data_dir: Where textures lie.
        pipeline: What happens to the decoded pictures.
    """

    clean: CleanFiles
    family: str
    corruption: str
    severity: int
    data_dir: Path
    pipeline: Pipeline

    def __call__(self, start: int, stop: int) -> Images:
        """The pictures ``start`` to ``stop - 1``, (stop - start, H, W, 3) uint8."""
        coded = (_coded(self.draw(place)) for place in range(start, stop))
        return np.stack([self.pipeline(picture) for picture in coded])

    def draw(self, place: int) -> Images:
        """One picture (224, 224, 3) uint8 before it is coded."""
        made: Images = corrupt(
            USUAL(self.clean.open(place))[None],
            self.corruption,
            self.severity,
            family=self.family,
            seed=regenerated.SEED,
            indices=[int(self.clean.numbers[place])],
            data_dir=self.data_dir,
        )[0]
        return made


@dataclass(frozen=True)
class DrawnSequences:
    """Reads sequences of one perturbation and difficulty, which are stored without loss.

    Hendrycks & Dietterich, ICLR 2019; the published ImageNet-P was coded as video.

    Attributes:
        clean: The pictures.
        family: Whose constants.
        perturbation: Name.
        difficulty: 1 to 3.
        pipeline: What happens to each frame.
    """

    clean: CleanFiles
    family: str
    perturbation: str
    difficulty: int
    pipeline: Pipeline

    def __call__(self, start: int, stop: int) -> Images:
        """The sequences ``start`` to ``stop - 1``, (stop - start, F, H, W, 3) uint8."""
        return np.stack([shaped(self._draw(place), self.pipeline) for place in range(start, stop)])

    def _draw(self, place: int) -> Images:
        """The frames (F, 224, 224, 3) uint8 of one picture."""
        frames: Images = perturb(
            to_array(resize_shorter(self.clean.open(place), SHORT_SIDE))[None],
            self.perturbation,
            family=self.family,
            seed=regenerated.SEED,
            indices=[int(self.clean.numbers[place])],
            difficulty=self.difficulty,
        )[0]
        return frames


def shaped(frames: Images, pipeline: Pipeline) -> Images:
    """Frames (F, 224, 224, 3) uint8 as a network sees them; the same array where nothing is to do.

    Returns:
        (F, H, W, 3) uint8.
    """
    if pipeline == AS_FILES:
        return frames
    return np.stack([pipeline(Image.fromarray(frame)) for frame in frames])


def drawn_source(
    entry: EvalSet,
    listing: str,
    images: int,
    *,
    coding: str | None = None,
    seed: int = regenerated.SEED,
    version: int = GENERATOR_VERSION,
) -> dict[str, Any]:
    """What a passport says of the pixels; the same whether they were stored or not.

    Args:
        entry: The set.
        listing: SHA-256 of the list of clean pictures and their sizes.
        images: How many these are.
        coding: One of `coding`; by default as `robench data make` stores the set.
        seed: Of the whole set.
        version: Of the generator.
    """
    usual = coding_of("png" if entry.role == "perturbed" else "jpeg")
    return {
        **regenerated.source(entry, seed, version),
        "images": images,
        "listing": listing,
        "coding": coding or usual,
    }


def coding_of(kind: str) -> str:
    """How a made set stores its pictures, as far as that changes pixels.

    Args:
        kind: ``jpeg`` or ``png``.
    """
    if kind != "jpeg":
        return LOSSLESS
    settings = ENCODINGS["jpeg"].settings
    return f"jpeg, quality {settings['quality']}, {settings['subsampling']}"


def _coded(picture: Images) -> Image.Image:
    """A picture (H, W, 3) uint8 as it comes back from a JPEG file."""
    with Image.open(io.BytesIO(ENCODINGS["jpeg"].encode(picture))) as opened:
        return opened.convert("RGB")
