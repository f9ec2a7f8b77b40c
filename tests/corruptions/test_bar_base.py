"""Private seeds, additions in whole levels, and the tables of the C-bar corruptions."""

import re
from pathlib import Path

import numpy as np
import pytest

from corruptions import GROUPS, load
from corruptions.bar import BAR
from corruptions.bar.base import add_levels, private_rngs


def test_a_private_source_is_seeded_by_the_next_draw_of_the_images_own() -> None:
    rngs = [np.random.RandomState(seed) for seed in (0, 1)]
    draws = [private.normal(size=3).tolist() for private in private_rngs(rngs)]

    for seed, found in enumerate(draws):
        private_seed = np.random.RandomState(seed).randint(0, 2**32)
        assert found == np.random.RandomState(private_seed).normal(size=3).tolist()


def test_sums_are_clipped_and_truncated() -> None:
    images = np.array([100, 100, 100, 3, 250, 0], dtype=np.uint8).reshape(1, 1, 2, 3)
    change = np.array([0.9, -0.1, -1.0, -4.5, 6.0, -0.5]).reshape(1, 1, 2, 3)

    assert add_levels(images, change).ravel().tolist() == [100, 99, 99, 0, 255, 0]


def test_whole_levels_give_the_pixels_of_the_sum_in_floating_point() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    change = rng.normal(scale=90, size=(4, 16, 16, 1))
    expected = np.clip(images + change, 0, 255).astype(np.uint8)

    np.testing.assert_array_equal(add_levels(images, change), expected)


@pytest.mark.shared
@pytest.mark.parametrize("name", GROUPS["bar"])
def test_the_magnitudes_are_those_of_the_reference_table(name: str, shared: Path) -> None:
    text = (shared / "specs" / "corruptions.md").read_text()
    row = rf"^\|[\w ]*\| {name}(?: \(sic\))? \| ((?:[\d.]+ ){{5}})\|$"
    published = [tuple(map(float, cell.split())) for cell in re.findall(row, text, re.MULTILINE)]

    assert list(load(name).severities.values()) == published


def test_only_the_rotating_blur_draws_nothing() -> None:
    assert [entry.name for entry in BAR if not entry.stochastic] == ["circular_motion_blur"]
