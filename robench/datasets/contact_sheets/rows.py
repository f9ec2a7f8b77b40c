"""What goes on the contact sheet of a benchmark set."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from corruptions import (
    GENERATOR_VERSION,
    GROUPS,
    PERTURBATIONS,
    assets_present,
    corrupt,
    perturb,
)
from robench.datasets.contact_sheets.layout import Layout
from robench.datasets.contact_sheets.picture import Subject, find
from robench.datasets.contact_sheets.sheet import SMALLEST, Sheet, Strip
from robench.datasets.making.recipes import FAMILIES, RECIPES, SEVERITIES, Recipe, items
from robench.errors import InputError
from robench.progress import Progress, Silent
from robench.registry import lookup
from robench.types import Images

FRAMES = 8
SEED = 0
ENLARGED = {32: 96, 64: 128}
WIDEST = 1600
TEXTURES_MISSING = "Not drawn: its textures are not in the data folder. Run: robench data get"


def set_sheet(  # noqa: PLR0913  all but the first two have defaults
    name: str,
    data_dir: Path,
    *,
    source: Path | None = None,
    family: str | None = None,
    index: int = 0,
    side: int | None = None,
    progress: Progress | None = None,
) -> Sheet:
    """Corrupt one picture in every way of a set, as it stands in the set made with seed 0.

    Args:
        name: Key of ``RECIPES``.
        data_dir: The folder of data sets.
        source: Another picture, see `picture.find`.
        family: Whose severities, where the set leaves it open; ``imagenet`` by default.
        index: Which picture.
        side: Height of the pictures on the sheet in pixels; chosen by their size by default.
        progress: Told of every row.

    Raises:
        UnknownNameError: No such set.
        InputError: A family that the set does not have, or no picture.
    """
    recipe = lookup(RECIPES, name, "set to show")
    family = _family(recipe, family)
    subject = find(recipe, family, source, data_dir, index)
    strips = _strips(recipe, family, subject, data_dir, progress or Silent())
    perturbed = recipe.kind == "p"
    sheet = Sheet(
        title=name,
        subtitle=_subtitle(subject, family, perturbed),
        columns=_columns(perturbed),
        strips=strips,
        side=side or _height(strips, subject),
        apart=not perturbed,
    )
    return sheet if side else _fitted(sheet)


def _strips(
    recipe: Recipe, family: str, subject: Subject, data_dir: Path, progress: Progress
) -> tuple[Strip, ...]:
    """All rows, in the order of their list."""
    perturbed = recipe.kind == "p"
    draw = _frames if perturbed else _severities
    names = tuple(PERTURBATIONS) if perturbed else tuple(i.name for i in items(recipe.kind, family))
    strips = []
    progress.start("rows", len(names))
    for name in names:
        strips.append(draw(subject, name, family, data_dir))
        progress.advance(note=name)
    return tuple(strips)


def _family(recipe: Recipe, family: str | None) -> str:
    """The set's own, else what was asked for."""
    known = (recipe.family,) if recipe.family else FAMILIES[recipe.kind]
    chosen = family or recipe.family or "imagenet"
    if chosen not in known:
        raise InputError(f"{recipe.name} has the families {', '.join(known)}, got {chosen!r}.")
    return chosen


def _subtitle(subject: Subject, family: str, perturbed: bool) -> str:
    """What is shown, and how it was drawn."""
    strengths = "strengths" if perturbed else "severities"
    about = (subject.said, f"{strengths} of the family {family}", f"seed {SEED}")
    return ", ".join([*about, f"generator version {GENERATOR_VERSION}"])


def _columns(perturbed: bool) -> tuple[str, ...]:
    """Headings."""
    if perturbed:
        return ("first frame", *("" for _ in range(FRAMES - 2)), "last frame")
    return ("clean", "severity 1", *(str(severity) for severity in SEVERITIES[1:]))


def _height(strips: tuple[Strip, ...], subject: Subject) -> int:
    """Of the pictures that are shown; of the clean one if none is."""
    shown = [strip.pictures for strip in strips if strip.pictures is not None]
    return int(shown[0].shape[1] if shown else subject.image.shape[0])


def _fitted(sheet: Sheet) -> Sheet:
    """Enlarge small pictures by a whole number; let large ones fill a sheet of `WIDEST`."""
    if sheet.side in ENLARGED:
        return replace(sheet, side=ENLARGED[sheet.side])
    width, height = Layout(sheet).tile
    excess = Layout(sheet).width - WIDEST
    narrower = max(0, math.ceil(excess / len(sheet.columns)))
    return replace(sheet, side=max(SMALLEST, sheet.side - math.ceil(narrower * height / width)))


def _severities(subject: Subject, name: str, family: str, data_dir: Path) -> Strip:
    """The clean picture and five severities."""
    group = next(group for group, names in GROUPS.items() if name in names)
    if not assets_present(name, data_dir):
        return Strip(name, None, f"{TEXTURES_MISSING} {name}", group)
    pictures = [
        corrupt(
            subject.image[None],
            name,
            severity,
            family=family,
            seed=SEED,
            indices=[subject.index],
            data_dir=data_dir,
        )
        for severity in SEVERITIES
    ]
    return Strip(name, np.concatenate([subject.image[None], *pictures]), group=group)


def _frames(subject: Subject, name: str, family: str, _: Path) -> Strip:
    """Frames evenly over a sequence."""
    images = subject.image[None]
    sequence = perturb(images, name, family=family, seed=SEED, indices=[subject.index])[0]
    chosen = np.linspace(0, len(sequence) - 1, FRAMES).round().astype(int)
    frames: Images = sequence[chosen]
    return Strip(name, frames, f"{len(sequence)} frames")
