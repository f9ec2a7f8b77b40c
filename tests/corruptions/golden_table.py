"""Every golden picture against ours: ``python tests/corruptions/golden_table.py SHARED``.

Prints the table of ``reports/corruptions/goldens.md``. The tests beside this file assert it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import test_c_bar_goldens as bar
import test_corruption_goldens as c
import test_perturbation_goldens as p

from corruptions import Images, corrupt
from corruptions.base import Family

Pair = tuple[Images, Images]
Row = tuple[str, str, str, list[Pair]]
SEVERITIES = range(1, 6)


def table(folder: Path, data: Path) -> Iterator[str]:
    """One line per corruption and size."""
    yield "| set | name | size | values compared | unequal | worst difference, levels |"
    yield "|---|---|---|--:|--:|--:|"
    rows = [*_c(folder), *_c_bar(folder), *_p(folder), *_released(data)]
    for title, name, size, pairs in rows:
        gaps = [np.abs(ours.astype(int) - theirs) for ours, theirs in pairs]
        total, unequal = sum(g.size for g in gaps), sum(int((g > 0).sum()) for g in gaps)
        worst = max(int(g.max()) for g in gaps)
        yield f"| {title} | `{name}` | {size} | {total:,} | {unequal:,} | {worst} |"


def _c(folder: Path) -> Iterator[Row]:
    """The 19 of -C; elastic_transform as OpenCV 4 has it, as far as that is stored."""
    with (
        np.load(folder / "inputs.npz") as inputs,
        np.load(folder / "cifar_c.npz") as small,
        np.load(folder / "imagenet_c.npz") as large,
        np.load(folder / "opencv4_variants.npz") as four,
    ):
        for name in c.PUBLISHED:
            ours = [c._as_the_authors(inputs["cifar"], name, s, "cifar") for s in SEVERITIES]
            keys = [(four, "cifar-") if name in c.OPENCV_4 else (small, "")] * 5
            theirs = [f[f"{k}{name}-{s}"] for s, (f, k) in zip(SEVERITIES, keys, strict=True)]
            yield "-C", name, "32", list(zip(ours, theirs, strict=True))
        for name in c.PUBLISHED:
            pairs: list[Pair] = []
            for s in SEVERITIES:
                mine = c._as_the_authors(inputs["imagenet"], name, s, "imagenet")
                if name in c.OPENCV_4:
                    pairs.append((mine[0, ::4, ::4], four[f"imagenet-{name}-{s}-sub0"]))
                else:
                    pairs.append((mine[0], large[f"{name}-{s}-full0"]))
                    pairs.append((mine[1:, ::4, ::4], large[f"{name}-{s}-sub12"]))
            yield "-C", name, "224", pairs


def _c_bar(folder: Path) -> Iterator[Row]:
    """The 10 + 10 of C-bar."""
    sizes: dict[Family, str] = {"cifar": "32", "imagenet": "224"}
    for family, size in sizes.items():
        with (
            np.load(folder / "inputs.npz") as inputs,
            np.load(folder / f"{family}_c_bar.npz") as stored,
        ):
            for name in bar.TABLES[family]:
                pairs: list[Pair] = []
                for s in SEVERITIES:
                    mine = bar._as_the_authors(inputs[family], name, s, family)
                    if family == "cifar":
                        pairs.append((mine, stored[f"{name}-{s}"]))
                    else:
                        part = stored[f"{name}-{s}-sub"]
                        pairs.append((mine[: len(part), ::4, ::4], part))
                        if s == 3:
                            pairs.append((mine[0], stored[f"{name}-{s}-full0"]))
                yield "C-bar", name, size, pairs


def _p(folder: Path) -> Iterator[Row]:
    """The 14 sequences with their difficulties; tilt of CIFAR as OpenCV 4 has it."""
    with (
        np.load(folder / "inputs.npz") as inputs,
        np.load(folder / "cifar_p.npz") as small,
        np.load(folder / "imagenet_p.npz") as large,
        np.load(folder / "opencv4_variants.npz") as four,
    ):
        for name, difficulty in p.CASES:
            key = p._key(name, difficulty)
            images = inputs["cifar"][[0, 3]]
            ours = [p._as_the_authors(image, name, difficulty, "cifar") for image in images]
            theirs = four["cifar-p-tilt-image0"][None] if name == "tilt" else small[key]
            pairs = [(a[: len(b)], b) for a, b in zip(ours, theirs, strict=False)]
            yield "-P", key, "32", pairs
        for name, difficulty in p.CASES:
            key = p._key(name, difficulty)
            film = p._as_the_authors(inputs["imagenet_resized256_0"], name, difficulty, "imagenet")
            stride, frame = large[f"{key}-stride8"], large[f"{key}-frame7"]
            pairs = [(film[:, ::8, ::8], stride), (film[7][::2, ::2], frame)]
            yield "-P", key, "224", pairs


def _released(data: Path) -> Iterator[Row]:
    """The one picture of the released CIFAR-10-C, where it was read back exactly."""
    with np.load(data / "cifar10c_official_image0.npz") as file:
        names = list(file["corruptions"])
        for name in c.RELEASED:
            mine = [corrupt(file["clean"][None], name, s)[0] for s in SEVERITIES]
            theirs = file["images"][names.index(name)]
            yield "released CIFAR-10-C", name, "32", list(zip(mine, theirs, strict=True))


if __name__ == "__main__":
    shared = Path(sys.argv[1])
    lines = table(shared / "goldens" / "corruptions", shared / "data")
    sys.stdout.writelines(f"{line}\n" for line in lines)
