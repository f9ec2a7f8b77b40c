"""Whether the numbers of a file can be what they say they are."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from robench.metrics import METRICS
from robench.metrics.constants import LIMITS
from robench.passport import inputs_id, passport_id
from robench.report.lint.images import unlike_images
from robench.report.lint.reading import Number, Results, is_number
from robench.report.lint.together import superseded, together
from robench.types import Passport

BOUNDS = {
    "nll": (0.0, math.inf),
    "brier": (0.0, 2.0),
    "top5_distance": (0.0, LIMITS["top5_distance"]),
}
SHARE = (0.0, 1.0)  # of every other metric
_COPIED = "Take the file from where it was measured, or measure again: robench eval CKPT --fresh"


@dataclass(frozen=True)
class Problem:
    """Something that cannot be right.

    Attributes:
        kind: Of problem; those of one kind are told together.
        text: A sentence about one record, or about the file.
        mend: What to do.
    """

    kind: str
    text: str
    mend: str = _COPIED


@dataclass(frozen=True)
class Finding:
    """All problems of one kind.

    Attributes:
        kind: As there.
        entries: How many records have it.
        text: What is wrong with the first of them.
        mend: What to do.
    """

    kind: str
    entries: int
    text: str
    mend: str


def findings(results: Results) -> list[Finding]:
    """What is wrong with a file; empty where nothing is."""
    old = superseded(results.numbers)
    current = [one for one in results.numbers if one.record.key not in old]
    problems = [problem for number in current for problem in _of_one(number)]
    problems += [Problem(*found) for found in together(current)]
    problems += [Problem(*found) for found in unlike_images(current, results.file.parent)]
    mends = {"version": f"robench score {results.run}"}
    kinds = dict.fromkeys(problem.kind for problem in problems)
    return [_finding([p for p in problems if p.kind == kind], mends.get(kind)) for kind in kinds]


def _finding(problems: Sequence[Problem], mend: str | None) -> Finding:
    first = problems[0]
    return Finding(first.kind, len(problems), first.text, mend or first.mend)


def _of_one(number: Number) -> Iterator[Problem]:
    """What is wrong with one record by itself."""
    yield from _passport(number)
    yield from _metric(number)
    yield from _value(number)
    yield from _images(number)


def _passport(number: Number) -> Iterator[Problem]:
    """Its passport is there, is what its id says, and is about this record."""
    key = number.record.passport_id
    if number.passport is None:
        yield Problem("no passport", f"{number.name}: passport {key} is not in passports.json.")
        return
    passport = Passport(number.inputs, number.conventions)
    try:
        came = passport_id(passport), inputs_id(passport)
    except (TypeError, ValueError) as error:
        yield Problem("altered passport", f"{number.name}: passport {key} is no data: {error}.")
        return
    said = key, number.passport.get("inputs_id")
    if came != said:
        text = f"the content of passport {said[0]} (inputs {said[1]}) has the hashes {came[0]}"
        yield Problem("altered passport", f"{number.name}: {text} and {came[1]}.")
    yield from _cell(number)


def _cell(number: Number) -> Iterator[Problem]:
    """The passport is about the same pixels as the record."""
    cell, inputs = number.record.cell, number.inputs
    pairs = {
        "set": (cell.evalset, inputs.get("set")),
        "corruption": (cell.corruption or None, inputs.get("corruption")),
        "severity": (cell.severity or None, inputs.get("severity")),
        "difficulty": (cell.difficulty or None, inputs.get("difficulty")),
        "against": (cell.against or None, number.part("against").get("set")),
        "attacked": (bool(cell.attack), bool(inputs.get("attack"))),
    }
    for aspect, (record, passport) in pairs.items():
        if record != passport:
            text = f"the record says {aspect} {record}, its passport {passport}"
            yield Problem("passport of another cell", f"{number.name}: {text}.")


def _metric(number: Number) -> Iterator[Problem]:
    """The metric is known, and the passport is about it."""
    record, conventions = number.record, dict(number.conventions)
    if record.metric not in METRICS:
        text = f"no metric of that name; known: {', '.join(METRICS)}"
        mend = "A newer robench may know it: see robench ls metrics"
        yield Problem("unknown metric", f"{number.name}: {text}.", mend)
        return
    named = conventions.get("metric"), conventions.get("version")
    if number.passport is not None and named != (record.metric, record.version):
        text = f"the record says {record.metric} version {record.version}"
        told = f"its passport {named[0]} version {named[1]}"
        yield Problem("passport of another metric", f"{number.name}: {text}, {told}.")
        return
    yield from _version(number)


def _version(number: Number) -> Iterator[Problem]:
    """It was computed as it is computed today."""
    record, metric = number.record, METRICS[number.record.metric]
    text = f"{number.name}: computed by version {record.version} of {metric.name}"
    if record.version < metric.version:
        yield Problem("version", f"{text}; today's is {metric.version}.")
    elif record.version > metric.version:
        mend = "Check it with the robench that wrote it, or a newer one"
        yield Problem("newer version", f"{text}; this robench knows {metric.version}.", mend)
    elif number.passport is not None:
        for key, value in metric.conventions.items():
            came = number.conventions.get(key)
            if came != value:
                told = f"with {key} {came!r}, but {metric.name} version {metric.version} has"
                yield Problem("other conventions", f"{number.name}: {told} {value!r}.")


def _value(number: Number) -> Iterator[Problem]:
    """The number itself is possible."""
    record = number.record
    low, high = BOUNDS.get(record.metric, SHARE)
    if not is_number(record.value):
        yield Problem("no value", f"{number.name}: {record.value!r} is not a finite number.")
    elif not low <= record.value <= high:
        between = f"between {low:g} and {high:g}" if math.isfinite(high) else f"at least {low:g}"
        hint = " (fractions, not percent)" if high == 1 else ""
        yield Problem(
            "impossible value", f"{number.name}: {record.value:g}; expected {between}{hint}."
        )
    if record.stderr is not None and (not is_number(record.stderr) or record.stderr < 0):
        text = f"the standard error is {record.stderr!r}; expected a finite number of at least 0"
        yield Problem("impossible standard error", f"{number.name}: {text}.")


def _images(number: Number) -> Iterator[Problem]:
    """As many images as the passport says, and no more than there are."""
    record, subset = number.record, number.part("subset")
    if not 1 <= record.n <= record.n_expected:
        text = f"n = {record.n}; the complete set has {record.n_expected} images"
        yield Problem("impossible n", f"{number.name}: {text}.")
    said = subset.get("n"), subset.get("of")
    if number.passport is not None and said != (record.n, record.n_expected):
        text = f"n = {record.n} of {record.n_expected}; its passport says {said[0]} of {said[1]}"
        yield Problem("n unlike the passport", f"{number.name}: {text}.")
