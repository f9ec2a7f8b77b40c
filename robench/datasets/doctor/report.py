"""What a look at a folder found."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from robench.progress import Progress, Silent

Kind = Literal["missing", "damaged", "note"]
SHOWN = 5  # names of a longer list


@dataclass(frozen=True)
class Finding:
    """One thing that a reader should know.

    Attributes:
        kind: ``missing`` and ``damaged`` are faults, a ``note`` is none.
        what: In words, with names.
        remedy: The command, or what else mends it.
    """

    kind: Kind
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Section:
    """One set, or what may be one.

    Attributes:
        folder: Where it lies.
        layout: What was recognised, in words.
        sets: Names of the sets that it may be; one where that is clear, none for one's own.
        facts: (label, text): what was counted.
        findings: Faults and notes.
        use: What makes robench find it; empty where nothing would.
        found: Images, or files where those are counted.
        expected: Of the complete set, where that is known.
        corrupted: Whether its pixels can be compared with those made here.
    """

    folder: Path
    layout: str
    sets: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    use: str = ""
    found: int | None = None
    expected: int | None = None
    corrupted: bool = False

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is missing or damaged."""
        return tuple(one for one in self.findings if one.kind != "note")


@dataclass(frozen=True)
class Diagnosis:
    """All that was recognised.

    Attributes:
        folder: That was looked at.
        sections: At least one.
    """

    folder: Path
    sections: tuple[Section, ...]

    @property
    def faults(self) -> int:
        """How many things are missing or damaged."""
        return sum(len(section.faults) for section in self.sections)


@dataclass(frozen=True)
class Looking:
    """What every recogniser is given.

    Attributes:
        data_dir: The folder of data sets, for advice.
        progress: Told of every cell.
        contained: Whether the folder is one of several in the folder that was named.
    """

    data_dir: Path
    progress: Progress = field(default_factory=Silent)
    contained: bool = False


def quoted(path: Path | str) -> str:
    """A path as it stands in a command that is to be copied."""
    return shlex.quote(str(path))


def some(names: Iterable[str], shown: int = SHOWN) -> str:
    """The first names of a list, and that there are more."""
    listed = list(names)
    more = f", and {len(listed) - shown} more" if len(listed) > shown else ""
    return ", ".join(listed[:shown]) + more


def count(number: int, singular: str, plural: str = "") -> str:
    """``1 class``, ``12,000 classes``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def spread_of(counts: Sequence[int]) -> str:
    """Smallest, middle and largest of some counts."""
    ordered = sorted(counts)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return f"{ordered[0]:,} / {middle:,.6g} / {ordered[-1]:,} (least, median, most)"


def severity_runs(levels: Sequence[int]) -> str:
    """``severity 3``, ``severities 1, 4``."""
    word = "severity" if len(levels) == 1 else "severities"
    return f"{word} {', '.join(map(str, levels))}"
