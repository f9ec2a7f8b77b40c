"""The section on perturbed sets of films: ImageNet-P."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.clips import VIDEOS
from robench.datasets.doctor.members import absent_members, core, extra_fact, move_or_make, remedy
from robench.datasets.doctor.placing import anywhere, how_to_use
from robench.datasets.doctor.report import Finding, Looking, Section, count, some
from robench.datasets.doctor.tree import has_picture, names_in
from robench.datasets.manifest import NAME
from robench.datasets.sequence_layout import SequenceFolders, find_sequence_folders
from robench.errors import InputError
from robench.types import EvalSet

Counts = Mapping[str, Mapping[str, int]]


def sequence_sections(folder: Path, look: Looking) -> list[Section]:
    """The section on perturbations that lie in this folder; none where there are none."""
    entry = DATASETS["imagenet-p"]
    try:
        found = find_sequence_folders(anywhere(entry), folder)
    except InputError:
        if (folder / NAME).is_file():
            raise
        return []  # it is the manifest of a folder inside
    if found is None or found.root != folder:
        return []
    films = {name: path for name, path in found.perturbations.items() if _holds_films(path)}
    return [_section(entry, found, films, look)] if films else []


def _holds_films(path: Path) -> bool:
    """Whether there are class folders of videos, or of folders of frames."""
    for name in names_in(path)[0][:3]:
        folders, files = names_in(path / name)
        if any(_is_video(one) for one in files):
            return True
        if any(has_picture(path / name / one) for one in folders[:3]):
            return True
    return False


def _section(
    entry: EvalSet, found: SequenceFolders, films: Mapping[str, Path], look: Looking
) -> Section:
    look.progress.start("perturbations", len(films))
    counts: dict[str, dict[str, int]] = {}
    for name, path in films.items():
        counts[name] = _counted(path)
        look.progress.advance(note=name)
    made = found.made
    expected = entry.size if made is None else made.manifest.source.images
    there = [name for name in core(entry) if name in counts]
    frames = any(not _has_videos(path) for path in films.values())
    return Section(
        folder=found.root,
        layout="<perturbation>/<class>/ with " + ("folders of frames" if frames else "videos"),
        sets=(entry.name,),
        facts=(
            *((("made", f"by robench, seed {made.manifest.seed}"),) if made else ()),
            ("films", f"{len(there)} of {len(core(entry))} perturbations"),
            *extra_fact(entry, list(counts)),
            ("sequences", _sequences(counts, expected)),
        ),
        findings=tuple(_findings(entry, found, counts, expected)),
        use=how_to_use(entry.name, found.root, look.data_dir),
        found=sum(sum(one.values()) for one in counts.values()),
        expected=None if made else entry.size * len(core(entry)),
    )


def _sequences(counts: Counts, expected: int) -> str:
    totals = sorted({sum(one.values()) for one in counts.values()})
    return f"{' to '.join(f'{n:,}' for n in (totals[0], *totals[1:][-1:]))} of {expected:,} each"


def _findings(
    entry: EvalSet, found: SequenceFolders, counts: Counts, expected: int
) -> Iterator[Finding]:
    made = found.made
    if made is None:
        yield from absent_members(entry, list(counts))
    elif made.manifest.missing:
        said = f"asked for and not made yet: {some(made.manifest.missing)}"
        yield Finding("missing", said, move_or_make(found.root, made.manifest.set))
    totals = {name: sum(classes.values()) for name, classes in counts.items()}
    for total in sorted({*totals.values()} - {expected}):
        names = [name for name in totals if totals[name] == total]
        said = f"{count(total, 'sequence')}, expected {expected:,}, of {some(names)}"
        yield Finding("missing", said, remedy(entry, names))


def _counted(folder: Path) -> dict[str, int]:
    """Sequences of each class folder."""
    counts = {}
    for name in names_in(folder)[0]:
        folders, files = names_in(folder / name)
        counts[name] = len(folders) + sum(_is_video(one) for one in files)
    return {name: number for name, number in counts.items() if number}


def _has_videos(path: Path) -> bool:
    return any(_is_video(one) for name in names_in(path)[0][:1] for one in names_in(path / name)[1])


def _is_video(name: str) -> bool:
    return Path(name).suffix.lower() in VIDEOS
