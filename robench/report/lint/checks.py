"""What a protocol, and every comparison with published numbers, asks of a single record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from robench.datasets.catalogue import DATASETS
from robench.protocols import CATALOGUE, POLICIES, Protocol, Rule
from robench.report.lint.reading import Number
from robench.report.lint.units import Unit

Look = Callable[[Any, Number], str]
"""The value that a rule has and a number -> what came instead, or nothing."""
CHOSEN = ("first", "spread")  # how --limit takes images


@dataclass(frozen=True)
class Check:
    """One question.

    Attributes:
        aspect: What it is about.
        look: See there.
        value: What is expected; plain data.
        expected: The same in words.
        says: Who expects it.
        mend: A number -> the command that would give it, or nothing.
    """

    aspect: str
    look: Look
    value: Any
    expected: str
    says: str
    mend: Callable[[Number], str]


def checks(unit: Unit, protocol: Protocol) -> Iterator[Check]:
    """The questions for the records of a unit."""
    asked = {rule.key for rule in unit.rules}
    for rule in unit.rules:
        if rule.key in _LOOKS:
            said = rule.source or protocol.paper or f"the protocol {protocol.name}"
            value = DATASETS[unit.evalset].mask if rule.value == "own" else rule.value
            expected, mend = _expected(rule, value), partial(_mend, rule)
            yield Check(rule.aspect, _LOOKS[rule.key], value, expected, said, mend)
    if protocol.name in CATALOGUE:
        yield from _always(unit, asked)


def _always(unit: Unit, asked: set[Any]) -> Iterator[Check]:
    """What stops a comparison with published numbers whoever published them."""
    again = f"robench eval CKPT --suite {unit.evalset}"
    says = "every published number"
    yield Check(
        "precision", _precision, "fp32", "fp32", says, lambda _: f"{again} --precision fp32"
    )
    if "images" not in asked:
        yield Check("images", _images, "all", "all images of the set", says, _mend_images)


def _preprocess(value: Any, number: Number) -> str:  # noqa: ANN401  plain data, here and below
    came = number.inputs.get("preprocess")
    return "" if came == value else str(came)


def _mask(value: Any, number: Number) -> str:  # noqa: ANN401
    came = [number.inputs.get("mask")]
    if number.record.cell.against:
        came.append(number.part("against").get("mask"))
    wrong = [one for one in came if one != value]
    return f"the classes of {wrong[0]}" if wrong and wrong[0] else "all classes" if wrong else ""


def _source(value: Any, number: Number) -> str:  # noqa: ANN401
    source = number.part("source")
    kind = source.get("kind")
    if kind in value:
        return ""
    if kind == "regenerated":
        return f"images that robench made itself (regenerated, seed {source.get('seed')})"
    return f"images of the kind {kind}"


def _images(value: Any, number: Number) -> str:  # noqa: ANN401
    """Also of the in-distribution side."""
    subset, inside = number.part("subset"), number.part("against").get("subset") or {}
    rule, n, whole = subset.get("rule"), number.record.n, number.record.n_expected
    if value == "all":
        if n != whole:
            return _chosen(rule, n, whole)
        few = inside.get("n") != inside.get("of")
        told = _chosen(inside.get("rule"), inside.get("n", 0), inside.get("of", 0))
        return f"{told} of {number.record.cell.against}" if few else ""
    return "" if n == value and rule not in CHOSEN else _chosen(rule, n, whole)


def _chosen(rule: object, n: int, whole: int) -> str:
    if rule == "first":
        return f"the first {n:,} of {whole:,} images"
    if rule == "spread":
        return f"{n:,} evenly spread ones of {whole:,} images"
    return f"all {n:,} images" if n == whole else f"a folder with {n:,} of {whole:,} images"


def _ratio(value: Any, number: Number) -> str:  # noqa: ANN401
    came = number.part("source").get("in_per_out")
    return "" if came == value else f"{came or 'no fixed number of'} images for each anomaly"


def _precision(value: Any, number: Number) -> str:  # noqa: ANN401
    came = number.inputs.get("precision")
    return "" if came == value else str(came)


_LOOKS: dict[str, Look] = {
    "preprocess": _preprocess,
    "mask": _mask,
    "source": _source,
    "images": _images,
    "ratio": _ratio,
}


def _expected(rule: Rule, value: Any) -> str:  # noqa: ANN401
    """The value, and what it means."""
    if rule.key == "mask":
        return rule.text
    if rule.key == "source":
        return f"{rule.text} (kind {' or '.join(value)})"
    if rule.key == "ratio":
        return f"{value} images for each anomaly"
    if rule.key == "images":
        return rule.words if value != "all" else "all images of the set"
    return f"{value}: {rule.words}" if rule.words else str(value)


def _mend(rule: Rule, number: Number) -> str:
    """The command that would give what a rule asks for, or nothing."""
    evalset = number.record.cell.evalset
    again = f"robench eval CKPT --suite {_suite(number)}"
    if rule.key == "preprocess":
        return again + _policy(rule, evalset)
    if rule.key == "source":
        return f"robench data get {evalset}, then {again}"
    if rule.key == "images":
        return _mend_images(number) if rule.value == "all" else ""
    return f"{again} --fresh"


def _policy(rule: Rule, evalset: str) -> str:
    """What makes `robench eval` follow a rule on preprocessing."""
    choices = {name: one.choice(rule.key, evalset) for name, one in POLICIES.items()}
    if rule.value not in choices.values():
        return " (with a network that does not bring preprocessing of its own)"
    return "" if choices["strict"] == rule.value else " --protocol paper"


def _mend_images(number: Number) -> str:
    again = f"robench eval CKPT --suite {_suite(number)}"
    if number.part("subset").get("rule") in CHOSEN:
        return f"{again}, without --limit"
    return f"robench data check DIR tells what the folder lacks; then {again}"


def _suite(number: Number) -> str:
    """One that holds the set of a number: drawn anomalies have none of their own."""
    cell = number.record.cell
    alone = not cell.against or DATASETS[cell.evalset].clean
    return cell.evalset if alone else f"{cell.against}-all"
