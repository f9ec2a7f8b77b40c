"""Figures of the page: severity curves, reliability, training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from robench.metrics.aggregates import SEVERITIES
from robench.registry import parse_call
from robench.report.column import Column
from robench.report.comparison import Comparison
from robench.report.families import RADIUS
from robench.report.numbers import members
from robench.report.results import RunResults
from robench.report.svg import GRID, INK, colour, dash, new_axes, styled, to_svg
from robench.types import Cell

Panel = tuple[str, str]  # caption, <svg>


def severity_curves(runs: Sequence[RunResults], comparison: Comparison) -> list[Panel]:
    """One small panel per corruption: error in percent over severity, one line per run.

    All panels of a set share their vertical axis.
    """
    columns = comparison.section("corruption")
    records = [r for column in columns for run in runs for r in members(run, column)]
    top = 100 * max((record.value for record in records), default=1.0)
    panels = []
    for column in columns:
        with styled(f"severity {column.key}"):
            axes: Axes = new_axes(2.5, 1.9)
            tips: dict[str, str] = {}
            for row, run in enumerate(runs):
                points = {r.cell.severity: 100 * r.value for r in members(run, column)}
                if points:
                    tips |= _line(axes, row, points, run.title)
            axes.set(xlim=(0.8, 5.2), ylim=(0, 1.05 * top), xticks=SEVERITIES)
            axes.set(xlabel="severity", ylabel="error, %")
            label = f"{column.title}: error by severity. {' '.join(tips.values())}"
            panels.append((column.title, to_svg(axes, label, tips)))
    return panels


def _line(axes: Axes, row: int, points: Mapping[Any, float], name: str) -> dict[str, str]:
    """A run's line; returns its tooltip."""
    gid = f"tip-{row}"
    axes.plot(
        list(points),
        list(points.values()),
        color=colour(row),
        linestyle=dash(row),
        marker="os^D"[row % 4],
        gid=gid,
    )
    return {gid: f"{name}: {', '.join(f'{value:.1f}' for value in points.values())} %."}


def robustness_curves(runs: Sequence[RunResults], comparison: Comparison) -> list[Panel]:
    """Per set, error in percent over the radius of an attack, from the clean error at 0."""
    columns = comparison.section("attack")
    panels = []
    for evalset in dict.fromkeys(column.cells[0].evalset for column in columns):
        lines = {row: curve_points(run, evalset) for row, run in enumerate(runs)}
        with styled(f"robustness {evalset}"):
            axes: Axes = new_axes(4.2, 2.8)
            tips: dict[str, str] = {}
            for row, points in lines.items():
                if points:
                    tips |= _line(axes, row, points, runs[row].title)
            axes.set(xlabel="radius eps, levels of 255", ylabel="error, %", ylim=(0, 102))
            label = f"Error of {evalset} by the radius of the attack. {' '.join(tips.values())}"
            panels.append((evalset, to_svg(axes, label, tips)))
    return panels


def curve_points(run: RunResults, evalset: str) -> dict[float, float]:
    """Error in percent by radius in levels; at 0 that of the clean images."""
    found = {}
    for (cell, metric), record in run.numbers.items():
        if cell.evalset == evalset and metric == "adv_error":
            name, arguments = parse_call(cell.attack)
            usual = {k: v for k, v in arguments.items() if k not in RADIUS}
            if name == "pgd" and "centre" not in usual and usual.get("norm") == "Linf":
                found[255 * arguments["eps"]] = 100 * record.value
    clean = run.numbers.get((Cell(evalset), "error"))
    at_zero = {0.0: 100 * clean.value} if clean else {}
    return dict(sorted({**at_zero, **found}.items()))


def reliability_diagrams(runs: Sequence[RunResults], comparison: Comparison) -> list[Panel]:
    """One panel per run: accuracy over confidence, above the number of images in each bin."""
    panels = []
    for column in comparison.columns:
        if column.metric != "error" or column.section != "headline" or column.definition:
            continue
        for row, run in enumerate(runs):
            curve = next(filter(None, map(run.curve, members(run, column))), None)
            if curve:
                panels.append((run.title, _reliability(row, run.title, column, curve)))
    return panels


def _reliability(row: int, name: str, column: Column, curve: Mapping[str, Any]) -> str:
    """A reliability diagram with counts (Guo et al., ICML 2017, fig. 1)."""
    filled = [i for i, count in enumerate(curve["count"]) if count]
    confidence = [curve["confidence"][i] for i in filled]
    accuracy = [curve["accuracy"][i] for i in filled]
    counts = [curve["count"][i] for i in filled]
    width = 1 / len(curve["count"])
    centres = [(i + 0.5) * width for i in filled]
    with styled(f"reliability {row} {column.key}"):
        upper, lower = new_axes(3.1, 3.3, 2, (3, 1))
        upper.plot([0, 1], [0, 1], color=GRID, linestyle="--")
        upper.plot(confidence, accuracy, color=colour(row), marker="o", gid="tip-0")
        upper.vlines(confidence, confidence, accuracy, color=colour(row), alpha=0.35, linewidth=4)
        upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="accuracy")
        lower.bar(centres, counts, 0.9 * width, color=colour(row), alpha=0.6)
        lower.set(xlabel="confidence", ylabel="images", yscale="log", ylim=(0.8, 2 * max(counts)))
        powers = [10**power for power in range(len(str(max(counts))))]
        lower.set_yticks(powers, [f"{power:,}" for power in powers])
        lower.set_yticks([], minor=True)
        shown = zip(confidence, accuracy, counts, strict=True)
        tip = "; ".join(f"{c:.2f}: {a:.2f} of {n}" for c, a, n in shown)
        label = f"Reliability of {name}: confidence, accuracy and images of each bin. {tip}"
        return to_svg(upper, label, {"tip-0": tip})


def training_curves(runs: Sequence[RunResults]) -> list[Panel]:
    """Loss and training error by epoch, of the runs that were trained here."""
    wanted = (("loss", "training loss", 1), ("train_error", "training error, %", 100))
    panels = []
    for key, title, scale in wanted:
        lines = {
            row: {int(e["epoch"]): scale * float(e[key]) for e in run.log if key in e}
            for row, run in enumerate(runs)
        }
        if not any(lines.values()):
            continue
        with styled(f"training {key}"):
            axes: Axes = new_axes(4.2, 2.6)
            tips = {}
            for row, points in lines.items():
                if points:
                    axes.plot(
                        *_xy(points), color=colour(row), linestyle=dash(row), gid=f"tip-{row}"
                    )
                    last = list(points.values())[-1]
                    tips[f"tip-{row}"] = (
                        f"{runs[row].title}: {last:.4g} after {max(points)} epochs."
                    )
            axes.set(xlabel="epoch", ylabel=title, ylim=(0, None))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            panels.append((title, to_svg(axes, f"{title}. {' '.join(tips.values())}", tips)))
    return panels


def _xy(points: Mapping[int, float]) -> tuple[list[int], list[float]]:
    """Coordinates of a line."""
    return list(points), list(points.values())


def differences(comparison: Comparison) -> str:
    """Per corruption, each run minus the first in points, with paired 95 % intervals; or empty."""
    columns = comparison.section("corruption")
    rows = range(1, len(comparison.runs))
    found = [
        (place, row, number.difference)
        for place, column in enumerate(columns)
        for row in rows
        if (number := comparison.numbers.get((row, column.key))) and number.difference
    ]
    if not found:
        return ""
    with styled("differences"):
        axes: Axes = new_axes(5.6, 0.7 + 0.24 * len(columns))
        axes.axvline(0, color=INK, linewidth=0.8)
        tips = {}
        for place, row, d in found:
            value, low, high = (100 * part for part in (d.value, d.low, d.high))
            at = place + 0.18 * (row - np.mean(rows))
            gid = f"tip-{place}-{row}"
            axes.plot([low, high], [at, at], color=colour(row), linewidth=1.4)
            axes.plot([value], [at], color=colour(row), marker="os^D"[row % 4], gid=gid)
            who = f"{columns[place].title}, {comparison.runs[row]}"
            tips[gid] = f"{who}: {value:+.1f} [{low:+.1f}, {high:+.1f}]"
        axes.set_yticks(range(len(columns)), [column.title for column in columns])
        axes.set(ylim=(len(columns) - 0.5, -0.5), xlabel="error minus the first run's, points")
        axes.grid(visible=False, axis="y")
        label = f"Differences to {comparison.runs[0]}, points: {'; '.join(tips.values())}"
        return to_svg(axes, label, tips)
