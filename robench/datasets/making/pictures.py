"""Pictures as the published ImageNet sets prepare and store them."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from robench.datasets.making.recipes import Kind
from robench.datasets.pictures import (
    DAMAGED,
    center_crop,
    check_depth,
    damaged,
    open_picture,
    resize_shorter,
    to_array,
)
from robench.types import Images

JPEG: dict[str, Any] = {"quality": 85, "optimize": True, "subsampling": "4:2:0"}
"""How the published ImageNet-C was stored."""

UNSCALED = "32x32 as stored"
"""The preparation that takes pictures of a family's size as they are."""


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
    return to_array(PREPARATIONS[prepare](open_picture(path)))


def picture_size(path: Path, content: bytes) -> tuple[int, int]:
    """Width and height of a picture, which is decoded to see that it is sound.

    Raises:
        InputError: It is damaged, no picture or not of 8 bits; the message names it.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.load()
            mode, size = opened.mode, opened.size
    except DAMAGED as error:
        raise damaged(path, error) from error
    check_depth(path, mode)
    return size


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
