"""A folder of class folders held against what a set should be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from robench.datasets.doctor.report import Finding, Section, count, quoted, some, spread_of
from robench.datasets.doctor.soundness import damage, looked_at, odd_files, sample_of
from robench.datasets.doctor.tree import Tree


@dataclass(frozen=True)
class Expectation:
    """What should be there.

    Attributes:
        layout: In words.
        sets: Names of the set, or of those that it may be.
        classes: Names of the class folders; None where they are not known.
        images: In all; None where that is not known.
        per_class: Pictures of every class, where that is one number.
        remedy: What mends missing and damaged pictures.
        use: What makes robench find the folder.
        why: How the set was told.
    """

    layout: str
    sets: tuple[str, ...] = ()
    classes: frozenset[str] | None = None
    images: int | None = None
    per_class: int | None = None
    remedy: str = ""
    use: str = ""
    why: str = ""


def held_against(tree: Tree, wanted: Expectation, also: tuple[Finding, ...] = ()) -> Section:
    """Count, compare and look into some pictures.

    Args:
        tree: What is there.
        wanted: What should be.
        also: Findings of the caller, which come first.
    """
    sample = sample_of(tree)
    findings = [*also, *_classes(tree, wanted), *_per_class(tree.counts, wanted)]
    if wanted.images is not None and tree.total != wanted.images and not findings:
        said = f"{count(tree.total, 'image')}, expected {wanted.images:,}"
        findings.append(Finding("missing", said, wanted.remedy))
    findings += [*damage(tree, sample, wanted.remedy), *odd_files(tree)]
    return Section(
        folder=tree.root,
        layout=wanted.layout,
        sets=wanted.sets,
        facts=(*_facts(tree, wanted), looked_at(sample, tree.total)),
        findings=tuple(findings),
        use=wanted.use,
        found=tree.total,
        expected=wanted.images,
    )


def again(name: str, folder: Path) -> str:
    """The command for a set of class folders, which is put in place whole or not at all."""
    return f"move {quoted(folder)} away, then: robench data get {name} (it says how)"


def _facts(tree: Tree, wanted: Expectation) -> Iterator[tuple[str, str]]:
    """Classes and images, found of expected."""
    if wanted.why:
        yield "told", wanted.why
    there = len(tree.counts)
    known = "" if wanted.classes is None else f" of {len(wanted.classes):,}"
    if wanted.classes is not None:
        there = len(wanted.classes & set(tree.counts))
    yield "classes", f"{there:,}{known}"
    known = "" if wanted.images is None else f" of {wanted.images:,}"
    each = f"; per class {spread_of(list(tree.counts.values()))}" if tree.counts else ""
    yield "images", f"{tree.total:,}{known}{each}, {tree.bytes / 1e6:,.1f} MB"


def _classes(tree: Tree, wanted: Expectation) -> Iterator[Finding]:
    """Class folders that are missing, empty, or none of the set."""
    if wanted.classes is not None:
        lacking = sorted(wanted.classes - set(tree.counts), key=_natural)
        if lacking:
            said = f"{len(lacking):,} of {count(len(wanted.classes), 'class', 'classes')}"
            yield Finding("missing", f"{said}: {some(lacking)}", wanted.remedy)
        odd = [name for name in tree.counts if name not in wanted.classes]
        if odd:
            whose = " or ".join(wanted.sets) or "the set"
            said = f"{count(len(odd), 'folder')} of pictures {_are(odd)} no class of {whose}"
            yield Finding("damaged", f"{said}: {some(odd)}", f"move them out of {tree.root}")
    hollow = [name for name in tree.hollow if wanted.classes is None]
    if hollow:
        said = f"{count(len(hollow), 'folder')} without pictures: {some(hollow)}"
        yield Finding("missing", said, "fill them, or delete them: an empty folder is no class")


def _per_class(counts: Mapping[str, int], wanted: Expectation) -> Iterator[Finding]:
    """Classes with another number of pictures than all should have."""
    if wanted.per_class is None:
        return
    for sign, word in ((-1, "fewer"), (1, "more")):
        off = {
            name: number
            for name, number in counts.items()
            if (number - wanted.per_class) * sign > 0
            and (wanted.classes is None or name in wanted.classes)
        }
        if off:
            listed = some(f"{name} ({number})" for name, number in off.items())
            said = f"{word} than {wanted.per_class} images in "
            said += f"{count(len(off), 'class', 'classes')}: {listed}"
            yield Finding("missing" if sign < 0 else "damaged", said, wanted.remedy)


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _natural(name: str) -> tuple[int, str]:
    """Numbers in the order of numbers."""
    return (int(name) if name.isdecimal() else 0, name)
