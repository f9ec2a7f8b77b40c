"""Cutout: the hole, its exact law (false-alarm rate 1e-4), its colour."""

from collections import Counter

import pytest
import torch
from scipy import stats

from augmentations.base import Batch
from augmentations.cutout import Cutout
from augmentations.random import image_keys

ALARM = 1e-4


def batch(count: int, size: tuple[int, int], seed: int = 0) -> Batch:
    """White images, so that the hole shows."""
    return Batch(
        torch.ones(count, 3, *size), torch.arange(count), image_keys(seed, 0, torch.arange(count))
    )


def extent(centre: int, hole: int, side: int) -> range:
    """Pixels that a hole covers along a side."""
    return range(max(0, centre - hole // 2), min(side, centre + hole // 2))


@pytest.mark.parametrize(("hole", "size"), [(16, (32, 32)), (8, (16, 24)), (6, (5, 9))])
def test_the_area_has_the_law_of_a_centre_uniform_over_the_pixels(
    hole: int, size: tuple[int, int]
) -> None:
    holes = Cutout(size=hole)(batch(20_000, size)).images[:, 0] < 1
    law = Counter(
        len(extent(y, hole, size[0])) * len(extent(x, hole, size[1]))
        for y in range(size[0])
        for x in range(size[1])
    )
    seen = Counter(holes.sum((1, 2)).tolist())
    assert set(seen) <= set(law)
    areas = sorted(law)
    wanted = [law[area] / (size[0] * size[1]) * 20_000 for area in areas]
    assert stats.chisquare([seen[area] for area in areas], wanted).pvalue > ALARM


def test_all_holes_of_a_small_image_occur_equally_often() -> None:
    keys = image_keys(1, 0, torch.arange(30_000))
    plan = Cutout(size=4)._draw(keys, (5, 6))
    seen = Counter(
        zip(
            *(side.tolist() for side in (plan.top, plan.bottom, plan.left, plan.right)), strict=True
        )
    )
    wanted: Counter[tuple[int, int, int, int]] = Counter()
    for y in range(5):
        for x in range(6):
            rows, columns = extent(y, 4, 5), extent(x, 4, 6)
            wanted[rows.start, rows.stop, columns.start, columns.stop] += 1000
    assert set(seen) == set(wanted)
    assert stats.chisquare([seen[h] for h in wanted], list(wanted.values())).pvalue > ALARM


def test_each_pixel_is_the_fill_inside_the_hole_and_untouched_outside() -> None:
    some = batch(20, (12, 10))
    images = torch.rand(20, 3, 12, 10, generator=torch.Generator().manual_seed(0))
    method = Cutout(size=8, fill=(0.1, 0.2, 0.3))
    result = method(some.replace(images=images)).images
    plan = method._draw(some.keys, (12, 10))
    for row in range(20):
        wanted = images[row].clone()
        hole = (slice(plan.top[row], plan.bottom[row]), slice(plan.left[row], plan.right[row]))
        wanted[(slice(None), *hole)] = torch.tensor([0.1, 0.2, 0.3])[:, None, None]
        assert torch.equal(result[row], wanted)


def test_the_default_fill_is_zero_after_the_normalisation_of_the_recipes() -> None:
    result = Cutout()(batch(4, (32, 32))).images
    assert set(((result - 0.5) / 0.5).flatten().tolist()) == {0.0, 1.0}


def test_a_hole_of_odd_size_loses_a_pixel() -> None:
    holes = Cutout(size=5)(batch(300, (32, 32))).images[:, 0] < 1
    assert holes.sum((1, 2)).max() == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 1}, "size must be an integer of at least 2, got 1"),
        ({"size": 8.0}, "size must be an integer of at least 2, got 8.0"),
        ({"fill": (0.5, 0.5)}, r"three numbers in \[0, 1\], got \(0.5, 0.5\)"),
        ({"fill": (0, 0, 127)}, r"three numbers in \[0, 1\], got \(0, 0, 127\)"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Cutout(**arguments)  # type: ignore[arg-type]


def test_a_hole_that_would_cover_every_image_is_refused() -> None:
    Cutout(size=62)(batch(2, (32, 32)))
    with pytest.raises(ValueError, match="below twice the image, 32 x 32, got 64"):
        Cutout(size=64)(batch(2, (32, 32)))
