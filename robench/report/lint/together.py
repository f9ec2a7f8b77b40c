"""Whether the numbers of a file can be true together."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from robench.report.lint.reading import Number, is_number
from robench.report.passes import MAKING
from robench.types import Cell

Found = tuple[str, str, str]  # kind, sentence, what mends it
Key = tuple[Cell, str, int, str]
PIXELS = ("preprocess", "mask", "subset", "precision")
_TIES = 2  # images that two forward passes in other batches may disagree on


def superseded(numbers: Iterable[Number]) -> set[Key]:
    """Records that a later version of their metric stands beside."""
    newest: dict[tuple[Cell, str, str], int] = defaultdict(int)
    keyed = [(number, _without_version(number)) for number in numbers]
    for number, key in keyed:
        newest[key] = max(newest[key], number.record.version)
    return {one.record.key for one, key in keyed if one.record.version < newest[key]}


def _without_version(number: Number) -> tuple[Cell, str, str]:
    ident = str((number.passport or {}).get("inputs_id") or number.record.passport_id)
    return number.record.cell, number.record.metric, ident


def together(numbers: Sequence[Number]) -> Iterator[Found]:
    """What is wrong with records beside each other."""
    yield from _checkpoints(numbers)
    yield from _twice(numbers)
    yield from _attacked(numbers)
    yield from _mixed(numbers)


def _checkpoints(numbers: Sequence[Number]) -> Iterator[Found]:
    found = dict.fromkeys(number.record.checkpoint for number in numbers)
    if len(found) > 1:
        listed = ", ".join(f"{one[:12]}..." for one in found)
        text = f"The records are of {len(found)} checkpoints ({listed}); a file is of one."
        yield "several checkpoints", text, "Keep the results of each checkpoint in its own folder"


def _twice(numbers: Sequence[Number]) -> Iterator[Found]:
    first: dict[Key, Number] = {}
    for number in numbers:
        before = first.setdefault(number.record.key, number)
        one, other = before.record.value, number.record.value
        if one != other and repr(one) != repr(other):  # NaN is not even itself
            values = f"{one!r} and {other!r}"
            text = f"{number.name}: there twice with one passport, as {values}."
            yield "two values", text, "Keep the line that was measured; robench writes each once"


def _attacked(numbers: Sequence[Number]) -> Iterator[Found]:
    """An attack can only add errors; one that goes all the way may, rarely, mend some."""
    numbers = [one for one in numbers if is_number(one.record.value) and not one.lost]
    clean = {_pixels(one): one for one in numbers if one.record.metric == "error"}
    for number in numbers:
        record, way = number.record, number.part("attack").get("stop")
        if record.metric != "adv_error" or way == "never":
            continue
        before = clean.get(_pixels(number))
        if before is not None and record.value < before.record.value - _TIES / max(record.n, 1):
            text = f"{record.value:g} is below the clean error {before.record.value:g}"
            told = f"{number.name}: {text} on the same images, and an attack can only add errors."
            yield "attack below clean", told, "Measure both again: robench eval CKPT --fresh"


def _pixels(number: Number) -> str:
    """The inputs without the attack."""
    plain = {key: value for key, value in number.inputs.items() if key != "attack"}
    return json.dumps([number.record.cell.evalset, plain], sort_keys=True)


def _mixed(numbers: Sequence[Number]) -> Iterator[Found]:
    """The cells of a mean are of one kind: some pass has all that any has."""
    means: dict[tuple[str, str], dict[str, dict[Cell, Number]]] = defaultdict(dict)
    for number in numbers:
        cell = number.record.cell
        if cell.corruption and not cell.attack and not number.lost:
            passes = means[cell.evalset, number.record.metric]
            passes.setdefault(_kind(number), {})[cell] = number
    told = set()
    for (evalset, _), passes in means.items():
        every = set().union(*passes.values())
        if evalset not in told and all(every - set(cells) for cells in passes.values()):
            told.add(evalset)
            yield _mixture(evalset, [next(iter(cells.values())) for cells in passes.values()])


def _kind(number: Number) -> str:
    """What all cells of a mean must share."""
    source = {key: number.part("source").get(key) for key in MAKING}
    return json.dumps([*(number.inputs.get(key) for key in PIXELS), source], sort_keys=True)


def _mixture(evalset: str, samples: Sequence[Number]) -> Found:
    first, other = samples[0], samples[1]
    pairs = [(key, first.inputs.get(key), other.inputs.get(key)) for key in PIXELS]
    left, right = first.part("source"), other.part("source")
    pairs += [(f"source {key}", left.get(key), right.get(key)) for key in MAKING]
    unlike = "; ".join(f"{key} {a} and {b}" for key, a, b in pairs if a != b)
    text = (
        f"{evalset}: its cells were not measured alike ({unlike}: {first.name}; {other.name}), and "
        f"no kind has all cells, so that no mean may be taken over them."
    )
    return "unlike cells", text, f"Measure all of them alike: robench eval CKPT --suite {evalset}"
