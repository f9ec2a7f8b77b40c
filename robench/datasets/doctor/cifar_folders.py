"""Sections on CIFAR itself: the official pickles, the newly collected images, the extract."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from robench.datasets import cifar, tiny
from robench.datasets.catalogue import DATASETS
from robench.datasets.doctor.placing import how_to_use
from robench.datasets.doctor.report import Finding, Looking, Section, count, some
from robench.datasets.new_cifar import RELEASES, Release, read_release
from robench.errors import InputError

PICKLES = "the official pickles of the Python version"
_LAYOUTS = {"cifar10": cifar.CIFAR10, "cifar100": cifar.CIFAR100}


def cifar_sections(folder: Path, look: Looking) -> list[Section]:
    """A section for each of these sets of which files lie in this folder."""
    return [*_pickles(folder, look), *_releases(folder, look), *_extract(folder, look)]


def _pickles(folder: Path, look: Looking) -> Iterator[Section]:
    for name, layout in _LAYOUTS.items():
        files = (*layout.train, *layout.test, layout.meta)
        there = [(file, md5) for file, md5 in files if (folder / file).is_file()]
        if len(there) < 2:
            continue
        remedy = f"robench data get {name}, or from {cifar.PAGE} (python version)"
        yield Section(
            folder=folder,
            layout=PICKLES,
            sets=(name,),
            facts=(("files", f"{len(there)} of {len(files)}, each held against its md5"),),
            findings=tuple(_pickle_findings(folder, layout, remedy)),
            use=how_to_use(name, folder, look.data_dir),
            found=len(there),
            expected=len(files),
        )


def _pickle_findings(folder: Path, layout: cifar.Layout, remedy: str) -> Iterator[Finding]:
    lacking = [name for name, _ in (*layout.test, layout.meta) if not (folder / name).is_file()]
    if lacking:
        yield Finding("missing", f"needed to measure: {some(lacking)}", remedy)
    train = [name for name, _ in layout.train if not (folder / name).is_file()]
    if train:
        yield Finding("missing", f"needed to train: {some(train)}", remedy)
    for name, md5 in (*layout.train, *layout.test, layout.meta):
        if (folder / name).is_file():
            found = hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest()
            if found != md5:
                said = f"{name} is not the official file: expected md5 {md5}, got {found}"
                yield Finding("damaged", said, remedy)


def _releases(folder: Path, look: Looking) -> Iterator[Section]:
    for name, release in RELEASES.items():
        if not any((folder / file).is_file() for file in release.files):
            continue
        findings, images = _release(folder, release)
        yield Section(
            folder=folder,
            layout=" with ".join(release.files),
            sets=(name,),
            facts=(("images", f"{images:,} of {DATASETS[name].size:,}"),),
            findings=findings,
            use=how_to_use(name, folder, look.data_dir),
            found=images,
            expected=DATASETS[name].size,
        )


def _release(folder: Path, release: Release) -> tuple[tuple[Finding, ...], int]:
    remedy = f"robench data get {release.name}"
    lacking = [file for file in release.files if not (folder / file).is_file()]
    if lacking:
        return (Finding("missing", some(lacking), remedy),), 0
    try:
        images = len(read_release(release, folder).labels)
    except InputError as error:
        return (Finding("damaged", str(error), remedy),), 0
    expected = DATASETS[release.name].size
    if images == expected:
        return (), images
    said = f"{count(images, 'image')}, expected {expected:,}"
    return (Finding("missing", said, remedy),), images


def _extract(folder: Path, look: Looking) -> Iterator[Section]:
    name = "cifar100-tiny"
    if not (folder / tiny.FILE).is_file():
        return
    findings: tuple[Finding, ...] = ()
    try:
        tiny.extract("test", folder)
    except InputError as error:
        findings = (Finding("damaged", str(error), "cifar100 is the complete set"),)
    yield Section(
        folder=folder,
        layout=tiny.FILE,
        sets=(name,),
        findings=findings,
        use=how_to_use(name, folder, look.data_dir),
        found=0 if findings else DATASETS[name].size,
        expected=DATASETS[name].size,
    )
