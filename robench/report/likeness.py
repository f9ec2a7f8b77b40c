"""Whether the numbers of a column may be compared, and what to say where they may not."""

from collections.abc import Iterator, Mapping, Sequence

from robench.errors import InputError
from robench.report.column import TABLE, Column
from robench.report.identity import describe, unlike
from robench.report.numbers import Number, clean_record, common, members
from robench.report.results import RunResults
from robench.types import Cell, Record

Numbers = Mapping[tuple[int, str], Number]
Unlikes = Mapping[str, Sequence[tuple[int, str]]]  # by column: rows and why
LISTED = 6  # reasons in the message of a refusal
NAMED = 5  # columns of one reason


def unlike_rows(
    runs: Sequence[RunResults], numbers: Numbers, column: Column
) -> Iterator[tuple[int, str]]:
    """Rows whose number is not what the first number of the column is, and why."""
    rows = [row for row in range(len(runs)) if (row, column.key) in numbers]
    for row in rows[1:]:
        base = rows[0]
        pairs = list(common(runs[base], runs[row], column))
        clean = (clean_record(runs[base], column), clean_record(runs[row], column))
        pairs += [(clean[0], clean[1])] if clean[0] and clean[1] else []
        reasons = dict.fromkeys(
            reason for a, b in pairs for reason in unlike((runs[base], a), (runs[row], b))
        )
        yield from ((row, reason) for reason in reasons)
        if _cells(runs[base], column) != _cells(runs[row], column):
            have = [numbers[r, column.key].have for r in (base, row)]
            yield row, f"other {column.unit}: {have[0]} vs {have[1]} of {len(column.cells)}"


def _cells(run: RunResults, column: Column) -> set[Cell]:
    """Cells that went into a number."""
    return {record.cell for record in members(run, column)}


def warnings(
    runs: Sequence[RunResults], columns: Sequence[Column], numbers: Numbers, unlikes: Unlikes
) -> tuple[str, ...]:
    """One line per difference, with every column of the tables and every run that it concerns."""
    shown = [column for column in columns if column.section in TABLE]
    return _lines(runs, shown, numbers, unlikes)


def refuse(
    runs: Sequence[RunResults], columns: Sequence[Column], numbers: Numbers, unlikes: Unlikes
) -> None:
    """See that all numbers of a column are alike.

    Raises:
        InputError: They are not; the message says in what, and the way out.
    """
    listed = [column for column in columns if column.section in TABLE]
    shown = listed if any(unlikes[column.key] for column in listed) else columns
    lines = _lines(runs, shown, numbers, unlikes)
    if lines:
        more = f"\n  and {len(lines) - LISTED} more" if len(lines) > LISTED else ""
        told = "\n".join(f"  {line}" for line in lines[:LISTED])
        raise InputError(
            f"Unlike numbers would stand in one column:\n{told}{more}\nMeasure the runs alike "
            "(robench lint RUN says under which protocol each is), or take --unlike: the columns "
            "are marked then."
        )


def _lines(
    runs: Sequence[RunResults], shown: Sequence[Column], numbers: Numbers, unlikes: Unlikes
) -> tuple[str, ...]:
    """Differences with the columns and runs that share them."""
    titles: dict[tuple[int, int, str], list[str]] = {}
    for column in shown:
        base = first_row(column, numbers)
        for row, reason in unlikes[column.key]:
            titles.setdefault((base, row, reason), []).append(column.title)
    who: dict[tuple[str, int, str], list[str]] = {}
    for (base, row, reason), of_columns in titles.items():
        what = "every number" if len(of_columns) == len(shown) else shortened(of_columns)
        who.setdefault((what, base, reason), []).append(runs[row].title)
    return tuple(
        f"{what}: {reason} ({runs[base].title} vs {', '.join(names)})"
        for (what, base, reason), names in who.items()
    )


def shortened(titles: Sequence[str]) -> str:
    """Some of the titles, and how many more there are."""
    more = len(titles) - NAMED
    return "; ".join([*titles[:NAMED], *([f"{more} more columns"] if more > 0 else [])])


def first_row(column: Column, numbers: Numbers) -> int:
    """The run that the others in a column are checked against."""
    return min(row for row, key in numbers if key == column.key)


def _behind(run: RunResults, column: Column) -> list[Record]:
    """All records that a number is made of, the clean one of a relative mean too."""
    clean = clean_record(run, column)
    return [*members(run, column), *([clean] if clean else [])]


def footnotes(
    runs: Sequence[RunResults], columns: Sequence[Column], numbers: Numbers, unlikes: Unlikes
) -> dict[tuple[int, str], tuple[int, str]]:
    """Index and text of the footnote of every number; identical passports share one.

    A number that is unlike the first of its column never shares that one's footnote, even where
    the words about its inputs are the same.
    """
    index: dict[str, int] = {}
    found = {}
    for column in columns:
        reasons, base = unlikes[column.key], first_row(column, numbers)
        for row, run in enumerate(runs):
            if (row, column.key) not in numbers:
                continue
            text = describe(run, _behind(run, column))
            mine = [reason for at, reason in reasons if at == row]
            if mine and text == describe(runs[base], _behind(runs[base], column)):
                text += f"; {'; '.join(mine)}"
            found[row, column.key] = index.setdefault(text, len(index)), text
    return found
