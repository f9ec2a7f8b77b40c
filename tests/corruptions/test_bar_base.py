"""Private seeds, additions in whole levels, and the tables of the C-bar corruptions."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from corruptions import GROUPS, corrupt, load
from corruptions.bar import BAR
from corruptions.bar.base import add_levels, private_rngs
from corruptions.base import Images

RAMP: Images = (np.arange(2 * 32 * 32 * 3) * 7 % 256).astype(np.uint8).reshape(2, 32, 32, 3)


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


@pytest.mark.parametrize(
    ("name", "family", "digest"),
    [
        ("blue_noise_sample", "cifar", "f4c67c3a7bc6c603"),
        ("checkerboard_cutout", "cifar", "b9bc3a39f506439f"),
        ("brownish_noise", "cifar", "10ccd2a18c31266d"),
        ("perlin_noise", "imagenet", "b2ed01fe1d597d7c"),
        ("plasma_noise", "imagenet", "6dff5bdb8bfa5dbd"),
        ("cocentric_sine_waves", "imagenet", "0e2ef1c14c1207e5"),
        ("single_frequency_greyscale", "imagenet", "64d9a3b25ff9811e"),
    ],
)
def test_the_pixels_of_this_generator_version_are_frozen(
    name: str, family: str, digest: str
) -> None:
    """When this fails, GENERATOR_VERSION must rise and the changelog must say so."""
    result = corrupt(RAMP, name, 3, family=family, seed=1, indices=[5, 6])

    assert hashlib.sha256(result.tobytes()).hexdigest()[:16] == digest
