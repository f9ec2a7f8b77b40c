"""The waves against their formulas, written out with a sine for every pixel."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from corruptions.bar.waves import cocentric_sine_waves, plasma_noise, single_frequency_greyscale
from corruptions.base import Floats, Images, Rng

Wave: TypeAlias = Callable[[Images, float, list[Rng]], Images]
SIZES = [(32, 32), (24, 41), (41, 24), (1, 5)]


def _pictures(height: int, width: int) -> Images:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (3, height, width, 3), dtype=np.uint8)


def _rngs(count: int = 3) -> list[Rng]:
    return [np.random.RandomState(seed) for seed in range(count)]


def _coordinates(height: int, width: int) -> tuple[Floats, Floats]:
    """The column x and the row y of every pixel."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    return x, y


def _sum(image: Images, change: Floats) -> Images:
    result: Images = np.clip(image + change[..., None], 0, 255).astype(np.uint8)
    return result


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_plane_wave_is_the_sine_of_its_angle(height: int, width: int) -> None:
    images, (x, y) = _pictures(height, width), _coordinates(height, width)

    result = single_frequency_greyscale(images, 4.5, _rngs())

    for image, found, rng in zip(images, result, _rngs(), strict=True):
        first = rng.uniform(-np.pi, np.pi)
        both = np.array([first, rng.uniform(-abs(first), abs(first))])[rng.permutation(2)]
        wave = np.sin(both[0] * x + both[1] * y + rng.uniform(0, 2 * np.pi))
        np.testing.assert_array_equal(found, _sum(image, 19.6 * 4.5 * wave))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_rings_are_a_sawtooth_of_the_swinging_distance(height: int, width: int) -> None:
    images, (x, y) = _pictures(height, width), _coordinates(height, width)
    side = min(height, width)

    result = cocentric_sine_waves(images, 8, _rngs())

    for image, found, rng in zip(images, result, _rngs(), strict=True):
        centre = rng.uniform(size=2)
        lobes, swing = rng.uniform(0, 10), rng.uniform(0, side / 10)
        ring = rng.uniform(0, side / 10)
        dx, dy = x - width * centre[0], y - height * centre[1]
        radius = np.hypot(dx, dy) + swing * np.sin(lobes * np.arctan2(dx, dy))
        sawtooth = np.mod(radius, ring) / ring - 0.5
        np.testing.assert_array_equal(found, _sum(image, 12.8 * 8 * sawtooth))


def _plasma(rng: Rng, height: int, width: int) -> tuple[int, Floats]:
    """The number of folds, and the pattern (H, W, 3)."""
    time, folds = rng.uniform(0, 6 * np.pi), rng.randint(4, 7)
    sharpness, scale = rng.uniform(0.5, 1), rng.uniform(0.075, 0.2) * min(height, width)
    x, y = (axis / scale for axis in _coordinates(height, width))
    frequency, slowness, divisor = 1.0, 1.0, 1.0
    for _ in range(folds):
        by_y = np.cos(y * frequency + time / slowness) / divisor
        by_x = np.sin(x * frequency + time / slowness) / divisor
        x, y = x + by_y - 0.3 * by_x, y + by_x + 0.3 * by_y
        frequency, slowness, divisor = (
            frequency * 1.93,
            slowness * 1.15,
            divisor * (2.25 - sharpness),
        )
    channels = np.sin(x - time), np.sin((x + y + np.sin(time)) / 2), np.sin(y + time)
    return folds, np.stack(channels, axis=2)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_plasma_is_folded_by_sines(height: int, width: int) -> None:
    count, seen = 12, set()
    images = np.repeat(_pictures(height, width), 4, axis=0)

    result = plasma_noise(images, 7, _rngs(count))

    for image, found, rng in zip(images, result, _rngs(count), strict=True):
        folds, pattern = _plasma(rng, height, width)
        blend = (1 - 44.8 / 255) * image + 44.8 * pattern
        np.testing.assert_array_equal(found, np.clip(blend, 0, 255).astype(np.uint8))
        seen.add(folds)
    assert seen == {4, 5, 6}


@pytest.mark.parametrize("function", [single_frequency_greyscale, cocentric_sine_waves])
def test_grey_waves_keep_grey_images_grey(function: Wave) -> None:
    grey = np.full((1, 24, 41, 3), 128, dtype=np.uint8)

    result = function(grey, 5, _rngs(1))

    assert (result == result[..., :1]).all()
    assert (result != grey).any()


@pytest.mark.parametrize(
    "function", [single_frequency_greyscale, cocentric_sine_waves, plasma_noise]
)
def test_without_magnitude_waves_change_nothing(function: Wave) -> None:
    images = _pictures(24, 41)

    np.testing.assert_array_equal(function(images, 0, _rngs()), images)
