"""Decoding and geometry of picture files, bit for bit as torchvision does it with Pillow."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from robench.errors import InputError
from robench.types import Images

SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
)  # as torchvision's ImageFolder
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)
"""What Pillow raises on files that are no sound pictures."""
_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}


def is_picture(name: str) -> bool:
    """Whether a file is a picture by its name, and not hidden; faster than a `Path` for each."""
    return name[0] != "." and name[name.rfind(".") :].lower() in SUFFIXES


def open_picture(path: Path) -> Image.Image:
    """Decode a picture and convert it to RGB.

    Args:
        path: A file that Pillow can read; an orientation in its EXIF data is not applied, as in
            torchvision.

    Raises:
        InputError: The file is damaged or not of 8 bits; the message names it.
    """
    try:
        with Image.open(path) as opened:
            mode, picture = opened.mode, opened.convert("RGB")
    except DAMAGED as error:
        raise damaged(path, error) from error
    check_depth(path, mode)
    return picture


def check_depth(path: Path, mode: str) -> None:
    """Refuse 16 or 32 bits and floats, which a conversion to RGB would clip at 255.

    Raises:
        InputError: They are.
    """
    if mode == "F" or mode.startswith("I"):
        raise InputError(
            f"{path}: expected a picture of 8 bits, got Pillow's mode {mode}. Save it again with "
            f"8 bits, scaled to 0 to 255, or take it out."
        )


def damaged(path: Path, error: Exception) -> InputError:
    """The one message for a picture that cannot be read."""
    known = not isinstance(error, UnidentifiedImageError)
    reason = str(error) if known else "it is of no format that Pillow knows"
    return InputError(f"Cannot read the picture {path}: {reason}. Replace it or take it out.")


def resize_shorter(picture: Image.Image, side: int, interpolation: str = "bilinear") -> Image.Image:
    """Scale the shorter side to ``side`` with antialias, as torchvision's ``Resize``.

    The longer side is truncated to whole pixels.
    """
    width, height = picture.size
    shorter = min(width, height)
    if shorter == side:
        return picture
    size = int(side * width / shorter), int(side * height / shorter)
    return picture.resize(size, _RESAMPLING[interpolation])


def squash(
    picture: Image.Image, size: tuple[int, int], interpolation: str = "bilinear"
) -> Image.Image:
    """Scale to (height, width), whatever the shape."""
    height, width = size
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), _RESAMPLING[interpolation])


def center_crop(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Cut out the centre, with the rounding of torchvision's ``CenterCrop``.

    What a smaller picture lacks is black, split as there: the odd pixel goes right and below.
    """
    lack_x, lack_y = max(0, width - picture.width), max(0, height - picture.height)
    if lack_x or lack_y:
        border = (lack_x // 2, lack_y // 2, (lack_x + 1) // 2, (lack_y + 1) // 2)
        picture = ImageOps.expand(picture, border)
    left, top = round((picture.width - width) / 2.0), round((picture.height - height) / 2.0)
    return picture.crop((left, top, left + width, top + height))


def cut_border(picture: Image.Image, pixels: int) -> Image.Image:
    """Take so many pixels off each side."""
    width, height = picture.size
    return picture.crop((pixels, pixels, width - pixels, height - pixels))


def to_array(picture: Image.Image) -> Images:
    """(H, W, 3) uint8."""
    return np.asarray(picture)
