"""What a look at a folder found, as text and as plain types."""

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from robench.cli.data.card_text import WIDTH

if TYPE_CHECKING:
    from robench.datasets.doctor.report import Diagnosis, Section

LABEL = 10  # columns


def diagnosis_text(found: "Diagnosis") -> str:
    """The sections, a few lines each, and one line on the whole."""
    return "\n".join((*("\n".join(_lines(one)) + "\n" for one in found.sections), _verdict(found)))


def plain_sections(found: "Diagnosis") -> list[dict[str, Any]]:
    """The sections for programs."""
    return [
        {**asdict(one), "folder": str(one.folder), "facts": dict(one.facts)}
        for one in found.sections
    ]


def _lines(section: "Section") -> Iterator[str]:
    yield f"{section.folder}: {' or '.join(section.sets) or 'no set of the catalogue'}"
    yield from _line("layout", section.layout)
    for label, text in section.facts:
        yield from _line(label, text)
    if section.use:
        yield from _line("use", section.use, command=True)
    for finding in section.findings:
        yield from _line(finding.kind, finding.what)
        if finding.remedy:
            yield from _line("", f"-> {finding.remedy}", command=True)


def _line(label: str, text: str, *, command: bool = False) -> Iterator[str]:
    """A label and its text; long text is wrapped, but no command that is to be copied."""
    start = f"  {label:{LABEL}}"
    if command:
        yield f"{start}{text}"
        return
    hanging = " " * len(start)
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=hanging,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _verdict(found: "Diagnosis") -> str:
    """One line on the whole."""
    if not found.faults:
        return "Layout: sound and complete."
    kinds = [one.kind for section in found.sections for one in section.faults]
    counted = [f"{kinds.count(kind)} {kind}" for kind in ("missing", "damaged") if kind in kinds]
    return f"Layout: {' and '.join(counted)}."
