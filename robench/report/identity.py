"""Passports in words: what a number is, and in what two numbers are unlike."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from robench.report.results import RunResults
from robench.types import Record

_CELL = {"corruption", "severity"}  # parts of the cell itself, which the column names
_ORDER = (
    *("set", "preprocess", "mask", "source", "subset", "difficulty", "attack", "against"),
    "precision",
)
_BARE = {"set", "precision"}  # understood without their name
_NETWORK = {"network"}  # shown, and no reason against a comparison
SHORT = 12  # digits of a checksum that are shown; passports.json has all
_SHA256 = re.compile("[0-9a-f]{64}")
MANY = 3  # different values within one number that are still spelled out

Measured = tuple[RunResults, Record]


def words(value: object) -> str:
    """A value of a passport for people: ``first 2000 of 10000``, ``regenerated (seed 0)``."""
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple):
        texts = list(map(words, value))
        return texts[0] if len(set(texts)) == 1 else ", ".join(texts)
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    return f"{text[:SHORT]}..." if _SHA256.fullmatch(text) else text


def _mapping(value: Mapping[str, Any]) -> str:
    """A nested block."""
    rest = {key: item for key, item in value.items() if item is not None}
    if "rule" in rest and "n" in rest:
        rule, count, whole = rest.pop("rule"), rest.pop("n"), rest.pop("of", None)
        lead = f"all {count}" if rule == "all" else f"{rule} {count}"
        lead += f" of {whole}" if whole is not None and rule != "all" else ""
    else:
        key = next((key for key in ("kind", "name", "set") if key in rest), "")
        lead = str(rest.pop(key, ""))
    parts = ", ".join(f"{key.replace('_', ' ')} {words(item)}" for key, item in rest.items())
    if lead and parts:
        return f"{lead} ({parts})"
    return lead or parts or "none"


def facets(run: RunResults, record: Record) -> dict[str, str]:
    """What the pixels and the forward pass of a number were, by aspect, in words."""
    inputs = _inputs(run, record)
    keys = [key for key in _ORDER if key in inputs]
    keys += sorted(key for key in inputs if key not in _ORDER and key not in _CELL)
    return {key: words(inputs[key]) for key in keys}


def conventions(run: RunResults, record: Record) -> dict[str, str]:
    """Choices inside the metric, in words; its name is left out, its version is not."""
    plain = {**run.passport(record)["conventions"], "version": record.version}
    return {key: words(value) for key, value in plain.items() if key != "metric"}


def describe(run: RunResults, records: Iterable[Record]) -> str:
    """One line on the inputs of a number, which may be a mean over cells."""
    values: dict[str, Counter[str]] = {}
    images: Counter[int] = Counter()
    for record in {record.cell: record for record in records}.values():
        images[record.n] += 1
        for key, text in facets(run, record).items():
            values.setdefault(key, Counter())[text] += 1
    parts = [_aspect(key, found) for key, found in values.items() if set(found) != {"none"}]
    counts = ", ".join(f"{n:,}" for n in sorted(images))
    return "; ".join([*parts, f"n = {counts}"])


def _aspect(key: str, found: Counter[str]) -> str:
    """One aspect over all cells of a number."""
    name = key.replace("_", " ")
    if len(found) == 1:
        text = next(iter(found))
        return text if key in _BARE else f"{name}: {text}"
    if key == "set":
        return ", ".join(found)
    if len(found) > MANY:
        return f"{name}: {len(found)} different values"
    listed = ", ".join(f"{text} in {count} cells" for text, count in found.items())
    return f"{name}: {listed}"


def same_inputs(a: Measured, b: Measured) -> bool:
    """Whether two records are about the same pixels through the same kind of forward pass.

    Normalisation is part of a network, as its weights are, so it may differ.
    """
    left, right = _pixels(a), _pixels(b)
    return bool(left) and left == right


def unlike(a: Measured, b: Measured) -> list[str]:
    """In what two numbers of one cell and metric differ, ``subset: first 2000 vs all 10000``.

    Empty exactly where their inputs, conventions and metric versions are identical; what belongs
    to the network itself does not count.
    """
    rules = [{**run.passport(record)["conventions"], "inside": 0} for run, record in (a, b)]
    alike = _pixels(a) == _pixels(b) and rules[0] == rules[1] and a[1].version == b[1].version
    if (
        alike and not a[1].cell.against
    ):  # of anomalies the in-distribution side is compared in words
        return []
    left, right = _aspects(a), _aspects(b)
    found = [
        f"{key.replace('_', ' ')}: {left.get(key, 'none')} vs {right.get(key, 'none')}"
        for key in dict.fromkeys([*left, *right])
        if left.get(key, "none") != right.get(key, "none")
    ]
    ids = f"passport: {a[1].passport_id} vs {b[1].passport_id}"
    return found or ([] if alike else [ids])


def _pixels(measured: Measured) -> dict[str, Any]:
    """Inputs of a record without what belongs to the network."""
    return {k: v for k, v in _inputs(*measured).items() if k not in _NETWORK}


def _inputs(run: RunResults, record: Record) -> dict[str, Any]:
    """Inputs of a record; the id of its in-distribution side, which holds the network, left out."""
    inputs = dict(run.passport(record)["inputs"])
    if "against" in inputs:
        inputs["against"] = {k: v for k, v in inputs["against"].items() if k != "inputs_id"}
    return inputs


def _aspects(measured: Measured) -> dict[str, str]:
    """All that two numbers may differ in, in words.

    The id of the in-distribution outputs of an anomaly number is replaced by what it stands for.
    """
    run, record = measured
    found = {**facets(run, record), **conventions(run, record)}
    passports = run.passports.values()
    key = found.get("inside")
    partner = next((p["inputs"] for p in passports if key and p["inputs_id"] == key), None)
    if partner is not None:
        del found["inside"]
        found.pop("against", None)
        found |= {f"in-distribution {k}": words(v) for k, v in partner.items() if v is not None}
    return {k: v for k, v in found.items() if k.removeprefix("in-distribution ") not in _NETWORK}
