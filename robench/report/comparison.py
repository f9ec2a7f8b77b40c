"""What the renderers take: runs side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from robench.report.column import Column, Section
from robench.report.effective import Standing
from robench.report.numbers import Number, apart
from robench.report.pairs import Ties


@dataclass(frozen=True)
class Comparison:
    """Runs, columns, and the numbers where they meet.

    Attributes:
        runs: Titles, in the order given.
        columns: In their fixed order.
        numbers: By (row, column key); a number that is not there is not there.
        footnotes: Text by letter.
        definitions: Choices inside the metric by column key, where all runs share them.
        warnings: What must not be compared without a second thought, in words.
        flagged: Keys of columns whose numbers are unlike.
        floors: What a perfectly calibrated network would score, in words.
        hidden: What the runs hold and the table leaves out, in words.
        ties: Rows that cannot be told apart, by column key.
        cautions: What was seen of the networks and attacks that calls for care, in words.
        standings: Where the runs stand among published networks.
        spread: Whether ``stderr`` is the standard deviation over seeds.
    """

    runs: tuple[str, ...]
    columns: tuple[Column, ...]
    numbers: Mapping[tuple[int, str], Number]
    footnotes: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    flagged: frozenset[str] = frozenset()
    floors: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    ties: Mapping[str, Ties] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()
    spread: bool = False

    def section(self, *names: Section) -> list[Column]:
        """The columns of some sections."""
        return [column for column in self.columns if column.section in names]

    def best(self, column: Column) -> int | None:
        """Row that leads all others beyond doubt, where all are alike.

        By the paired test where there is one, else by more than two standard errors.
        """
        keys = [(row, column.key) for row in range(len(self.runs))]
        found = {key[0]: self.numbers[key] for key in keys if key in self.numbers}
        if column.key in self.flagged or len(found) < 2 or self.spread:
            return None
        if column.key in self.ties:
            leaders = self.ties[column.key].groups[0]
            return leaders[0] if len(leaders) == 1 else None
        sign = -1 if column.higher_is_better else 1
        first, *others = sorted(found, key=lambda row: sign * found[row].value)
        return first if all(apart(found[first], found[row]) for row in others) else None
