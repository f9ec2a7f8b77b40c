"""Published accuracies of other networks, which a network can be placed among."""

import csv
import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robench.datasets.catalogue import DATASETS
from robench.errors import InputError
from robench.metrics.effective import CLIP, FEWEST
from robench.types import Floats

TIMM_CLEAN = "results-imagenet.csv"
TIMM = {
    "imagenet-v2": "results-imagenetv2-matched-frequency.csv",
    "imagenet-sketch": "results-sketch.csv",
    "imagenet-r": "results-imagenet-r.csv",
    "imagenet-a": "results-imagenet-a.csv",
}
LISTED = 5  # columns that an error names
Row = tuple[int, dict[str, str]]  # its line in the file, and its entries by column


@dataclass(frozen=True)
class References:
    """Top-1 accuracies of N published networks on a clean and on a shifted set.

    Attributes:
        evalset: The shifted set.
        clean_set: The clean one.
        models: (N,) their names, with the image size where there is one.
        clean: (N,) fractions.
        shifted: (N,) fractions.
        files: Name and SHA-256 of each file that they were read from.
    """

    evalset: str
    clean_set: str
    models: tuple[str, ...]
    clean: Floats
    shifted: Floats
    files: tuple[tuple[str, str], ...]

    @property
    def source(self) -> str:
        """For a footnote: how many networks, and from which files."""
        names = ", ".join(f"{name} (sha256 {digest[:16]})" for name, digest in self.files)
        return f"{len(self.models)} networks from {names}"


def read_references(path: Path) -> Mapping[str, References]:
    """Published accuracies by the name of the shifted set.

    Args:
        path: A folder with the results files of timm (``results-imagenet.csv`` and any of those
            for V2, Sketch, R and A), which are joined by model and image size; or one CSV file
            with a column ``model``, one named after a clean set and others named after other sets,
            top-1 accuracies in percent. Empty entries are left out.

    Raises:
        InputError: Nothing there, a column that is missing or unknown, a model that occurs twice,
            an entry that is not a percentage, with line and column; a column of fractions; or too
            few models for the line of a set, or all of one clean accuracy.
    """
    found = _timm(path) if path.is_dir() else _table(path)
    if not found:
        raise InputError(
            f"{path}: expected models with both a clean and another accuracy, got none"
        )
    return {one.evalset: one for one in found}


def _timm(folder: Path) -> list[References]:
    """From the files of timm that are there."""
    names = {name: file for name, file in TIMM.items() if (folder / file).is_file()}
    if not names or not (folder / TIMM_CLEAN).is_file():
        raise InputError(
            f"{folder}: expected {TIMM_CLEAN} and at least one of {', '.join(TIMM.values())}, as "
            "in the folder results/ of huggingface/pytorch-image-models"
        )
    clean, digest = _accuracies(folder / TIMM_CLEAN)
    found: list[References] = []
    for name, file in names.items():
        shifted, own = _accuracies(folder / file)
        files = (TIMM_CLEAN, digest), (file, own)
        found += _joined(name, "imagenet", clean, shifted, files)
    return found


def _accuracies(path: Path) -> tuple[dict[str, float], str]:
    """Top-1 accuracies of one file of timm by model and image size, and its SHA-256."""
    columns, rows, digest = _read(path)
    for column in ("model", "img_size", "top1"):
        if column not in columns:
            raise InputError(f"{path}: expected a column {column}, got {_some(columns)}")
    named = [(line, {**row, "model": f"{row['model']} ({row['img_size']})"}) for line, row in rows]
    return _column(path, named, "top1"), digest


def _table(path: Path) -> list[References]:
    """From one file with a column per set."""
    columns, rows, digest = _read(path)
    sets = [column for column in columns if column != "model"]
    unknown = [repr(name) for name in sets if name not in DATASETS]
    if "model" not in columns or unknown:
        got = f"unknown {_some(unknown)}" if unknown else f"no model among {_some(columns)}"
        raise InputError(
            f"{path}: expected a column model and columns named after sets "
            f"({', '.join(DATASETS)}), got {got}"
        )
    clean = [name for name in sets if DATASETS[name].role == "clean"]
    others = [name for name in sets if name not in clean]
    if len(clean) != 1 or not others:
        raise InputError(
            f"{path}: expected one column of a clean set and at least one of another, got clean: "
            f"{_some(clean) or 'none'}; others: {_some(others) or 'none'}"
        )
    base, files = _column(path, rows, clean[0]), ((path.name, digest),)
    return [
        one
        for name in others
        for one in _joined(name, clean[0], base, _column(path, rows, name), files)
    ]


def _some(names: list[str]) -> str:
    """The first names of a list that may be long."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")


def _joined(
    evalset: str,
    clean_set: str,
    clean: Mapping[str, float],
    shifted: Mapping[str, float],
    files: tuple[tuple[str, str], ...],
) -> Iterator[References]:
    """The models that have both accuracies; nothing where there is none.

    Raises:
        InputError: No line can be fitted to them.
    """
    models = tuple(model for model in shifted if model in clean)
    if models:
        x = np.array([clean[model] for model in models])
        y = np.array([shifted[model] for model in models])
        where = f"{' and '.join(name for name, _ in files)}, {evalset}"
        if len(models) < FEWEST:
            raise InputError(
                f"{where}: expected at least {FEWEST} models that have an accuracy on {clean_set} "
                f"too, for a line through them, got {len(models)}: {', '.join(models)}"
            )
        if np.ptp(np.clip(x, CLIP, 1 - CLIP)) == 0:
            raise InputError(
                f"{where}: expected models of unlike accuracy on {clean_set}, for a line through "
                f"them, got {100 * x[0]:g} % for all {len(models)}"
            )
        yield References(evalset, clean_set, models, x, y, files)


def _column(path: Path, rows: list[Row], column: str) -> dict[str, float]:
    """Fractions by model; empty entries are left out."""
    lines: dict[str, int] = {}
    found: dict[str, float] = {}
    for line, row in rows:
        model, text = row["model"], row[column].strip()
        if not model or model in lines:
            got = f"{model!r} again, after line {lines[model]}" if model else "none"
            raise InputError(f"{path}, line {line}: expected a model of its own, got {got}")
        lines[model] = line
        if text:
            found[model] = _percent(text, f"{path}, line {line}, column {column}") / 100.0
    _check_percent(found.values(), f"{path}, column {column}")
    return found


def _check_percent(values: Iterable[float], where: str) -> None:
    """Refuse a column that looks like fractions: none above 1, and not only zeros.

    Raises:
        InputError: It does.
    """
    most = 100 * max(values, default=0.0)
    if 0 < most <= 1:
        raise InputError(
            f"{where}: expected top-1 accuracies in percent, got fractions (none above {most:g})"
        )


def _percent(text: str, where: str) -> float:
    """A number from 0 to 100."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise InputError(f"{where}: expected a top-1 accuracy in percent, got {text!r}")
    return value


def _read(path: Path) -> tuple[list[str], list[Row], str]:
    """Columns, rows and SHA-256 of a CSV file."""
    try:
        raw = path.read_bytes()
        lines = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        table = [(lines.line_num, [entry.strip() for entry in row]) for row in lines if row]
    except (OSError, UnicodeDecodeError, csv.Error) as reason:
        raise InputError(f"{path}: expected a CSV file, got: {reason}") from reason
    columns = table[0][1] if table else []
    if not columns or len(set(columns)) < len(columns):
        raise InputError(
            f"{path}, line 1: expected unlike column names, got {columns or 'nothing'}"
        )
    rows = []
    for line, row in table[1:]:
        if len(row) != len(columns):
            raise InputError(
                f"{path}, line {line}: expected {len(columns)} entries, got {len(row)}"
            )
        rows.append((line, dict(zip(columns, row, strict=True))))
    return columns, rows, hashlib.sha256(raw).hexdigest()
