"""The section on ImageNet-E: class folders per kind of edit."""

import re
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.expectation import again
from robench.datasets.doctor.placing import how_to_use
from robench.datasets.doctor.report import Finding, Looking, Section, some
from robench.datasets.doctor.soundness import damage, sample_of
from robench.datasets.doctor.tree import Tree, has_picture, names_in, scan_counts, scan_tree
from robench.datasets.doctor.which import classes_of

NAME = "imagenet-e"
_EDIT = re.compile(
    r"(full|ori|original|inver|bg|background|size|position|direction|random|pixel|adv)([-_.\d].*)?",
    re.IGNORECASE,
)


def edit_section(folder: Path, look: Looking) -> Section | None:
    """The section on a folder of edits; None where it holds none.

    Known are two or more folders that hold the same classes, and either the name of the set or
    names of edits.
    """
    kinds = [name for name in names_in(folder)[0] if _holds_wnids(folder / name)]
    called = re.sub(r"[^a-z]", "", folder.resolve().name.lower()) == "imagenete"
    if not kinds or not (called or sum(_EDIT.fullmatch(name) is not None for name in kinds) > 1):
        return None
    counts = {name: scan_counts(folder / name) for name in kinds}
    if not called and len({frozenset(one) for one in counts.values()}) > 1:
        return None
    entry, remedy = DATASETS[NAME], again(NAME, folder)
    totals = {name: sum(one.values()) for name, one in counts.items()}
    most = max(totals.values())
    findings = []
    if most != entry.size:
        said = f"{most:,} images of an edit, expected {entry.size:,} (as published, unconfirmed)"
        findings.append(Finding("missing" if most < entry.size else "note", said, remedy))
    fewer = [f"{name} ({number:,})" for name, number in totals.items() if number < most]
    if fewer:
        findings.append(Finding("missing", f"fewer images than {most:,}: {some(fewer)}", remedy))
    for name in kinds:
        findings += _damaged(scan_tree(folder / name), name, remedy)
    return Section(
        folder=folder,
        layout="class folders named by wnid, per kind of edit",
        sets=(NAME,),
        facts=(
            ("edits", f"{len(kinds)}: {some(kinds, 12)}"),
            ("images", ", ".join(sorted({f"{n:,}" for n in totals.values()})) + " of an edit"),
        ),
        findings=tuple(findings),
        use=how_to_use(NAME, folder, look.data_dir),
        found=sum(totals.values()),
        expected=entry.size * len(kinds),
    )


def _damaged(tree: Tree, edit: str, remedy: str) -> list[Finding]:
    found = damage(tree, sample_of(tree), remedy)
    return [Finding(one.kind, f"{edit}: {one.what}", one.remedy) for one in found]


def _holds_wnids(folder: Path) -> bool:
    """Whether it holds class folders named by wnid, with pictures."""
    names = [name for name in names_in(folder)[0] if name in classes_of("imagenet")]
    return any(has_picture(folder / name) for name in names[:3])
