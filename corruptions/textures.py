"""The six frost pictures of Hendrycks & Dietterich, read from a folder that the user supplies.

Their authors and licence are unknown, so robench does not ship them; they are known by their
SHA-256, and nothing else is taken for them.
"""

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from corruptions.base import Images

FOLDER = "frost"
"""Where the files lie below the data folder."""

TEXTURES: Mapping[str, str] = {
    "frost1.png": "ff9f907860bd7a835d459e32f9d588062b7f61ee267343cc7222b56753a14755",
    "frost2.png": "fe211a89b336999c207a852ce05818d4545d0b57c5beadd824b4cc9d9a9b6137",
    "frost3.png": "2d0d50b4a9bb213f38b024ef7768731bb83cc08d2f26b5766bbc167cdfa0e504",
    "frost4.jpg": "3f8b91ca1a9fa7167b09e773da53f5ae60d0a1fd88f02a783f6e328a72887f6e",
    "frost5.jpg": "5fc6a19df4a429ba68abdcc8f8a4278d4c9f81c9ccafd2c92ab0c8cf8992ebd2",
    "frost6.jpg": "1f92b2f48408748085b68dd81d816ef239f42cef3029c25d041fcb6760fb4f25",
}
"""File -> SHA-256, in the authors' order; frost2 and frost3 decode to the same pixels."""

DRAWN = 5
"""Only the first five are ever drawn: the authors' code does not reach the sixth."""


class MissingAssetsError(FileNotFoundError):
    """Files that a corruption needs are absent or altered; the message has the way out."""


def texture_folder(data_dir: Path | str | None = None) -> Path:
    """The folder of the six files, which need not exist.

    Args:
        data_dir: Folder that holds ``frost/``; by default ``$ROBENCH_DATA``, else
            ``~/.cache/robench/data``.
    """
    root = data_dir or os.environ.get("ROBENCH_DATA") or Path.home() / ".cache" / "robench" / "data"
    return Path(root).expanduser().absolute() / FOLDER


def textures_present(data_dir: Path | str | None = None) -> bool:
    """Whether all six files are there, unaltered; 2 MB are read on the first success only."""
    try:
        check_textures(texture_folder(data_dir))
    except MissingAssetsError:
        return False
    return True


@lru_cache(maxsize=8)
def check_textures(folder: Path) -> None:
    """Compare the SHA-256 of the six files, once per process and folder if they are right.

    Raises:
        MissingAssetsError: Says which files are absent or altered, and how to get them.
    """
    digests = {name: _sha256(folder / name) for name in TEXTURES}
    absent = [name for name, digest in digests.items() if digest is None]
    altered = [name for name in TEXTURES if digests[name] not in {None, TEXTURES[name]}]
    faults = [f"{', '.join(absent)} missing"] if absent else []
    faults += [f"{', '.join(altered)} with another SHA-256 than the published"] if altered else []
    if faults:
        raise MissingAssetsError(
            f"frost needs six texture files in {folder}: {'; '.join(faults)}. Run "
            f"robench data get frost --data-dir {folder.parent}, or use frost_procedural, which "
            f"needs no files but is another corruption: its scores cannot be compared with frost's."
        )


def _sha256(path: Path) -> str | None:
    """The digest of a file; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def texture(folder: Path, number: int, scale: float, size: tuple[int, int]) -> Images:
    """One texture, large enough for every crop that may be drawn.

    Where the scaled texture would not exceed the image it is scaled by the smallest factor that
    does instead. The published families at their sizes never need that: such frost is no benchmark.

    Args:
        folder: The folder of the six files; call `check_textures` first.
        number: 0 to 4.
        scale: Factor of both sides, bilinear.
        size: Height and width of the images.

    Returns:
        (rows, columns, 3) uint8 RGB, read-only, with more rows and columns than the images.
    """
    rows, columns, _ = _decoded(folder, number).shape
    factor = max(scale, (size[0] + 1) / rows, (size[1] + 1) / columns)
    return _scaled(folder, number, factor)


@lru_cache(maxsize=DRAWN)
def _decoded(folder: Path, number: int) -> Images:
    """One file as (rows, columns, 3) uint8 RGB, read-only."""
    pixels = cv2.imread(str(folder / tuple(TEXTURES)[number]), cv2.IMREAD_COLOR)
    if pixels is None:
        raise MissingAssetsError(f"{folder}: the frost textures have gone since they were checked.")
    rgb = np.ascontiguousarray(pixels[..., ::-1], dtype=np.uint8)
    rgb.flags.writeable = False
    return rgb


@lru_cache(maxsize=2 * DRAWN)
def _scaled(folder: Path, number: int, factor: float) -> Images:
    """The same with both sides scaled by ``factor``."""
    rgb = _decoded(folder, number)
    if factor == 1:
        return rgb
    resized = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    scaled = np.asarray(resized, dtype=np.uint8)
    scaled.flags.writeable = False
    return scaled
