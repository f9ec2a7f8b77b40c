"""Whether a file of results can be believed, and whose numbers it can stand beside."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robench.protocols import PROTOCOLS
from robench.registry import lookup
from robench.report.lint.integrity import Finding, findings
from robench.report.lint.matching import Verdict, verdict
from robench.report.lint.reading import Number, Results, read


@dataclass(frozen=True)
class Lint:
    """One file.

    Attributes:
        results: What it holds.
        findings: What cannot be right; empty where nothing was found.
        remarks: What is good to know and forbids nothing by itself.
        verdicts: The file under each protocol, or under the one that was asked for.
        named: Whether one was asked for.
    """

    results: Results
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    named: bool

    @property
    def comparable(self) -> bool:
        """Whether it can stand beside the numbers of a protocol.

        Of the one that was asked for, with all that is measured of its sets; else of any, with at
        least one number, or there is nothing to compare with because no protocol knows its sets.
        """
        if self.named:
            return all(
                one.status.startswith("matches") and not one.reasons for one in self.verdicts
            )
        matched = any(one.matches for one in self.verdicts)
        return matched or all(one.status == "not concerned" for one in self.verdicts)

    @property
    def ok(self) -> bool:
        """Whether there is no violation."""
        return not self.findings and self.comparable


def lint(path: Path, protocol: str = "") -> Lint:
    """Check a run folder, its ``eval`` folder, or a file of results with its passports beside it.

    Args:
        path: Where it is.
        protocol: Name of the one that it must match; empty: all are tried.

    Raises:
        InputError: It cannot be read.
        UnknownNameError: No such protocol.
    """
    tried = [lookup(PROTOCOLS, protocol, "protocol")] if protocol else list(PROTOCOLS.values())
    results = read(path)
    verdicts = tuple(verdict(one, results.numbers, str(results.run)) for one in tried)
    found = tuple(findings(results))
    return Lint(results, found, tuple(remarks(results)), verdicts, bool(protocol))


def remarks(results: Results) -> Iterator[str]:
    """What is good to know of a file."""
    numbers = results.numbers
    if results.torn:
        yield "The last line has no end, as a killed run leaves it; robench eval measures it again."
    regenerated = _sets(numbers, lambda one: one.part("source").get("kind") == "regenerated")
    if regenerated:
        yield (
            f"Made by robench, not published files: {regenerated}. Such numbers compare with each "
            f"other, not with published ones."
        )
    unverified = _sets(numbers, lambda one: one.part("source").get("verified") is False)
    if unverified:
        yield (
            f"No checksums are published of {unverified}: that the files are the published ones "
            f"was not verified; the passports hold the checksums of what was read."
        )
    partial = _sets(numbers, lambda one: one.record.n < one.record.n_expected)
    if partial:
        yield f"Not all images were measured, at least in one pass, of {partial}."
    rounded = _sets(numbers, lambda one: one.inputs.get("precision") not in (None, "fp32"))
    if rounded:
        yield f"Measured in another precision than fp32: {rounded}."


def _sets(numbers: Sequence[Number], concerned: Callable[[Number], bool]) -> str:
    """Names of the sets of some records."""
    found = (one.record.cell.evalset for one in numbers if concerned(one))
    return ", ".join(dict.fromkeys(found))


def lint_all(paths: Iterable[Path], protocol: str = "") -> list[Lint]:
    """Check several; arguments and errors as for `lint`."""
    return [lint(path, protocol) for path in paths]
