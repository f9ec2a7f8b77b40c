"""The section on archives that were not unpacked, and the command that unpacks each."""

import re
import shlex
import tarfile
from collections.abc import Iterator
from pathlib import Path

from corruptions import GROUPS, PERTURBATIONS
from robench.datasets.class_lists import wnids
from robench.datasets.doctor.report import Finding, Looking, Section, count, some
from robench.datasets.doctor.tree import names_in

ENDINGS = (".tar", ".tar.gz", ".tgz", ".zip")
RECORDS = "*.tfrecord*"
LOOK = 40
"""Members of a tar whose names are read."""

_C_GROUPS = ("blur", "digital", "extra", "noise", "weather")
_P_GROUPS = ("blur", "digital", "noise", "validation", "weather")
_NAMES = (
    (r"ilsvrc2012_img_val|imagenet-val|val", "imagenet"),
    (r"cifar-10-c", "cifar10-c"),
    (r"cifar-100-c", "cifar100-c"),
    (r"cifar-10-c-bar", "cifar10-c-bar"),
    (r"cifar-10-p", "cifar10-p"),
    (r"cifar-100-p", "cifar100-p"),
    (r"cifar-10-python", "cifar10"),
    (r"cifar-100-python", "cifar100"),
    (r"imagenet-c", "imagenet-c"),
    (r"imagenet-c-bar", "imagenet-c-bar"),
    (r"imagenet-p", "imagenet-p"),
    (r"imagenet-r", "imagenet-r"),
    (r"imagenet-a", "imagenet-a"),
    (r"imagenet-o", "imagenet-o"),
    (r"imagenet-e", "imagenet-e"),
    (r"(imagenet-)?sketch", "imagenet-sketch"),
    (r"imagenetv2-matched-frequency.*", "imagenet-v2"),
    (r"imagenetv2-threshold.*", "imagenet-v2-threshold0.7"),
    (r"imagenetv2-top-images.*", "imagenet-v2-top-images"),
    (r"objectnet.*", "objectnet"),
    (r"stylized-imagenet", "stylized-imagenet"),
)


def archive_section(folder: Path, look: Looking) -> Section | None:
    """The section on the archives directly in a folder; None where there are none."""
    _, files = names_in(folder)
    archives = [name for name in files if name.lower().endswith(ENDINGS)]
    records = [name for name in files if ".tfrecord" in name]
    if records:
        return records_section(folder, records)
    if not archives:
        return None
    classes = [name for name in archives if Path(name).stem in wnids()]
    others = [name for name in archives if name not in classes]
    findings = [*_nested(folder, classes), *(_one(folder, name, look) for name in others)]
    sets = dict.fromkeys(found for name in others if (found := set_of(folder / name)))
    return Section(
        folder=folder,
        layout="archives that are not unpacked",
        sets=tuple(sets) or (("imagenet (training pictures)",) if classes else ()),
        facts=(("archives", f"{count(len(archives), 'file')}: {some(archives)}"),),
        findings=tuple(findings),
        found=0,
    )


def set_of(path: Path) -> str:
    """The set that an archive holds, by its name and the names of its first members."""
    stem = _stem(path.name)
    if stem in (*_C_GROUPS, *_P_GROUPS):
        return _corrupted_or_films(path, stem)
    found = (name for pattern, name in _NAMES if re.fullmatch(pattern, stem.lower()))
    return next(found, "")


def _corrupted_or_films(path: Path, stem: str) -> str:
    """``blur.tar`` is a part of ImageNet-C and of ImageNet-P: videos tell."""
    if stem not in _C_GROUPS:
        return "imagenet-p"
    if stem not in _P_GROUPS:
        return "imagenet-c"
    members = first_members(path)
    films = any(name.endswith(".mp4") for name in members or ())
    return "imagenet-p" if films else "imagenet-c"


def first_members(path: Path) -> list[str] | None:
    """The names of the first members of a plain tar; None where it is damaged or packed."""
    try:
        with tarfile.open(path, "r:") as tar:
            found: list[str] = []
            while len(found) < LOOK and (member := tar.next()) is not None:
                found.append(member.name)
            return found
    except (tarfile.TarError, OSError, EOFError, ValueError):
        return None


def _one(folder: Path, name: str, look: Looking) -> Finding:
    """One archive, and what to do with it."""
    path = folder / name
    members = first_members(path) if name.lower().endswith(".tar") else []
    if members is None or path.stat().st_size == 0:
        return Finding("damaged", f"{name} is no sound tar", "download it again")
    found, inner = set_of(path), [one for one in members if one.endswith(".tar")]
    if _is_unpacked(folder, name, found):
        return Finding("note", f"{name} is unpacked already, it seems: it may be deleted")
    what = f"{name} is not unpacked" + (f": {_content(name, found)}" if found else "")
    if inner and not found:
        into = shlex.quote(str(folder / _stem(name)))
        command = f"mkdir -p {into} && tar -xf {shlex.quote(str(path))} -C {into}"
        said = f"{what}; archives lie in it ({some(inner)}), a folder each"
        return Finding("missing", said, f"{command}, then: robench data check {into}")
    if found:
        command = f"robench data get {found} --from {shlex.quote(str(path))}"
        return Finding("missing", what, f"{command} --data-dir {shlex.quote(str(look.data_dir))}")
    unpack = "unzip" if name.lower().endswith(".zip") else "tar -xf"
    return Finding("missing", what, f"{unpack} {shlex.quote(str(path))}, then check again")


def _content(name: str, found: str) -> str:
    """What an archive brings, in words."""
    stem = _stem(name)
    if found == "imagenet-c" and stem in _C_GROUPS:
        return f"{', '.join(GROUPS[stem])} of {found}"
    return (
        f"it holds {found}"
        if found != "imagenet-p" or stem not in _P_GROUPS
        else (f"a part of {found}")
    )


def _is_unpacked(folder: Path, name: str, found: str) -> bool:
    """Whether a folder of what it holds lies beside it."""
    stem = _stem(name)
    inside = [stem, *(GROUPS[stem] if found == "imagenet-c" and stem in GROUPS else ())]
    if found == "imagenet-p" and stem in _P_GROUPS:
        inside += [one for one in PERTURBATIONS if one.endswith(stem)]
    return any((folder / one).is_dir() and any((folder / one).iterdir()) for one in inside)


def _nested(folder: Path, classes: list[str]) -> Iterator[Finding]:
    """Archives of single classes, as ImageNet's training pictures come."""
    packed = [name for name in classes if not (folder / Path(name).stem).is_dir()]
    if packed:
        said = f"{count(len(packed), 'archive')} of one class each, not unpacked: {some(packed)}"
        loop = 'for f in n*.tar; do mkdir -p "${f%.tar}" && tar -xf "$f" -C "${f%.tar}"; done'
        yield Finding("missing", said, f"cd {shlex.quote(str(folder))} && {loop}")
    elif classes:
        yield Finding("note", f"{count(len(classes), 'archive')} of classes, unpacked already")


def records_section(folder: Path, records: list[str]) -> Section:
    """The section on files of TensorFlow Datasets.

    Args:
        folder: The set.
        records: Names of the files.
    """
    said = f"{count(len(records), 'file')} of records, which robench does not read"
    mends = "get the authors' archives: robench data get imagenet-c"
    return Section(
        folder=folder,
        layout="records of TensorFlow Datasets (TFDS)",
        sets=("imagenet-c",) if "corrupted" in str(folder) else (),
        facts=(("files", f"{len(records)}: {some(records)}"),),
        findings=(Finding("missing", said, mends),),
        found=0,
    )


def _stem(name: str) -> str:
    """The name without the ending of an archive."""
    ending = next(end for end in ENDINGS if name.lower().endswith(end))
    return name[: -len(ending)]
