"""The section on archives that were not unpacked, and the command that unpacks each."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from robench.datasets.catalogue import DATASETS
from robench.datasets.class_lists import wnids
from robench.datasets.doctor.report import Finding, Looking, Section, count, quoted, some
from robench.datasets.doctor.tree import names_in
from robench.datasets.doctor.which import TRAINING
from robench.datasets.fetching.members import kind_of, suffix_of
from robench.datasets.pictures import is_picture
from robench.datasets.published import archives_of

RECORDS = ".tfrecord"
"""What the names of TFDS's files have in them."""
LOOK = 40
"""Members of a tar whose names are read."""

_PICTURES, _FILMS = (archives_of(DATASETS[name]) for name in ("imagenet-c", "imagenet-p"))
_NAMES = (
    (r"ilsvrc2012_img_val|imagenet-val", "imagenet"),
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
    archives = [name for name in files if suffix_of(name)]
    records = [name for name in files if RECORDS in name]
    if records:
        return records_section(folder, records)
    if not archives:
        return None
    classes = [name for name in archives if _stem(name) in wnids()]
    others = [name for name in archives if name not in classes]
    findings = [*_nested(folder, classes), *(_one(folder, name, look) for name in others)]
    sets = dict.fromkeys(found for name in others if (found := set_of(folder / name)))
    return Section(
        folder=folder,
        layout="archives that are not unpacked",
        sets=tuple(sets) or ((TRAINING,) if classes else ()),
        facts=(("archives", f"{count(len(archives), 'file')}: {some(archives)}"),),
        findings=tuple(findings),
        found=0,
    )


def set_of(path: Path) -> str:
    """The set that an archive holds, by its name and the names of its first members."""
    stem = _stem(path.name)
    if stem in _PICTURES and stem in _FILMS:  # blur.tar, ...
        films = any(name.endswith(".mp4") for name in first_members(path) or ())
        return "imagenet-p" if films else "imagenet-c"
    if stem in _PICTURES or stem in _FILMS:
        return "imagenet-c" if stem in _PICTURES else "imagenet-p"
    found = (name for pattern, name in _NAMES if re.fullmatch(pattern, stem.lower()))
    return next(found, "")


def first_members(path: Path) -> list[str] | None:
    """The names of the first members of a plain tar, of others none; None where it is damaged."""
    try:
        kind_of(path, path.name)
        found: list[str] = []
        if path.suffix.lower() == ".tar":
            with tarfile.open(path, "r:") as tar:
                while len(found) < LOOK and (member := tar.next()) is not None:
                    found.append(member.name)
    except (tarfile.TarError, OSError, EOFError, ValueError, RecursionError, OverflowError):
        return None
    return found


def _one(folder: Path, name: str, look: Looking) -> Finding:
    """One archive, and what to do with it."""
    path = folder / name
    members = first_members(path)
    if members is None:
        return Finding("damaged", f"{name} is no sound archive", "download it again")
    found = set_of(path)
    if _is_unpacked(folder, name, found):
        return Finding("note", f"{name} is unpacked already, it seems")
    what = f"{name} is not unpacked" + (f": {_content(name, found)}" if found else "")
    inner = [one for one in members if suffix_of(one)]
    loose = found == "imagenet" and any(_is_loose(one) for one in members)
    if loose or (inner and not found):
        said = "pictures without class folders" if loose else f"archives ({some(inner)})"
        into = quoted(folder / _stem(name))
        command = f"mkdir -p {into} && tar -xf {quoted(path)} -C {into}"
        return Finding(
            "missing", f"{what}; in it are {said}", f"{command}, then: robench data check {into}"
        )
    if found:
        command = f"robench data get {found} --from {quoted(path)}"
        return Finding("missing", what, f"{command} --data-dir {quoted(look.data_dir)}")
    unpack = "unzip" if name.lower().endswith(".zip") else "tar -xf"
    return Finding("missing", what, f"{unpack} {quoted(path)}, then check again")


def _is_loose(member: str) -> bool:
    """Whether a member of an archive is a picture in no folder."""
    return is_picture(member) and "/" not in member.removeprefix("./")


def _content(name: str, found: str) -> str:
    """What an archive brings, in words."""
    part = archives_of(DATASETS[found]).get(_stem(name))
    return f"{', '.join(part)} of {found}" if part else f"it holds {found}"


def _is_unpacked(folder: Path, name: str, found: str) -> bool:
    """Whether a folder of its name lies beside it, or folders of all that it brings."""
    stem = _stem(name)
    part = archives_of(DATASETS[found]).get(stem, ()) if found else ()
    return _is_filled(folder / stem) or (bool(part) and all(_is_filled(folder / n) for n in part))


def _is_filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _nested(folder: Path, classes: list[str]) -> Iterator[Finding]:
    """Archives of single classes, as ImageNet's training pictures come."""
    packed = [name for name in classes if not (folder / _stem(name)).is_dir()]
    if packed:
        said = f"{count(len(packed), 'archive')} of one class each, not unpacked: {some(packed)}"
        loop = 'for f in n*.tar; do mkdir -p "${f%.tar}" && tar -xf "$f" -C "${f%.tar}"; done'
        yield Finding("missing", said, f"cd {quoted(folder)} && {loop}")
    elif classes:
        yield Finding("note", f"{count(len(classes), 'archive')} of classes, unpacked already")


def records_section(folder: Path, records: list[str]) -> Section:
    """The section on files of TensorFlow Datasets.

    Args:
        folder: The set.
        records: Names of the files, which begin with TFDS's name of the set.
    """
    called = {name: entry.name for entry in DATASETS.values() for name in entry.aliases}
    found = called.get(records[0].partition("-")[0], "")
    said = f"{count(len(records), 'file')} of records, which robench does not read"
    mends = f"get the authors' files: robench data get {found or 'SET'}"
    return Section(
        folder=folder,
        layout="records of TensorFlow Datasets (TFDS)",
        sets=(found,) if found else (),
        facts=(("files", f"{len(records)}: {some(records)}"),),
        findings=(Finding("missing", said, mends),),
        found=0,
    )


def _stem(name: str) -> str:
    """The name without the ending of an archive."""
    return name[: len(name) - len(suffix_of(name))]
