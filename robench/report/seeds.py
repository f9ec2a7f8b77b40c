"""Runs that differ in nothing but their seed, as one row."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from robench.errors import InputError
from robench.metrics.significance import mean_std
from robench.report.comparison import Comparison
from robench.report.numbers import Number
from robench.report.results import RunResults
from robench.types import Cell


def over_seeds(
    comparison: Comparison, runs: Sequence[RunResults]
) -> tuple[Comparison, list[RunResults]]:
    """Mean and standard deviation over the seeds of each method.

    Args:
        comparison: Of all runs.
        runs: The same, in the same order.

    Returns:
        One row per method, each number with how many seeds it is the mean of, without differences,
        ties and standings, which are of single networks; and a run per method that holds the means
        over its seeds.

    Raises:
        InputError: A seed occurs twice for one method.
    """
    groups = _groups(runs)
    numbers = {}
    for place, rows in enumerate(groups.values()):
        for column in comparison.columns:
            found = [comparison.numbers.get((row, column.key)) for row in rows]
            known = [number for number in found if number is not None]
            if known:
                numbers[place, column.key] = _mean(known)
    titles = [_title(runs, rows) for rows in groups.values()]
    merged = [
        _merged([runs[row] for row in rows], title)
        for rows, title in zip(groups.values(), titles, strict=True)
    ]
    shown = replace(
        comparison,
        runs=tuple(titles),
        numbers=numbers,
        ties={},
        standings=(),
        floors=(),
        spread=True,
    )
    return shown, merged


def _merged(runs: Sequence[RunResults], title: str) -> RunResults:
    """A run whose records are means over seeds; of what cannot be averaged it has nothing."""
    first = runs[0]
    records = {key: record for run in reversed(runs) for key, record in run.numbers.items()}
    numbers = {
        key: replace(record, value=mean_std(_values(runs, key))[0])
        for key, record in records.items()
    }
    nothing: dict[str, Any] = {key: {} for key in ("correct", "flips", "reliability", "floor")}
    return replace(first, title=title, numbers=numbers, log=(), **nothing)


def _values(runs: Sequence[RunResults], key: tuple[Cell, str]) -> list[float]:
    """Of the runs that have a number."""
    return [run.numbers[key].value for run in runs if key in run.numbers]


def _groups(runs: Sequence[RunResults]) -> dict[str, list[int]]:
    """Rows by everything that a record says of a model but its seed.

    Raises:
        InputError: A seed occurs twice.
    """
    groups: dict[str, list[int]] = {}
    for row, run in enumerate(runs):
        same = {key: value for key, value in run.model.items() if key != "seed"}
        key = json.dumps(same, sort_keys=True, default=str)
        twin = next((r for r in groups.get(key, []) if _seed(runs[r]) == _seed(run)), None)
        if twin is not None:
            raise InputError(
                f"{runs[twin].folder} and {run.folder} are both of seed {_seed(run)}: a mean over "
                "seeds needs other ones. Leave one out."
            )
        groups.setdefault(key, []).append(row)
    return groups


def _seed(run: RunResults) -> object:
    """Of the training; without one a checkpoint stands for itself."""
    return run.model.get("seed", run.checkpoint.get("sha256"))


def _title(runs: Sequence[RunResults], rows: Sequence[int]) -> str:
    """What a row is called."""
    model = runs[rows[0]].model
    named = model.get("aug") and model.get("arch")
    name = f"{model['aug']} {model['arch']}" if named else runs[rows[0]].title
    return f"{name}, {len(rows)} seed{'s' * (len(rows) > 1)}"


def _mean(numbers: Sequence[Number]) -> Number:
    """One number of several seeds."""
    value, spread, count = mean_std([number.value for number in numbers])
    return Number(
        value=value,
        stderr=spread,
        n=min(number.n for number in numbers),
        have=min(number.have for number in numbers),
        expected=numbers[0].expected,
        whole=max(number.whole for number in numbers),
        note=numbers[0].note,
        seeds=count,
    )
