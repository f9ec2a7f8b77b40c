"""What calls for care: what the networks and the attacks on them looked like."""

from collections.abc import Iterator, Sequence

from robench.attacks.suspicion import suspicious
from robench.report.families import attack_title
from robench.report.results import RunResults
from robench.types import Cell


def cautions(runs: Sequence[RunResults]) -> Iterator[str]:
    """What a careful benchmark says of each run, in words."""
    for run in runs:
        yield from dict.fromkeys(f"{run.title}: {text}" for text in _of(run))


def _of(run: RunResults) -> Iterator[str]:
    """Flags that were raised when the attacks ran, and attacks that found suspiciously little."""
    for (cell, metric), record in run.numbers.items():
        if metric != "adv_error":
            continue
        passport = run.passport(record)
        title = attack_title(cell.attack)
        yield from (f"{title}: {flag}" for flag in passport["provenance"].get("flags", ()))
        clean = run.numbers.get((Cell(cell.evalset), "error"))
        attack = passport["inputs"].get("attack") or {}
        if clean is not None and clean.n == record.n:
            doubt = suspicious(clean.value, record.value, attack)
            yield from (f"{title}: {doubt}",) if doubt else ()
