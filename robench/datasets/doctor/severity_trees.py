"""The section on corrupted sets of pictures: ImageNet-C, ImageNet-C-bar and their like."""

from collections.abc import Iterator
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.corrupted import SEVERITIES
from robench.datasets.doctor.archives import RECORDS, records_section
from robench.datasets.doctor.members import core, extra_fact
from robench.datasets.doctor.placing import anywhere, how_to_use
from robench.datasets.doctor.report import Finding, Looking, Section, count, quoted, severity_runs
from robench.datasets.doctor.severity_findings import Counted, severity_findings
from robench.datasets.doctor.soundness import SAMPLE, Sample, decode
from robench.datasets.doctor.tree import names_in, scan_counts
from robench.datasets.folders import spread
from robench.datasets.manifest import NAME
from robench.datasets.pictures import is_picture
from robench.datasets.severity_layout import (
    GROUP_FOLDERS,
    TFDS_NAMES,
    SeverityFolders,
    find_severity_folders,
)
from robench.datasets.stored_pictures import SIDE
from robench.errors import InputError
from robench.types import EvalSet

SETS = ("imagenet-c", "imagenet-c-bar")


def severity_sections(folder: Path, look: Looking) -> list[Section]:
    """A section for every corrupted set of pictures whose corruptions lie in this folder."""
    sections = []
    for name in SETS:
        found = _found(DATASETS[name], folder)
        if found is not None:
            records = sorted(
                one for path in found.cells.values() for one in path.rglob(f"*{RECORDS}*")
            )
            sections.append(
                records_section(folder, [one.name for one in records])
                if records
                else _section(DATASETS[name], found, look)
            )
    return sections or _part(folder)


def _found(entry: EvalSet, folder: Path) -> SeverityFolders | None:
    """The cells right in a folder, not in one inside it.

    Raises:
        InputError: The folder has a damaged manifest.
    """
    try:
        found = find_severity_folders(anywhere(entry), folder)
    except InputError:
        if (folder / NAME).is_file():
            raise
        return None
    return found if found is not None and found.cells and found.root == folder else None


def _part(folder: Path) -> list[Section]:
    """The section on the folder of one corruption, which is no set."""
    name = folder.resolve().name
    known = {one for evalset in SETS for one in core(DATASETS[evalset])}
    levels = [one for one in names_in(folder)[0] if one in {str(level) for level in SEVERITIES}]
    if name not in known or not levels:
        return []
    said = f"this is one corruption ({severity_runs([int(one) for one in levels])}), and no set"
    mends = f"robench data check {quoted(folder.resolve().parent)}"
    layout = "the folder of one corruption"
    return [Section(folder, layout, findings=(Finding("missing", said, mends),))]


def _section(entry: EvalSet, found: SeverityFolders, look: Looking) -> Section:
    look.progress.start("cells", len(found.cells))
    counts = {}
    for (name, level), path in found.cells.items():
        counts[name, level] = scan_counts(path)
        look.progress.advance(note=f"{name}-{level}")
    counted = Counted(entry, found, counts)
    sample = _sample(counted)
    wrong = [size for size in sample.sizes if size != (SIDE, SIDE)]
    ours = found.made is not None and found.made.manifest.set != entry.name
    return Section(
        folder=found.root,
        layout=_layout(found),
        sets=() if ours or wrong else (entry.name,),
        facts=tuple(_facts(counted, sample)),
        findings=tuple(severity_findings(counted, sample)),
        use="" if ours or wrong else how_to_use(entry.name, found.root, look.data_dir),
        found=sum(counted.totals.values()),
        expected=None if counted.made else entry.size * len(core(entry)) * len(SEVERITIES),
        corrupted=True,
    )


def _layout(found: SeverityFolders) -> str:
    """What the folders look like."""
    paths = {key: path.relative_to(found.root) for key, path in found.cells.items()}
    first = {path.parts[0] for path in paths.values()}
    joined = [path for path in paths.values() if path.parts[-1][:1].isalpha()]
    parts = ["<corruption>_<severity>/<class>/" if joined else "<corruption>/<severity>/<class>/"]
    if first & GROUP_FOLDERS:
        parts.append(f"in folders of groups ({', '.join(sorted(first & GROUP_FOLDERS))})")
    if found.magnitudes:
        parts.append("severities named by the magnitudes of C-bar's authors")
    if any(_is_of_tfds(part) for path in paths.values() for part in path.parts):
        parts.append("spelled as in TFDS")
    return ", ".join(parts)


def _is_of_tfds(folder: str) -> bool:
    """Whether it is called as TFDS calls a corruption, with or without its severity."""
    return folder in TFDS_NAMES or folder.rpartition("_")[0] in TFDS_NAMES


def _facts(counted: Counted, sample: Sample) -> Iterator[tuple[str, str]]:
    entry, found = counted.entry, counted.found
    if found.made is not None:
        manifest = found.made.manifest
        yield "made", f"by robench, set {manifest.set}, seed {manifest.seed}"
    wanted = core(entry)
    complete = [name for name in wanted if len(found.there(name)) == len(SEVERITIES)]
    cells = sum(len(found.there(name)) for name in wanted)
    yield (
        "cells",
        f"{cells} of {len(wanted) * len(SEVERITIES)}; {len(complete)} of {len(wanted)} "
        f"corruptions with all severities",
    )
    yield from extra_fact(entry, [name for name, _ in found.cells])
    usual = counted.usual
    yield "images", f"{sum(usual.values()):,} of {counted.expected:,} in most cells"
    yield "classes", f"{len(usual):,} in most cells, of {entry.classes:,}"
    sizes = ", ".join(f"{width}x{height}" for width, height in sorted(sample.sizes))
    good = sample.looked - len(sample.broken)
    yield "decoded", f"{good} of {count(sample.looked, 'picture')} looked into: {sizes} pixels"


def _sample(counted: Counted) -> Sample:
    """Decode a few pictures of as many cells as there are."""
    cells = list(counted.found.cells.items())
    each = max(1, SAMPLE // len(cells))
    chosen: list[str] = []
    for key, path in cells:
        classes = sorted(counted.counts[key])
        for place in spread(len(classes), each) if classes else ():
            folder = path / classes[place]
            first = min(one for one in names_in(folder)[1] if is_picture(one))
            chosen.append(str((folder / first).relative_to(counted.found.root)))
    return decode(counted.found.root, chosen)
