"""What was found in a file of results, as text and as plain data."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from robench.report.lint.integrity import Finding
from robench.report.lint.judging import Lint
from robench.report.lint.matching import Match, Verdict
from robench.report.lint.reasons import Reason

WIDTH = 110
_WIDE = max(map(len, ("matches in part", "does not match"))) + 2


def to_text(one: Lint) -> str:
    """A page for people, lines of at most `WIDTH` characters where words allow it."""
    return "\n".join([*_head(one), *_integrity(one), *_protocols(one), *_end(one)])


def _head(one: Lint) -> Iterator[str]:
    numbers = one.results.numbers
    last = numbers[-1].record
    yield f"{one.results.file}: {_count(len(numbers), 'number')}, checkpoint {last.checkpoint[:12]}"


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}" + ("" if n == 1 else "s")


def _integrity(one: Lint) -> Iterator[str]:
    """What is wrong, and what is good to know."""
    yield ""
    yield f"Integrity: {_count(len(one.findings), 'problem')}" if one.findings else "Integrity: ok"
    for finding in one.findings:
        yield from _entry(f"- {finding.kind}: ", _found(finding))
        yield from _entry("  mend: ", finding.mend)
    for remark in one.remarks:
        yield from _entry("  note: ", remark)


def _found(finding: Finding) -> str:
    more = finding.entries - 1
    return finding.text + (f" And {more:,} more like it." if more else "")


def _protocols(one: Lint) -> Iterator[str]:
    """The verdicts; those that are not concerned in one line."""
    idle = [each for each in one.verdicts if each.status == "not concerned"]
    for each in one.verdicts:
        if each not in idle:
            yield ""
            yield from _verdict(each, one.named)
    if idle:
        yield ""
        names = ", ".join(each.protocol.name for each in idle)
        yield from _entry("not concerned  ", f"{names} (no number of their sets)")


def _verdict(each: Verdict, named: bool) -> Iterator[str]:
    """A protocol: first what can be quoted, then why the rest cannot."""
    protocol = each.protocol
    yield from _entry(f"{each.status + '  ':{_WIDE}}", f"{protocol.name} ({protocol.title})")
    for matches in _alike(each.matches):
        yield from _entry("  + ", _match(matches))
    for group in _groups(each.reasons):
        yield from _reason(group)
    if named and each.unmeasured:
        yield from _entry("  not measured: ", ", ".join(each.unmeasured))


def _alike(matches: Sequence[Match]) -> list[list[Match]]:
    """Numbers that nothing more is said of than how many images they are of."""
    groups: dict[object, list[Match]] = {}
    for match in matches:
        plain = match.cells == 1 and not match.remarks
        groups.setdefault((match.n, match.of) if plain else match.unit, []).append(match)
    return list(groups.values())


def _match(group: Sequence[Match]) -> str:
    """What may be quoted: ``cifar10-c error, 75 cells, 10,000 images each: mean_ce``."""
    first = group[0]
    cells = f"{first.cells} cells, " if first.cells > 1 else ""
    images = f"{first.n:,} images" if first.n == first.of else f"{first.n:,} of {first.of:,} images"
    names = ", ".join(match.unit for match in group)
    text = f"{names} ({cells}{images}{' each' if first.cells > 1 else ''})"
    if first.aggregates:
        text += f": {', '.join(first.aggregates)}"
        text += f", {first.normaliser}" if first.normaliser else ""
    return ". ".join([text, *first.remarks])


def _groups(reasons: Sequence[Reason]) -> list[list[Reason]]:
    """Reasons of one kind, of several numbers."""
    groups: dict[tuple[str, ...], list[Reason]] = {}
    for reason in reasons:
        groups.setdefault((reason.aspect, reason.expected, reason.says), []).append(reason)
    return list(groups.values())


def _reason(group: Sequence[Reason]) -> Iterator[str]:
    """What came, what was expected, who says so, and the way there."""
    first = group[0]
    yield f"  - {first.aspect}"
    by_found: dict[str, list[Reason]] = {}
    for reason in group:
        by_found.setdefault(reason.found, []).append(reason)
    for found, reasons in by_found.items():
        units = "; ".join(f"{one.unit}{_share(one)}" for one in reasons)
        yield from _entry("      found     ", f"{found}: {units}")
    says = f" [{first.says}]" if first.says else ""
    yield from _entry("      expected  ", first.expected + says)
    ways = dict.fromkeys(one.mend for one in group if one.mend)
    if ways:
        more = f" (and likewise for the other {len(ways) - 1})" if len(ways) > 1 else ""
        yield from _entry("      mend      ", next(iter(ways)) + more)


def _share(reason: Reason) -> str:
    """`` (75 of 75 cells, such as fog 3)`` of a mean."""
    if reason.of == 1 or not reason.example:
        return ""
    cell = " ".join(reason.example.split(" ")[1:-1])  # between set and metric
    return f" ({reason.entries} of {reason.of} cells, such as {cell})"


def _entry(lead: str, text: str) -> list[str]:
    """A wrapped paragraph behind a lead."""
    pad = " " * len(lead)
    options = {"break_long_words": False, "break_on_hyphens": False}
    wrapped = textwrap.wrap(text, WIDTH - len(lead), **options)  # type: ignore[arg-type]
    return [(lead if n == 0 else pad) + line for n, line in enumerate(wrapped or [""])]


def _end(one: Lint) -> Iterator[str]:
    """The verdict on the file."""
    yield ""
    if one.ok:
        yield "No violation."
        return
    yield "Violation: " + " and ".join(_violations(one)) + "."


def _violations(one: Lint) -> Iterator[str]:
    if one.findings:
        yield f"{_count(len(one.findings), 'problem')} of integrity"
    if not one.comparable and one.named:
        each = one.verdicts[0]
        yield f"the protocol {each.protocol.name}: {each.status}"
    elif not one.comparable:
        yield "no protocol is matched by any number"


def to_plain(one: Lint) -> dict[str, Any]:
    """The same as data, for ``--format json``."""
    return {
        "file": str(one.results.file),
        "records": len(one.results.numbers),
        "checkpoint": one.results.numbers[-1].record.checkpoint,
        "ok": one.ok,
        "integrity": [asdict(finding) for finding in one.findings],
        "remarks": list(one.remarks),
        "protocols": [_plain_verdict(each) for each in one.verdicts],
    }


def _plain_verdict(each: Verdict) -> dict[str, Any]:
    return {
        "name": each.protocol.name,
        "id": each.protocol.id,
        "status": each.status,
        "matches": [asdict(match) for match in each.matches],
        "reasons": [asdict(reason) for reason in each.reasons],
        "unmeasured": list(each.unmeasured),
    }
