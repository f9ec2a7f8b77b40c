"""What corrupted and perturbed sets consist of, and in which archives that is published."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from corruptions import GROUPS, PERTURBATION_GROUPS
from robench.datasets.doctor.report import Finding, count, quoted, some
from robench.datasets.making.recipes import RECIPES
from robench.datasets.published import archives_of
from robench.datasets.regenerated import names
from robench.types import EvalSet


def core(entry: EvalSet) -> tuple[str, ...]:
    """The corruptions or perturbations that the set's mean is over."""
    if entry.role == "perturbed":
        return PERTURBATION_GROUPS["test"]
    return tuple(name for name in names(entry) if name not in GROUPS["extra"])


def extra(entry: EvalSet) -> tuple[str, ...]:
    """Those that are published for validation and are no part of the mean."""
    if entry.role == "perturbed":
        return PERTURBATION_GROUPS["extra"]
    return tuple(name for name in names(entry) if name in GROUPS["extra"])


def mean_name(entry: EvalSet) -> str:
    """What the mean is called."""
    return {"mce": "mCE", "mean_ce": "mean CE"}.get(entry.headline, "the mean")


def group_of(entry: EvalSet, name: str) -> str:
    """The archive that a member is published in; empty where it is one archive."""
    archives = archives_of(entry)
    return next((archive for archive in archives if name in archives[archive]), "")


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
    return f"robench data make {name} --out {quoted(root)}"
