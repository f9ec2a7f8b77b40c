"""Which numbers a comparison shows, in their fixed order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from robench.datasets.catalogue import DATASETS
from robench.metrics.aggregates import (
    AGGREGATES,
    EXTRA_CORRUPTIONS,
    TEST_CORRUPTIONS,
    TEST_PERTURBATIONS,
)
from robench.registry import parse_call
from robench.report.column import ANOMALY, CALIBRATION, PERTURBED, Column, Section, title_of
from robench.report.results import RunResults
from robench.types import Aggregate, Cell, EvalSet

GROUPS = {
    "noise": ("gaussian_noise", "shot_noise", "impulse_noise"),
    "blur": ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    "weather": ("snow", "frost", "fog", "brightness"),
    "digital": ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
}


def make_columns(runs: Sequence[RunResults]) -> list[Column]:
    """All columns that any of the runs has a number for; unlike sets get columns of their own."""
    keys = list(dict.fromkeys(key for run in runs for key in run.numbers))
    cells = [cell for cell, _ in keys]
    plain = _sets(c for c in cells if not (c.corruption or c.attack or c.against))
    clean = [name for name in plain if _entry(name).role == "clean"]
    shifted = [name for name in plain if name not in clean]
    corrupted = _sets(c for c in cells if c.severity)
    columns = [
        *(_single(name, "error", "headline") for name in clean),
        *(column for name in corrupted for column in _means(name)),
        *(_single(name, "error", "shift") for name in shifted),
        *_edits(cells),
        *_attacks(cells),
        *(_single(name, metric, "headline") for metric in CALIBRATION for name in clean),
        *_perturbed(cells),
        *_anomalies(cells),
        *(column for name in corrupted for column in _per_corruption(name, cells)),
        *(_single(name, metric, "calibration") for metric in CALIBRATION for name in shifted),
        *(_calibration(name, metric) for name in corrupted for metric in CALIBRATION),
    ]
    known = set(keys)
    present = [c for c in columns if any((cell, c.metric) in known for cell in c.cells)]
    return _distinct(present)


def _entry(name: str) -> EvalSet:
    """What is known of a set; folders of users are clean sets of their own."""
    return DATASETS.get(name) or EvalSet(name, "clean", 0, 0, "")


def _sets(cells: Iterator[Cell]) -> list[str]:
    """Names of sets, in the order of their first cell."""
    return list(dict.fromkeys(cell.evalset for cell in cells))


def _single(evalset: str, metric: str, section: Section) -> Column:
    """One cell of a clean or shifted set."""
    title = "clean error" if metric == "error" else title_of(metric)
    if _entry(evalset).role != "clean":
        title = f"{evalset} {title_of(metric)}"
    return Column(f"{metric}@{evalset}", title, metric, section, (Cell(evalset),))


def _edits(cells: Sequence[Cell]) -> Iterator[Column]:
    """Mean error over the kinds of edit of a set, and each by itself."""
    edited = dict.fromkeys(
        c for c in cells if c.corruption and not (c.severity or c.difficulty or c.against)
    )
    for name in _sets(iter(edited)):
        mine = tuple(cell for cell in edited if cell.evalset == name)
        title = f"{name} error, mean of {len(mine)} edit{'s' * (len(mine) > 1)}"
        yield Column(f"error@{name}", title, "error", "shift", mine, f"{name} error, mean of {{}}")
        for cell in mine:
            title = f"{name} {cell.corruption.replace('_', ' ')}: error"
            yield Column(f"error@{name}|{cell.corruption}", title, "error", "edit", (cell,))


def _aggregated(evalset: str, definition: Aggregate, section: Section, incomplete: str) -> Column:
    """A mean over cells."""
    return Column(
        key=f"{definition.name}@{evalset}",
        title=definition.title,
        metric=definition.metric,
        section=section,
        cells=tuple(
            Cell(evalset, name, level)
            for name in definition.corruptions
            for level in definition.severities
        ),
        incomplete=incomplete,
        definition=definition,
    )


def _headline(evalset: str) -> Aggregate:
    """The mean that a corrupted set is known by."""
    return AGGREGATES[_entry(evalset).headline or "mean_ce"]


_INCOMPLETE = {
    "mce": "error relative to AlexNet over {}",
    "mean_ce": "mean error over {}",
    "predicted_mce": "mean error at severity 3 over {}",
}


def _means(evalset: str) -> Iterator[Column]:
    """Mean corruption error, normalised where the papers do, and the mean of each group."""
    headline = _headline(evalset)
    label = _INCOMPLETE.get(headline.name, "C-bar error over {}")
    yield _aggregated(evalset, headline, "headline", label)
    groups = GROUPS if headline.corruptions == TEST_CORRUPTIONS else {}
    for group, corruptions in groups.items():
        definition = _plain(evalset, f"mean_{group}", "error", corruptions, f"{group} error")
        yield _aggregated(evalset, definition, "group", f"{group} error over {{}}")


def _plain(
    evalset: str, name: str, metric: str, corruptions: tuple[str, ...], title: str
) -> Aggregate:
    """A plain mean over some corruptions at the severities of a set."""
    return Aggregate(name, metric, corruptions, title, severities=_headline(evalset).severities)


def _per_corruption(evalset: str, cells: Sequence[Cell]) -> Iterator[Column]:
    """Mean over severities of each corruption, the test ones first."""
    found = {cell.corruption for cell in cells if cell.evalset == evalset}
    order = [*_headline(evalset).corruptions, *EXTRA_CORRUPTIONS]
    order += sorted(found - set(order))
    for name in order:
        title = name.replace("_", " ") + (" (extra)" if name in EXTRA_CORRUPTIONS else "")
        definition = _plain(evalset, name, "error", (name,), title)
        yield _aggregated(evalset, definition, "corruption", f"{title}, {{}}")


def _calibration(evalset: str, metric: str) -> Column:
    """Mean of a metric over the corrupted cells; not the metric of the pooled predictions."""
    title = f"{title_of(metric)}, mean over corruptions"
    corruptions = _headline(evalset).corruptions
    definition = _plain(evalset, f"mean_{metric}", metric, corruptions, title)
    return _aggregated(evalset, definition, "calibration", f"{title_of(metric)}, mean over {{}}")


def _attacks(cells: Sequence[Cell]) -> Iterator[Column]:
    """One column per set and attack with its arguments: other arguments are another attack."""
    for cell in dict.fromkeys(c for c in cells if c.attack):
        name, arguments = parse_call(cell.attack)
        family, steps = re.sub(r"\d+$", "", name), re.sub(r"^\D*", "", name)
        steps = str(arguments.get("steps", steps))
        title = f"{family.upper()}{'-' if steps else ''}{steps} error"
        yield Column(f"{cell.attack}@{cell.evalset}", title, "adv_error", "headline", (cell,))


def _perturbed(cells: Sequence[Cell]) -> Iterator[Column]:
    """Mean flip rate of each set and difficulty over the test perturbations, then each alone."""
    known = dict.fromkeys((c.evalset, c.difficulty) for c in cells if c.difficulty)
    for evalset, level in known:
        note = f", difficulty {level}" if level > 1 else ""
        sequences = tuple(Cell(evalset, name, difficulty=level) for name in TEST_PERTURBATIONS)
        for metric in PERTURBED:
            key = f"mean_{metric}@{evalset}|{level}"
            title, partial = f"mean {title_of(metric)}{note}", f"{title_of(metric)} over {{}}{note}"
            yield Column(key, title, metric, "headline", sequences, partial)
        others = (c for c in cells if (c.evalset, c.difficulty) == (evalset, level))
        for cell in dict.fromkeys((*sequences, *others)):
            for metric in PERTURBED:
                title = f"{cell.corruption.replace('_', ' ')}: {title_of(metric)}{note}"
                key = f"{metric}@{evalset}|{cell.corruption}|{level}"
                yield Column(key, title, metric, "perturbation", (cell,))


def _anomalies(cells: Sequence[Cell]) -> Iterator[Column]:
    """Means over the anomaly sets of each clean set, then every set by itself."""
    for against in dict.fromkeys(c.against for c in cells if c.against):
        sets = tuple(dict.fromkeys(c for c in cells if c.against == against))
        for metric in ANOMALY:
            title = f"{title_of(metric)}, mean of {len(sets)} sets"
            if len(sets) == 1:
                title = f"{sets[0].evalset}: {title_of(metric)}"
            incomplete = f"{title_of(metric)}, mean of {{}}"
            key = f"{metric}@{against}"
            yield Column(key, title, metric, "headline", sets, incomplete)
        for cell in sets if len(sets) > 1 else ():
            for metric in ANOMALY:
                title = f"{cell.evalset}: {title_of(metric)}"
                key = f"{metric}@{cell.evalset}|{against}"
                yield Column(key, title, metric, "anomaly", (cell,))


def _distinct(columns: list[Column]) -> list[Column]:
    """Add the set (and the attack's arguments) to titles that would otherwise occur twice."""
    titles = [column.title for column in columns]
    return [
        column
        if titles.count(column.title) == 1
        else replace(
            column,
            title=f"{column.title} [{_set_of(column)}]",
            incomplete=f"{column.incomplete} [{_set_of(column)}]",
        )
        for column in columns
    ]


def _set_of(column: Column) -> str:
    """The set of a column: of anomalies the one that they are held against; and the attack."""
    cell = column.cells[0]
    return ", ".join(filter(None, (cell.against or cell.evalset, cell.attack)))
