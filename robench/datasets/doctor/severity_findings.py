"""What is missing or damaged in a corrupted set of pictures."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from robench.datasets.corrupted import SEVERITIES
from robench.datasets.doctor.members import absent_members, core, move_or_make, remedy
from robench.datasets.doctor.report import Finding, Kind, count, severity_runs, some
from robench.datasets.doctor.soundness import Sample
from robench.datasets.doctor.tree import names_in
from robench.datasets.severity_layout import SeverityFolders
from robench.datasets.stored_pictures import SIDE
from robench.types import EvalSet

CellCounts = Mapping[tuple[str, int], Mapping[str, int]]


@dataclass(frozen=True)
class Counted:
    """A corrupted folder whose pictures were counted.

    Attributes:
        entry: The set.
        found: Its cells.
        counts: Pictures of each class folder of each cell.
    """

    entry: EvalSet
    found: SeverityFolders
    counts: CellCounts

    @property
    def made(self) -> bool:
        """Whether robench made it."""
        return self.found.made is not None

    @property
    def expected(self) -> int:
        """Pictures of a cell."""
        made = self.found.made
        return self.entry.size if made is None else made.manifest.source.images

    @property
    def totals(self) -> dict[tuple[str, int], int]:
        """Pictures of each cell."""
        return {cell: sum(counts.values()) for cell, counts in self.counts.items()}

    @property
    def usual(self) -> Mapping[str, int]:
        """The counts that most cells have."""
        common = Counter(tuple(sorted(counts.items())) for counts in self.counts.values())
        return dict(common.most_common(1)[0][0])


def severity_findings(counted: Counted, sample: Sample) -> Iterator[Finding]:
    """Faults and notes.

    Args:
        counted: The folder.
        sample: Some of its pictures, decoded.
    """
    if counted.made:
        yield from _unfinished(counted)
    else:
        yield from _absent(counted)
    yield from _short(counted)
    yield from _unlike(counted)
    if sample.broken:
        said = f"{count(len(sample.broken), 'picture')} cannot be decoded: {some(sample.broken)}"
        yield Finding("damaged", said, remedy(counted.entry))
    wrong = sorted(size for size in sample.sizes if size != (SIDE, SIDE))
    if wrong:
        listed = ", ".join(f"{width}x{height}" for width, height in wrong)
        said = f"pictures of {listed} pixels, where {counted.entry.name} has {SIDE}x{SIDE}"
        yield Finding("damaged", said, remedy(counted.entry))
    yield from _others(counted)


def _absent(counted: Counted) -> Iterator[Finding]:
    """Corruptions and severities that are not there."""
    entry, found = counted.entry, counted.found
    yield from absent_members(entry, [name for name, _ in found.cells])
    for name in dict.fromkeys(name for name, _ in found.cells):
        lacking = [level for level in SEVERITIES if level not in found.there(name)]
        if lacking:
            kind: Kind = "missing" if name in core(entry) else "note"
            said = f"{name} lacks {severity_runs(lacking)}"
            yield Finding(kind, said, remedy(entry, [name]))


def _unfinished(counted: Counted) -> Iterator[Finding]:
    """What robench was asked for and has not made yet."""
    made = counted.found.made
    lacking = made.manifest.missing if made else ()
    if made and lacking:
        said = f"{count(len(lacking), 'cell')} asked for and not made yet: {some(lacking)}"
        yield Finding("missing", said, move_or_make(counted.found.root, made.manifest.set))


def _short(counted: Counted) -> Iterator[Finding]:
    """Most cells hold fewer or more pictures, or classes, than the set has."""
    total = sum(counted.usual.values())
    if total != counted.expected:
        said = f"most cells hold {count(total, 'image')} in {len(counted.usual):,} classes"
        said += f", expected {counted.expected:,}"
        if not counted.made:
            said += f" in {counted.entry.classes:,}"
        yield Finding("missing", said, remedy(counted.entry))


def _unlike(counted: Counted) -> Iterator[Finding]:
    """Cells that differ from most others."""
    usual = counted.usual
    for (name, level), counts in counted.counts.items():
        if counts == usual:
            continue
        classes = [one for one in usual if counts.get(one, 0) < usual[one]]
        more = [one for one in counts if counts[one] > usual.get(one, 0)]
        said = f"{name}/{level} has {sum(counts.values()):,} images, most cells have "
        said += f"{sum(usual.values()):,}"
        said += f"; fewer in {some(classes)}" if classes else ""
        said += f"; more in {some(more)}" if more else ""
        yield Finding("missing" if classes else "damaged", said, remedy(counted.entry, [name]))


def _others(counted: Counted) -> Iterator[Finding]:
    """A note on folders that are no part of the set."""
    root = counted.found.root
    used = {path.relative_to(root).parts[0] for path in counted.found.cells.values()}
    folders, _ = names_in(root)
    odd = [name for name in folders if name not in used]
    if odd:
        yield Finding("note", f"{count(len(odd), 'folder')} of other names: {some(odd)}")
