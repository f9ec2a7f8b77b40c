"""Where everything on a contact sheet goes: nothing overlaps and nothing is cut."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from robench.datasets.contact_sheets.marks import INK, SOFT, Mark, broken, font_of, written
from robench.datasets.contact_sheets.sheet import Sheet, Strip

LINE, EMPTY = "#d0d5dc", "#f4f5f7"
GAP = 6
MARGIN = 24
LARGE = 150
"""Tiles from this side on have larger writing."""


@dataclass(frozen=True)
class Layout:
    """The places of everything on a sheet; nothing overlaps and nothing is cut.

    Attributes:
        sheet: What is laid out.
    """

    sheet: Sheet
    _sizes: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        large = self.sheet.side >= LARGE
        sizes = {"title": 30, "text": 19, "label": 20, "remark": 15}
        small = {"title": 22, "text": 14, "label": 15, "remark": 12}
        object.__setattr__(self, "_sizes", sizes if large else small)

    @cached_property
    def tile(self) -> tuple[int, int]:
        """Width and height of a picture on the sheet."""
        shown = [strip.pictures for strip in self.sheet.strips if strip.pictures is not None]
        height, width = shown[0].shape[1:3] if shown else (1, 1)
        return max(1, round(self.sheet.side * width / height)), self.sheet.side

    @cached_property
    def column(self) -> int:
        """Width of a column: of the pictures, or of the longest heading if that is wider."""
        headings = [self._text(0, 0, text, "text").box[2] for text in self.sheet.columns]
        return max(self.tile[0], *headings)

    @cached_property
    def first(self) -> int:
        """Left edge of the first column, right of the longest label."""
        texts = [self._text(0, 0, strip.label, "label") for strip in self.sheet.strips]
        shown = [strip for strip in self.sheet.strips if strip.pictures is not None]
        texts += [self._text(0, 0, strip.remark, "remark") for strip in shown]
        texts += [self._text(0, 0, strip.group, "text") for strip in self.sheet.strips]
        return MARGIN + max((mark.box[2] for mark in texts), default=0) + 3 * GAP

    @cached_property
    def width(self) -> int:
        """Of the sheet; wide enough for the title."""
        title = self._text(MARGIN, 0, self.sheet.title, "title").box[2]
        return max(title, self._left(len(self.sheet.columns)) - GAP) + MARGIN

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Everything, from top to bottom."""
        return tuple(self._all())

    @property
    def height(self) -> int:
        """Of the sheet."""
        return max(mark.box[3] for mark in self.marks) + MARGIN

    def _left(self, column: int) -> int:
        """Left edge of a column."""
        apart = 2 * GAP if self.sheet.apart and column else 0
        return self.first + column * (self.column + GAP) + apart

    def _all(self) -> Iterator[Mark]:
        """Title, headings, and the rows under their groups."""
        title = self._text(MARGIN, MARGIN, self.sheet.title, "title")
        subtitle = self._wrapped(
            (MARGIN, title.box[3] + GAP), self.sheet.subtitle, "text", self.width - 2 * MARGIN
        )
        yield from (title, *subtitle)
        top = max(mark.box[3] for mark in (title, *subtitle)) + 3 * GAP
        headings = [
            self._centred(self._left(place), top, text)
            for place, text in enumerate(self.sheet.columns)
            if text
        ]
        yield from headings
        yield from self._rows(max((mark.box[3] for mark in headings), default=top) + GAP)

    def _rows(self, top: int) -> Iterator[Mark]:
        """The strips, the first of each group below its name."""
        several = len({strip.group for strip in self.sheet.strips}) > 1
        group = ""
        for strip in self.sheet.strips:
            if several and strip.group and strip.group != group:
                heading = list(self._group(top + GAP, strip.group))
                yield from heading
                top = max(mark.box[3] for mark in heading) + GAP
            group = strip.group
            yield from self._strip(top, strip)
            top += self.tile[1] + GAP

    def _group(self, top: int, name: str) -> Iterator[Mark]:
        """The name of a group and a rule to its right."""
        text = self._text(MARGIN, top, name, "text", SOFT)
        middle = (text.box[1] + text.box[3]) // 2
        yield text
        yield Mark((text.box[2] + 2 * GAP, middle, self.width - MARGIN, middle + 1), colour=LINE)

    def _strip(self, top: int, strip: Strip) -> Iterator[Mark]:
        """A label with its remark, centred beside the pictures, or beside an empty row."""
        lines = [self._text(MARGIN, 0, strip.label, "label")]
        if strip.remark and strip.pictures is not None:
            lines.append(self._text(MARGIN, 0, strip.remark, "remark", SOFT))
        yield from self._stacked(lines, top)
        width, height = self.tile
        if strip.pictures is not None:
            for place, picture in enumerate(strip.pictures):
                left = self._left(place) + (self.column - width) // 2
                yield Mark((left, top, left + width, top + height), picture=picture)
            return
        right = self._left(len(self.sheet.columns)) - GAP
        yield Mark((self.first, top, right, top + height), colour=EMPTY)
        inside = right - self.first - 4 * GAP
        remark = self._wrapped((self.first + 2 * GAP, 0), strip.remark, "text", inside)
        yield from self._stacked(remark, top)

    def _stacked(self, lines: list[Mark], top: int) -> Iterator[Mark]:
        """Lines under each other, centred on the height of a row."""
        heights = [mark.box[3] - mark.box[1] for mark in lines]
        place = top + (self.tile[1] - sum(heights)) // 2
        for mark, height in zip(lines, heights, strict=True):
            box = (mark.box[0], place, mark.box[2], place + height)
            yield Mark(box, mark.text, size=mark.size, colour=mark.colour)
            place += height

    def _centred(self, left: int, top: int, text: str) -> Mark:
        """A heading over its column."""
        mark = self._text(left, top, text, "text", SOFT)
        shift = (self.column - (mark.box[2] - mark.box[0])) // 2
        box = (left + shift, mark.box[1], mark.box[2] + shift, mark.box[3])
        return Mark(box, text, size=mark.size, colour=SOFT)

    def _wrapped(self, corner: tuple[int, int], text: str, style: str, width: int) -> list[Mark]:
        """Text in lines of at most ``width`` pixels."""
        left, top = corner
        marks = []
        for line in broken(text, font_of(self._sizes[style]), width):
            marks.append(self._text(left, top, line, style, SOFT))
            top = marks[-1].box[3]
        return marks

    def _text(self, left: int, top: int, text: str, style: str, colour: str = INK) -> Mark:
        """Text with its left upper corner there, in the size of a style."""
        return written(left, top, text, self._sizes[style], colour)
