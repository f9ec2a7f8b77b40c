"""Columns of attacks and of perturbation sequences."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from robench.attacks.distances import in_levels
from robench.metrics.aggregates import AGGREGATES, TEST_PERTURBATIONS, at_difficulty
from robench.metrics.constants import USER
from robench.registry import parse_call
from robench.report.column import PERTURBED, Column, Section, title_of
from robench.report.options import Options
from robench.types import Aggregate, Cell

USUAL = 2 / 255  # the radius of the attack that every table has
NEAR = 1e-5
RADIUS = ("eps", "step_size")
POINTS = 3  # other radii make a curve
_PLAIN = ("mean_flip_rate", "mean_top5_distance")
_SMALL = ("mean_flip_rate_published", "mean_top5_distance_published")  # as the script for CIFAR
_LARGE = ("mfr", "mt5d")  # relative to another network's; its constants are of 224-pixel pictures


def aggregated(evalset: str, definition: Aggregate, section: Section, incomplete: str) -> Column:
    """A mean over cells."""
    cells = (
        Cell(evalset, name, difficulty=level)
        if definition.difficulty
        else Cell(evalset, name, level)
        for name in definition.corruptions
        for level in definition.levels
    )
    return Column(
        key=f"{definition.name}@{evalset}",
        title=definition.title,
        metric=definition.metric,
        section=section,
        cells=tuple(cells),
        incomplete=incomplete,
        definition=definition,
    )


def attack_columns(cells: Sequence[Cell]) -> Iterator[Column]:
    """One column per set and attack with its arguments: other arguments are another attack.

    Points of a robustness curve stand apart from the attacks of the headline.
    """
    attacked = list(dict.fromkeys(c for c in cells if c.attack))
    for cell in attacked:
        radii = {other.attack for other in attacked if _on_one_curve(cell, other)}
        beside = len(radii) >= POINTS and abs(_eps(cell.attack) - USUAL) >= NEAR
        section: Section = "attack" if beside else "headline"
        title = f"{attack_title(cell.attack)} error"
        yield Column(f"{cell.attack}@{cell.evalset}", title, "adv_error", section, (cell,))


def _on_one_curve(a: Cell, b: Cell) -> bool:
    """Whether two attacks differ in their radius, and the step that goes with it, alone."""
    (name, first), (other, second) = parse_call(a.attack), parse_call(b.attack)
    rest = [{k: v for k, v in one.items() if k not in RADIUS} for one in (first, second)]
    return (name, a.evalset, rest[0]) == (other, b.evalset, rest[1])


def _eps(literal: str) -> float:
    """The radius of an attack."""
    return float(parse_call(literal)[1].get("eps", USUAL))


def attack_title(literal: str) -> str:
    """What a table calls an attack: ``PGD-20``, ``PGD-20 (published)``, ``PGD-20, eps 4/255``."""
    name, arguments = parse_call(literal)
    if name.rstrip("0123456789") != "pgd":
        known = {"fgsm": "FGSM", "autoattack": "AutoAttack"}.get(name, name)
        eps = arguments.get("eps") if known != name else None
        return known if eps is None or abs(eps - USUAL) < NEAR else f"{known}, eps {in_levels(eps)}"
    steps = str(arguments.get("steps", name.removeprefix("pgd")))
    norm = "" if arguments.get("norm", "Linf") == "Linf" else f" {arguments['norm']}"
    published = " (published)" if arguments.get("centre", "clean") != "clean" else ""
    eps = arguments.get("eps", USUAL)
    usual = not norm and abs(eps - USUAL) < NEAR
    radius = "" if usual else f", eps {f'{eps:.4g}' if norm else in_levels(eps)}"
    restarts = f", {arguments['restarts']} restarts" if arguments.get("restarts", 1) > 1 else ""
    return f"PGD{'-' if steps else ''}{steps}{norm}{published}{radius}{restarts}"


def perturbed_columns(cells: Sequence[Cell], options: Options) -> Iterator[Column]:
    """Means of each set and difficulty over the test perturbations, then each alone."""
    known = dict.fromkeys((c.evalset, c.difficulty) for c in cells if c.difficulty)
    for evalset, level in known:
        for name in _PLAIN if level > 1 else (*_PLAIN, *_more(evalset, options)):
            yield _mean(evalset, at_difficulty(AGGREGATES[name], level), options)
        others = (c for c in cells if (c.evalset, c.difficulty) == (evalset, level))
        listed = (Cell(evalset, name, difficulty=level) for name in TEST_PERTURBATIONS)
        for cell in dict.fromkeys((*listed, *others)):
            for metric in PERTURBED:
                title = f"{cell.corruption.replace('_', ' ')}: {title_of(metric)}{_note(level)}"
                key = f"{metric}@{evalset}|{cell.corruption}|{level}"
                yield Column(key, title, metric, "perturbation", (cell,))


def _more(evalset: str, options: Options) -> Iterator[str]:
    """Other means at difficulty 1."""
    if not evalset.startswith("imagenet"):
        yield from _SMALL
        return
    for name in _LARGE:
        definition = AGGREGATES[name]
        if definition.constants != USER or definition.metric in options.constants:
            yield name


def _note(level: int) -> str:
    """Difficulties above 1 are said."""
    return f", difficulty {level}" if level > 1 else ""


def _mean(evalset: str, definition: Aggregate, options: Options) -> Column:
    """One mean over the sequences of a set."""
    own = options.constants.get(definition.metric) if definition.constants else None
    plain = title_of(definition.metric)
    if definition.constants:
        plain += f" relative to {own.name if own else 'AlexNet'}"
    if "published" in definition.name:
        plain += " (published list)"
    label = f"{plain} over {{}}{_note(definition.difficulty)}"
    column = aggregated(evalset, definition, "headline", label)
    if own is None:
        return column
    name = definition.title.partition(",")[0]
    return replace(column, title=f"{name}, relative to {own.name}", constants=own)
