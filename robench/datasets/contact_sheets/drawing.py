"""Contact sheets: rows of small pictures with their names, drawn by Pillow alone."""

import numpy as np
from PIL import Image, ImageDraw

from robench.datasets.contact_sheets.layout import Layout
from robench.datasets.contact_sheets.marks import font_of
from robench.datasets.contact_sheets.sheet import Sheet
from robench.types import Images

PAPER = "#ffffff"


def draw(sheet: Sheet) -> Image.Image:
    """Draw a sheet: an RGB picture."""
    layout = Layout(sheet)
    page = Image.new("RGB", (layout.width, layout.height), PAPER)
    pen = ImageDraw.Draw(page)
    for mark in layout.marks:
        left, top, right, bottom = mark.box
        if mark.picture is not None:
            page.paste(scaled(mark.picture, (right - left, bottom - top)), (left, top))
        elif mark.text:
            middle = (left, (top + bottom) // 2)
            pen.text(middle, mark.text, fill=mark.colour, font=font_of(mark.size), anchor="lm")
        else:
            pen.rectangle((left, top, right - 1, bottom - 1), fill=mark.colour)
    return page


def scaled(picture: Images, size: tuple[int, int]) -> Image.Image:
    """A picture (H, W, 3) in the size (width, height) of its tile; enlarged pixels stay squares."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    enlarged = size[0] >= image.width
    return image.resize(size, Image.Resampling.NEAREST if enlarged else Image.Resampling.LANCZOS)
