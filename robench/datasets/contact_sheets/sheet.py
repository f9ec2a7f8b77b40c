"""What is on a contact sheet, before anything has its place."""

from dataclasses import dataclass

from robench.types import Images

SMALLEST = 48
"""Below it a label with its remark would be higher than its row."""


@dataclass(frozen=True)
class Strip:
    """One row of a sheet.

    Attributes:
        label: On the left.
        pictures: (K, H, W, 3) uint8, one per column; None for an empty row.
        remark: Below the label, or in the empty row.
        group: Heads the first row of each group if there are several; empty for none.
    """

    label: str
    pictures: Images | None
    remark: str = ""
    group: str = ""


@dataclass(frozen=True)
class Sheet:
    """What is on a contact sheet.

    Attributes:
        title: First line.
        subtitle: Below it, wrapped.
        columns: K headings.
        strips: The rows.
        side: Height of the pictures on the sheet in pixels, at least `SMALLEST`.
        apart: Whether the first column stands apart from the others.
    """

    title: str
    subtitle: str
    columns: tuple[str, ...]
    strips: tuple[Strip, ...]
    side: int
    apart: bool = True
