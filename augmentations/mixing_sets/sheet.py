"""A contact sheet: some pictures of a set, side by side."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from augmentations.mixing_sets.quality import Picture

_GAP = 4


def spread(n: int, count: int) -> list[int]:
    """``count`` positions among ``n``, or all, from the first to the last at equal distances."""
    return [int(i) for i in np.linspace(0, n - 1, min(n, count)).round()]


def contact_sheet(pictures: Sequence[Picture] | Picture, columns: int, side: int) -> Image.Image:
    """Draw pictures in rows on white.

    Args:
        pictures: At least one, (S, S, 3) uint8.
        columns: Pictures in a row; fewer where there are fewer.
        side: Side of each on the sheet in pixels.
    """
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    step = side + _GAP
    sheet = Image.new("RGB", (columns * step + _GAP, rows * step + _GAP), "white")
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        image = Image.fromarray(picture)
        method = Image.Resampling.BILINEAR if side < len(picture) else Image.Resampling.NEAREST
        sheet.paste(image.resize((side, side), method), (column * step + _GAP, row * step + _GAP))
    return sheet
