"""What has its place on a contact sheet, and how much room writing takes."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import ImageFont

from robench.types import Images

INK, SOFT = "#1b1f24", "#6b7280"

Box: TypeAlias = tuple[int, int, int, int]
Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True)
class Mark:
    """Something in its place.

    Attributes:
        box: Left, top, right, bottom in pixels; right and bottom are outside.
        text: To be written, if any.
        picture: To be pasted, if any.
        size: Of the writing.
        colour: Of the writing, or of the ground of an empty row or rule.
    """

    box: Box
    text: str = ""
    picture: Images | None = None
    size: int = 0
    colour: str = INK


def written(left: int, top: int, text: str, size: int, colour: str = INK) -> Mark:
    """Text with its left upper corner there, in a box of the full height of a line."""
    right = left + int(np.ceil(font_of(size).getlength(text)))
    return Mark((left, top, right, top + round(1.35 * size)), text, size=size, colour=colour)


def broken(text: str, font: Font, width: int) -> list[str]:
    """Break text between words, and a word that is too long anywhere, at ``width`` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        lines.append("")
        for sign in word:
            if font.getlength(lines[-1] + sign) > width:
                lines.append("")
            lines[-1] += sign
    return [line for line in lines if line]


def font_of(size: int) -> Font:
    """The font that comes with Pillow, in a size in pixels."""
    return ImageFont.load_default(size=size)
