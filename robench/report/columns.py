"""Which numbers a comparison shows, in their fixed order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from robench.datasets.catalogue import DATASETS
from robench.metrics.aggregates import (
    AGGREGATES,
    EXTRA_CORRUPTIONS,
    GROUPS,
    TEST_CORRUPTIONS,
    at_severity,
    of_metric,
)
from robench.report.column import ANOMALY, CALIBRATION, Column, Section, title_of
from robench.report.families import aggregated, attack_columns, perturbed_columns
from robench.report.options import Options
from robench.report.results import RunResults
from robench.types import Aggregate, Cell, EvalSet


def make_columns(runs: Sequence[RunResults], options: Options | None = None) -> list[Column]:
    """All columns that any of the runs has a number for; unlike sets get columns of their own."""
    asked = options or Options()
    keys = list(dict.fromkeys(key for run in runs for key in run.numbers))
    cells = [cell for cell, _ in keys]
    plain = _sets(c for c in cells if not (c.corruption or c.attack or c.against))
    clean = [name for name in plain if _entry(name).role == "clean"]
    shifted = [name for name in plain if name not in clean]
    corrupted = _sets(c for c in cells if c.severity)
    columns = [
        *(_single(name, "error", "headline") for name in clean),
        *(_single(name, "top5_error", "headline") for name in clean),
        *(column for name in corrupted for column in _means(name)),
        *_shifts(shifted),
        *(_single(name, "error", "shift") for name in shifted),
        *_edits(cells),
        *attack_columns(cells),
        *(_single(name, metric, "headline") for metric in CALIBRATION for name in clean),
        *perturbed_columns(cells, asked),
        *_anomalies(cells),
        *(column for name in corrupted for column in _per_severity(name)),
        *(column for name in corrupted for column in _per_corruption(name, cells)),
        *(_single(name, "top5_error", "calibration") for name in shifted),
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


def _shifts(shifted: Sequence[str]) -> Iterator[Column]:
    """Mean error over the labelled sets of another distribution; of variants the first alone."""
    others = [one for one in shifted if not any(one.startswith(f"{n}-") for n in shifted)]
    if len(others) > 1:
        cells = tuple(Cell(name) for name in others)
        title = f"error, mean of {len(others)} shift sets"
        partial = "error, mean of {}"
        yield Column("mean_shift@" + ",".join(others), title, "error", "shift", cells, partial)


def _headline(evalset: str) -> Aggregate:
    """The mean that a corrupted set is known by."""
    return AGGREGATES[_entry(evalset).headline or "mean_ce"]


def _over(evalset: str, definition: Aggregate, section: Section, incomplete: str) -> Column:
    """An aggregate over cells of a corrupted set."""
    clean = _entry(evalset).clean
    return replace(
        aggregated(evalset, definition, section, incomplete),
        clean=Cell(clean) if definition.relative and clean else None,
    )


_INCOMPLETE = {
    "mce": "error relative to AlexNet over {}",
    "rel_mce": "rise over the clean error relative to AlexNet over {}",
    "mean_ce": "mean error over {}",
    "predicted_mce": "mean error at severity 3 over {}",
}


def _means(evalset: str) -> Iterator[Column]:
    """Mean corruption error, normalised where the papers do, and the mean of each group."""
    headline = _headline(evalset)
    names = [headline.name, *(["rel_mce"] if headline.name == "mce" else [])]
    for name in names:
        label = _INCOMPLETE.get(name, "C-bar error over {}")
        yield _over(evalset, AGGREGATES[name], "headline", label)
    groups = GROUPS if headline.corruptions == TEST_CORRUPTIONS else {}
    for group in groups:
        definition = replace(AGGREGATES[f"mean_{group}"], severities=headline.severities)
        yield _over(evalset, definition, "group", f"{group} error over {{}}")


def _per_severity(evalset: str) -> Iterator[Column]:
    """The headline at each severity by itself."""
    headline = _headline(evalset)
    for level in headline.severities if len(headline.severities) > 1 else ():
        label = _INCOMPLETE.get(headline.name, "C-bar error over {}")
        definition = at_severity(headline, level)
        yield _over(evalset, definition, "severity", f"{label}, severity {level}")


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
        yield aggregated(evalset, definition, "corruption", f"{title}, {{}}")


def _calibration(evalset: str, metric: str) -> Column:
    """Mean of a metric over the corrupted cells; not the metric of the pooled predictions."""
    title = f"{title_of(metric)}, mean over corruptions"
    definition = of_metric(_headline(evalset), metric, title)
    label = f"{title_of(metric)}, mean over {{}}"
    return aggregated(evalset, definition, "calibration", label)


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
