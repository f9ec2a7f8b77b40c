"""What a page says in words: the outcome, what is missing, and how to get it again."""

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from robench.errors import InputError
from robench.recipes import load_recipe
from robench.report.column import Column
from robench.report.comparison import Comparison
from robench.report.identity import describe
from robench.report.numbers import FEWEST, Number
from robench.report.render import difference_text, digits
from robench.report.results import RunResults
from robench.report.tables import MINUS
from robench.suites import SUITES
from robench.types import Cell, Grid, Record, Suite

_FLAGS = (
    *("epochs", "loss", "seed", "subset", "val", "mixing_set", "mixing_n"),
    *("precision", "threads"),
)
_OWN = {"name", "source", "epochs", "loss"}  # of a recipe: not for --set


def outcome(comparison: Comparison, *, each: bool = True) -> list[str]:
    """One sentence per run on its errors if ``each``, then how the runs differ from the first."""
    columns = [c for c in comparison.section("headline") if c.metric in ("error", "adv_error")]
    sentences = []
    for row, name in enumerate(comparison.runs if each else ()):
        pairs = [(c, comparison.numbers.get((row, c.key))) for c in columns]
        shown = [f"{c.title} {_with_error(n, c)}" for c, n in pairs if n is not None]
        if shown:
            sentences.append(f"{name}: {'; '.join(shown)}.")
    return [*sentences, *_contrasts(comparison, columns)]


def _with_error(number: Number, column: Column) -> str:
    """``12.3 ± 0.4 %``."""
    error = "" if number.stderr is None else f" ± {digits(number.stderr, column)}"
    return f"{digits(number.value, column)}{error} %"


def _contrasts(comparison: Comparison, columns: Sequence[Column]) -> Iterator[str]:
    """Paired differences to the first run; none where the numbers are not about the same images."""
    for row in range(1, len(comparison.runs)):
        parts = []
        for column in columns:
            number = comparison.numbers.get((row, column.key))
            if number is not None and number.difference is not None:
                d = number.difference
                verdict = "not resolved"
                if d.resolved:
                    verdict = "fewer" if d.value < 0 else "more"
                parts.append(f"{column.title} {difference_text(number, column)} ({verdict})")
        pair = f"{comparison.runs[row]} {MINUS} {comparison.runs[0]}"
        if parts:
            how = "in points with the paired 95 % interval over the same images"
            yield f"{pair}, {how}: {'; '.join(parts)}."
        elif not comparison.spread:
            yield f"{pair}: no difference is given, {_why(comparison, columns, row)}."


def _why(comparison: Comparison, columns: Sequence[Column], row: int) -> str:
    """Why two runs have no paired difference."""
    shared = [c for c in columns if {(0, c.key), (row, c.key)} <= set(comparison.numbers)]
    if not shared:
        return "because they have no number in common"
    if all(column.key in comparison.flagged for column in shared):
        return "because they did not see the same images"
    if all(comparison.numbers[row, c.key].n < FEWEST for c in shared):
        return f"because fewer than {FEWEST} images were measured"
    return "because it was not kept what each image added"


def gaps(runs: Sequence[RunResults]) -> list[tuple[str, str]]:
    """Titles of runs that miss the same, and what they miss in words."""
    found: dict[str, list[str]] = {}
    for run in runs:
        found.setdefault("; ".join(missing(run)), []).append(run.title)
    return [(", ".join(titles), text) for text, titles in found.items() if text]


def missing(run: RunResults) -> list[str]:
    """What the suites of the evaluation name and the store does not have, in words."""
    known = [SUITES[name] for name in run.checkpoint.get("suites", []) if name in SUITES]
    return list(dict.fromkeys(line for suite in known for line in _absent(run, suite)))


def _absent_cells(cells: Collection[Cell], grid: Grid) -> list[str]:
    """The corruptions of a set that were not measured, or not at all severities."""
    have = {(c.corruption, c.severity) for c in cells if c.evalset == grid.evalset}
    every = len(grid.severities)
    counts = {
        name: sum((name, level) in have for level in grid.severities) for name in grid.corruptions
    }
    absent = [name for name, count in counts.items() if count == 0]
    partial = [f"{name} ({count}/{every})" for name, count in counts.items() if 0 < count < every]
    gone = ", ".join([*absent, *partial])
    if gone and len(absent) == len(grid.corruptions):
        gone = "everything"
    return [f"{grid.evalset}: {gone}"] if gone else []


def _absent(run: RunResults, suite: Suite) -> list[str]:
    """What one suite names and the store does not have."""
    cells = {cell for cell, _ in run.numbers}
    lines = [line for grid in suite.grids for line in _absent_cells(cells, grid)]
    for one in suite.sequences:
        seen = {(c.corruption, c.difficulty) for c in cells if c.evalset == one.evalset}
        wanted = ((name, level) for name in one.perturbations for level in one.difficulties)
        gone = ", ".join(name for name, level in wanted if (name, level) not in seen)
        lines += [f"{one.evalset}: {gone}"] if gone else []
    seen_sets = {cell.evalset for cell in cells}
    other = [name for name in suite.shifted if name not in seen_sets]
    lines += [f"sets: {', '.join(other)}"] if other else []
    sets = {cell.evalset for cell in cells if cell.against}
    unseen = [name for name in suite.anomalies if name not in sets]
    lines += [f"anomaly sets: {', '.join(unseen)}"] if unseen else []
    attacked = any(cell.attack for cell in cells)
    lines += [f"attacks: {', '.join(suite.attacks)}"] if suite.attacks and not attacked else []
    return lines


def measured(run: RunResults) -> list[dict[str, Any]]:
    """Passports of a run in readable rows, one per kind of cell, with the ids below."""
    kinds: dict[tuple[str, ...], list[Record]] = {}
    for record in run.numbers.values():
        kinds.setdefault(_kind(record.cell), []).append(record)
    return [
        {
            "what": " ".join(filter(None, kind)),
            "cells": len({record.cell for record in records}),
            "text": describe(run, records),
            "ids": _ids(run, records),
        }
        for kind, records in kinds.items()
    ]


def _kind(cell: Cell) -> tuple[str, ...]:
    """Cells that are listed together."""
    if cell.against:
        return ("anomaly sets against", cell.against)
    changed = "perturbed" if cell.difficulty else "corrupted" if cell.corruption else ""
    return (cell.evalset, cell.attack, changed)


def _ids(run: RunResults, records: Sequence[Record]) -> list[tuple[str, str, str]]:
    """Cell, its inputs_id, and the passport of each metric."""
    rows: dict[Cell, list[Record]] = {}
    for record in records:
        rows.setdefault(record.cell, []).append(record)
    return [
        (
            cell.slug,
            str(run.passport(of_cell[0])["inputs_id"]),
            ", ".join(f"{r.metric} {r.passport_id}" for r in of_cell),
        )
        for cell, of_cell in rows.items()
    ]


def commands(run: RunResults) -> list[str]:
    """The commands that make these numbers again."""
    home = f"runs/{run.folder.resolve().name}"
    trained = [_train(run.config, home)] if run.config else []
    checkpoint = str(run.checkpoint.get("file", "last.pt"))
    path = f"{home}/{checkpoint}" if run.config else checkpoint
    suites = run.checkpoint.get("suites") or ["SUITE"]
    asked = run.checkpoint.get("asked") or [[suite] for suite in suites]
    start = ["robench", "eval", path, "--suite"]
    measured = [shlex.join([*start, *a, *_measuring(run, a[0]), "--out", home]) for a in asked]
    return [*trained, *measured]


def _measuring(run: RunResults, suite: str) -> Iterator[str]:
    """Options of the evaluation on a suite that the passports of its sets tell."""
    known = SUITES.get(suite)
    sets = (known.beside_clean or {known.clean}) if known else ()
    records = [r for (cell, _), r in run.numbers.items() if not (cell.attack or cell.against)]
    records = [r for r in records if r.cell.evalset in sets] or records
    inputs = [run.passport(record)["inputs"] for record in records]
    subsets = [i.get("subset", {}) for i in inputs]
    limits = [subset["n"] for subset in subsets if subset.get("rule") in ("first", "spread")]
    if limits:
        yield from ("--limit", str(max(limits)))
    if any(i.get("precision") == "bf16" for i in inputs):
        yield from ("--precision", "bf16")


def _train(config: Mapping[str, Any], home: str) -> str:
    """``robench train`` with every option that is not the recipe's own."""
    recipe = dict(config.get("recipe") or {})
    parts = ["robench", "train"]
    for key in ("aug", "arch", "data"):
        parts += [f"--{key}", str(config.get(key))]
    parts += ["--recipe", str(recipe.get("name", "cifar"))]
    for key in _FLAGS:
        if config.get(key) not in (None, 0.0, "fp32") or key == "seed":
            parts += [f"--{key.replace('_', '-')}", str(config.get(key))]
    for key, value in _changed(recipe).items():
        parts += ["--set", f"{key}={value}"]
    return shlex.join([*parts, "--out", home])


def _changed(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Values that differ from the recipe of that name; all of them where there is none."""
    try:
        named = load_recipe(str(recipe.get("name", "")), {}).model_dump(mode="json")
    except InputError:
        named = {}
    return {k: v for k, v in recipe.items() if k not in _OWN and (k not in named or named[k] != v)}


def facts(run: RunResults) -> list[tuple[str, str]]:
    """Checkpoint, model and versions, as label and text."""
    provenance: Mapping[str, Any] = next(
        (p["provenance"] for p in run.passports.values() if p.get("provenance")), {}
    )
    rows = [("checkpoint sha256", str(run.checkpoint.get("sha256", "unknown")))]
    rows += [(key, str(value)) for key, value in run.model.items() if value is not None]
    rows.append(("measured with", _environment(provenance)))
    if run.env:
        rows.append(("trained with", _environment(run.env)))
    if run.log:
        rows.append(("training time", f"{sum(e.get('seconds', 0) for e in run.log):,.0f} s"))
    if run.hidden:
        rows.append(("not shown", f"{run.hidden} numbers of other passes in the same store"))
    return rows


def _environment(plain: Mapping[str, Any]) -> str:
    """Versions and machine on one line."""
    parts = [f"{name} {number}" for name, number in plain.get("libraries", {}).items()]
    parts += [f"{key} {value}" for key, value in plain.items() if key != "libraries"]
    return ", ".join(parts) or "unknown"
