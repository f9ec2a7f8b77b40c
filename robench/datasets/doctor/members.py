"""What corrupted and perturbed sets consist of, and in which archives that is published."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from corruptions import GROUPS, PERTURBATIONS
from robench.datasets.doctor.report import Finding, count, some
from robench.datasets.making.recipes import RECIPES
from robench.datasets.regenerated import names
from robench.types import EvalSet

MEASURED = 10
"""So many of the perturbations are measured; the others are for validation."""

_P_GROUPS = {
    "gaussian_noise": "noise",
    "shot_noise": "noise",
    "motion_blur": "blur",
    "zoom_blur": "blur",
    "snow": "weather",
    "brightness": "weather",
    "translate": "digital",
    "rotate": "digital",
    "tilt": "digital",
    "scale": "digital",
}


def core(entry: EvalSet) -> tuple[str, ...]:
    """The corruptions or perturbations that the set's mean is over."""
    if entry.role == "perturbed":
        instead = "spatter" if entry.family == "cifar" else "snow"  # CIFAR-P has no snow
        return tuple(
            instead if name == "snow" else name for name in tuple(PERTURBATIONS)[:MEASURED]
        )
    return tuple(name for name in names(entry) if name not in GROUPS["extra"])


def extra(entry: EvalSet) -> tuple[str, ...]:
    """Those that are published for validation and are no part of the mean."""
    if entry.role == "perturbed":
        return tuple(name for name in PERTURBATIONS if name not in core(entry))
    return tuple(name for name in names(entry) if name in GROUPS["extra"])


def mean_name(entry: EvalSet) -> str:
    """What the mean is called."""
    return {"mce": "mCE", "mean_ce": "mean CE"}.get(entry.headline, "the mean")


def group_of(entry: EvalSet, name: str) -> str:
    """The archive that a member is published in; empty where it is one archive."""
    if entry.name in ("imagenet-c", "imagenet-c-lite"):
        return next((group for group in GROUPS if name in GROUPS[group]), "")
    return _P_GROUPS.get(name, "validation") if entry.name == "imagenet-p" else ""


def remedy(entry: EvalSet, lacking: Iterable[str] = ()) -> str:
    """The commands that bring members of a set."""
    groups = sorted({group_of(entry, name) for name in lacking} - {""})
    make = f"robench data make {entry.name}" if entry.name in RECIPES else ""
    if not entry.published:
        return make
    get = f"robench data get {entry.name}"
    if groups:
        get = "; ".join(f"{get} --from {group}.tar" for group in groups)
    return f"{get}; or made here: {make}" if make else get


def absent_members(entry: EvalSet, there: Sequence[str]) -> list[Finding]:
    """A fault for members of the mean that are missing, a note for the others."""
    found = []
    wanted = core(entry)
    lacking = [name for name in wanted if name not in there]
    if lacking:
        kind = "perturbations" if entry.role == "perturbed" else "corruptions"
        said = f"{len(lacking)} of the {len(wanted)} {kind} of {mean_name(entry)}"
        said += f": {some(lacking, len(wanted))}"
        found.append(Finding("missing", said, remedy(entry, lacking)))
    others = [name for name in extra(entry) if name not in there]
    if others:
        said = f"{count(len(others), 'extra one')} absent, for validation and not part of "
        found.append(Finding("note", f"{said}{mean_name(entry)}: {some(others)}"))
    return found


def extra_fact(entry: EvalSet, there: Sequence[str]) -> list[tuple[str, str]]:
    """The fact that extra members lie there."""
    others = [name for name in extra(entry) if name in there]
    if not others:
        return []
    return [("extra", f"{some(others)} (not part of {mean_name(entry)})")]


def move_or_make(root: Path, name: str) -> str:
    """The command that finishes a set that robench made."""
    return f"robench data make {name} --out {root}"
