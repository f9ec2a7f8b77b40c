"""Sections on folders of arrays: CIFAR-10-C, CIFAR-10-P and their like."""

from collections.abc import Iterator
from pathlib import Path

from corruptions import CORRUPTIONS, GROUPS
from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.array_findings import Arrays, array_findings
from robench.datasets.doctor.members import core, extra_fact
from robench.datasets.doctor.placing import how_to_use
from robench.datasets.doctor.report import Looking, Section, count
from robench.datasets.manifest import Manifest, read_manifest
from robench.datasets.official import SEVERITIES, open_array
from robench.datasets.sequence_layout import known_names
from robench.errors import InputError
from robench.types import EvalSet

_CLEAN = {(10, 10_000): "cifar10", (100, 10_000): "cifar100", (10, 500): "digits"}


def array_section(folder: Path, look: Looking) -> Section | None:
    """The section on arrays that are named as corruptions or perturbations; None: no such."""
    stems = {path.stem for path in folder.glob("[!.]*.npy")}
    made = read_manifest(folder)
    ours = made is not None and made.format.get("kind") == "npy"
    if not (ours or stems & {*CORRUPTIONS, *known_names()}):
        return None
    opened = _open(folder, sorted(stems - {"labels"}), made)
    entry = _entry(opened)
    kind = "sequences (N, frames, 32, 32, 3)" if opened.sequences else "five severities in a row"
    expected = None if entry is None or made else len(core(entry))
    wanted = () if entry is None else core(entry)
    return Section(
        folder=folder,
        layout=f"arrays <name>.npy of {kind}",
        sets=() if entry is None else (entry.name,),
        facts=tuple(_facts(opened, entry)),
        findings=tuple(array_findings(opened, entry)),
        use="" if entry is None else how_to_use(entry.name, folder, look.data_dir),
        found=len(stems & set(wanted)) if wanted else len(opened.arrays),
        expected=expected,
        corrupted=True,
    )


def _open(folder: Path, stems: list[str], made: Manifest | None) -> Arrays:
    arrays, broken = {}, {}
    for stem in stems:
        try:
            arrays[stem] = open_array(folder / f"{stem}.npy")
        except InputError as error:
            broken[stem] = str(error)
    return Arrays(folder, arrays, broken, made)


def _entry(opened: Arrays) -> EvalSet | None:
    """The set: as the manifest says, else by labels, sizes and names."""
    if opened.manifest is not None:
        found = DATASETS.get(opened.manifest.set)
        whole = found is not None and opened.manifest.source.images == found.size
        return found if whole else None
    clean = _clean(opened)
    if clean is None:
        return None
    bar = any(name in GROUPS["bar"] for name in (*opened.arrays, *opened.broken))
    ending = "p" if opened.sequences else ("c-bar" if bar else "c")
    return DATASETS[f"{clean}-{ending}"]


def _clean(opened: Arrays) -> str | None:
    """The clean set, by its number of images and of classes, else by the name of the folder."""
    labels, name = opened.labels, opened.folder.resolve().name.lower()
    if labels is None or labels.dtype.kind not in "iu" or not labels.size:
        if opened.size not in (0, 10_000):
            return None
        return "cifar100" if "100" in name else "cifar10"
    classes = 10 if int(labels.max()) < 10 else 100
    found = _CLEAN.get((classes, opened.size))
    odd = found is None and opened.folder.name in {one.folder or "" for one in DATASETS.values()}
    return ("cifar100" if classes == 100 else "cifar10") if odd else found


def _facts(opened: Arrays, entry: EvalSet | None) -> Iterator[tuple[str, str]]:
    if opened.manifest is not None:
        made = opened.manifest
        yield "made", f"by robench, set {made.set} of {made.source.name}, seed {made.seed}"
    there = [*opened.arrays, *opened.broken]
    if entry is None:
        yield "files", count(len(there), "array")
    else:
        wanted = core(entry)
        yield "files", f"{sum(name in there for name in wanted)} of {len(wanted)}"
        yield from extra_fact(entry, there)
    rows = opened.size * (1 if opened.sequences else SEVERITIES)
    yield "rows", f"{rows:,} in most files, of {opened.size:,} clean images"
