"""Pictures as the published ImageNet sets prepare and store them."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from robench.datasets.making.recipes import Kind
from robench.errors import InputError
from robench.types import Images

JPEG: dict[str, Any] = {"quality": 85, "optimize": True, "subsampling": "4:2:0"}
"""How the published ImageNet-C was stored."""

UNSCALED = "32x32 as stored"
"""The preparation that takes pictures of a family's size as they are."""

_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


@dataclass(frozen=True)
class Encoding:
    """A file format.

    Attributes:
        kind: ``jpeg`` or ``png``.
        suffix: Of file names.
        end: What a complete file ends with.
        settings: As Pillow takes them.
    """

    kind: str
    suffix: str
    end: bytes
    settings: dict[str, Any]

    def encode(self, picture: Images) -> bytes:
        """Picture (H, W, 3) uint8 -> the content of a file."""
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, self.kind, **self.settings)
        return buffer.getvalue()

    def is_complete(self, content: bytes) -> bool:
        """Whether a file was written to its end."""
        return content.endswith(self.end)


ENCODINGS: dict[str, Encoding] = {
    "jpeg": Encoding("jpeg", ".JPEG", b"\xff\xd9", JPEG),
    "png": Encoding("png", ".png", b"IEND\xaeB`\x82", {"compress_level": 3}),
}


def read_picture(path: Path, prepare: str) -> Images:
    """Decode a picture, convert it to RGB and prepare it.

    Args:
        path: A file that Pillow can read; an orientation in its EXIF data is not applied, as in
            torchvision.
        prepare: Key of ``PREPARATIONS``.

    Returns:
        (H, W, 3) uint8.

    Raises:
        InputError: The file is damaged or not of 8 bits; the message names it.
    """
    try:
        with Image.open(path) as opened:
            mode, picture = opened.mode, opened.convert("RGB")
    except _DAMAGED as error:
        raise damaged(path, error) from error
    _check_depth(path, mode)
    return np.asarray(PREPARATIONS[prepare](picture))


def picture_size(path: Path, content: bytes) -> tuple[int, int]:
    """Width and height of a picture, which is decoded to see that it is sound.

    Raises:
        InputError: It is damaged, no picture or not of 8 bits; the message names it.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.load()
            mode, size = opened.mode, opened.size
    except _DAMAGED as error:
        raise damaged(path, error) from error
    _check_depth(path, mode)
    return size


def _check_depth(path: Path, mode: str) -> None:
    """Refuse 16 or 32 bits and floats, which a conversion to RGB would clip at 255."""
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


def resize_shorter(picture: Image.Image, side: int) -> Image.Image:
    """Scale the shorter side to ``side`` (bilinear with antialias), as torchvision's ``Resize``.

    The longer side is truncated to whole pixels.
    """
    width, height = picture.size
    shorter = min(width, height)
    size = int(side * width / shorter), int(side * height / shorter)
    return picture.resize(size, Image.Resampling.BILINEAR)


def center_crop(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Cut out the centre, with the rounding of torchvision's ``CenterCrop``."""
    left, top = round((picture.width - width) / 2.0), round((picture.height - height) / 2.0)
    return picture.crop((left, top, left + width, top + height))


def _imagenet(picture: Image.Image) -> Image.Image:
    """The preparation of ImageNet-C at 224."""
    return center_crop(resize_shorter(picture, 256), 224, 224)


def _inception(picture: Image.Image) -> Image.Image:
    """The preparation of ImageNet-C at 299: both sides of the crop are truncated, then squashed."""
    cut = center_crop(picture, int(picture.width * 0.875), int(picture.height * 0.875))
    return cut.resize((299, 299), Image.Resampling.BILINEAR)


PREPARATIONS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as stored": lambda picture: picture,
    UNSCALED: lambda picture: picture,
    "resize 64x64": lambda picture: picture.resize((64, 64), Image.Resampling.BILINEAR),
    "resize 256, centre crop 224": _imagenet,
    "resize 256, frames cropped to 224": lambda picture: resize_shorter(picture, 256),
    "centre crop 87.5 %, resize 299x299": _inception,
}
"""What happens to a picture before it is corrupted; the keys stand in the manifest."""

_PREPARED = {
    "cifar": UNSCALED,
    "tiny": "resize 64x64",
    "imagenet": "resize 256, centre crop 224",
    "inception": "centre crop 87.5 %, resize 299x299",
}


def preparation(kind: Kind, family: str) -> str:
    """The key of ``PREPARATIONS`` with which sets were published.

    Args:
        kind: Of the set.
        family: One of ``FAMILIES[kind]``.
    """
    frames = kind == "p" and family == "imagenet"
    return "resize 256, frames cropped to 224" if frames else _PREPARED[family]


SIDES: dict[str, int] = {
    UNSCALED: 32,
    "resize 64x64": 64,
    "resize 256, centre crop 224": 224,
    "resize 256, frames cropped to 224": 224,
    "centre crop 87.5 %, resize 299x299": 299,
}
"""Side of what is stored; pictures ``as stored`` have their own."""
