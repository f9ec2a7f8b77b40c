"""Whether pictures are whole: all sizes, and a bounded sample that is decoded."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from robench.datasets.doctor.report import Finding, count, some
from robench.datasets.doctor.tree import GONE, Tree
from robench.datasets.folders import spread
from robench.datasets.pictures import open_picture
from robench.errors import InputError

SAMPLE = 100
"""Pictures of a set that are decoded, evenly spread; a second or two."""

SMALLEST = 20
"""Of the smallest pictures also so many: what was cut off is small."""


@dataclass(frozen=True)
class Sample:
    """What decoding a few pictures showed.

    Attributes:
        looked: How many were decoded.
        broken: Path below the root -> what is wrong.
        sizes: (width, height) of the others.
    """

    looked: int
    broken: dict[str, str]
    sizes: frozenset[tuple[int, int]]


def decode(root: Path, paths: Sequence[str]) -> Sample:
    """Decode pictures.

    Args:
        root: A folder.
        paths: Below it.
    """
    broken, sizes = {}, set()
    for path in paths:
        try:
            sizes.add(open_picture(root / path).size)
        except InputError as error:
            broken[path] = str(error)
    return Sample(len(paths), broken, frozenset(sizes))


def sample_of(tree: Tree) -> Sample:
    """Decode `SAMPLE` pictures and the `SMALLEST` ones; empty files and dead links are left out."""
    whole = [(path, size) for path, size in tree.sizes() if size > 0]
    chosen = {whole[place][0] for place in spread(len(whole), SAMPLE)} if whole else set()
    small = heapq.nsmallest(SMALLEST, whole, key=lambda pair: pair[1])
    return decode(tree.root, sorted(chosen | {path for path, _ in small}))


def damage(tree: Tree, sample: Sample, remedy: str) -> Iterator[Finding]:
    """Findings on files that are no whole pictures.

    Args:
        tree: Where they lie.
        sample: Of it.
        remedy: What mends them.
    """
    sizes = tree.sizes()
    gone = [path for path, size in sizes if size == GONE]
    empty = [path for path, size in sizes if size == 0]
    if gone:
        said = f"{count(len(gone), 'link')} to files that are gone: {some(gone)}"
        yield Finding("damaged", said, "Put the files back where the links lead, or link again.")
    if empty:
        said = f"{count(len(empty), 'picture')} of zero bytes: {some(empty)}"
        yield Finding("damaged", said, remedy)
    if sample.broken:
        said = f"{count(len(sample.broken), 'picture')} cannot be decoded: {some(sample.broken)}"
        yield Finding("damaged", said, remedy)


def odd_files(tree: Tree) -> Iterator[Finding]:
    """A note on what lies in class folders and is no picture: it is passed over."""
    odd = [f"{one.name}/{name}" for one in tree.folders for name in one.odd]
    if odd:
        number = count(len(odd), "thing")
        yield Finding("note", f"{number} in class folders that are no pictures: {some(odd)}")


def looked_at(sample: Sample, total: int) -> tuple[str, str]:
    """The fact of how much was decoded."""
    good = sample.looked - len(sample.broken)
    return "decoded", f"{good} of {count(sample.looked, 'picture')} looked into, of {total:,}"
