"""Glass blur against the authors' loop over pixels, and against copies by hand."""

import numpy as np
import pytest

from corruptions import Images
from corruptions.base import Rng
from corruptions.extra import gaussian_blur
from corruptions.glass import _follow, glass_blur

SHARP = 0.1  # a deviation that blurs nothing: the copies alone are seen


def _one_by_one(image: Images, reach: int, iterations: int, rng: Rng) -> Images:
    """The copies as a loop over the pixels from the last to the first, each with its own draw."""
    image = image.copy()
    height, width, _ = image.shape
    for _ in range(iterations):
        for row in range(height - reach, reach, -1):
            for column in range(width - reach, reach, -1):
                right, down = rng.randint(-reach, reach, size=2)
                image[row, column] = image[row + down, column + right]
    return image


@pytest.mark.parametrize("shape", [(24, 41), (41, 24), (9, 9), (8, 11), (3, 20), (2, 2), (1, 1)])
@pytest.mark.parametrize(("reach", "iterations"), [(1, 1), (1, 3), (2, 2), (3, 1), (4, 2), (5, 4)])
def test_pixels_are_those_of_the_loop(shape: tuple[int, int], reach: int, iterations: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    seeds = 3, 4

    result = glass_blur(images, (SHARP, reach, iterations), list(map(np.random.RandomState, seeds)))

    for got, image, seed in zip(result, images, seeds, strict=True):
        expected = _one_by_one(image, reach, iterations, np.random.RandomState(seed))
        np.testing.assert_array_equal(got, expected)


def test_a_changed_pixel_passes_its_new_colour_on() -> None:
    # From the last: 3 takes the old 1; 2 takes the new 3; 1 takes the new 2; 0 keeps its own.
    assert _follow(np.array([0, 2, 3, 1])).tolist() == [0, 1, 1, 1]


def test_an_unchanged_pixel_passes_its_old_colour_on() -> None:
    # From the last: 3 takes the old 2; 2 takes the old 1; 1 takes the old 0.
    assert _follow(np.array([0, 0, 1, 2])).tolist() == [0, 0, 1, 2]


def test_pixels_at_the_borders_keep_their_colours() -> None:
    images = np.random.default_rng(0).integers(0, 256, (1, 20, 20, 3), dtype=np.uint8)

    changed = (glass_blur(images, (SHARP, 4, 5), [np.random.RandomState(0)]) != images).any(axis=3)

    rows, columns = np.nonzero(changed[0])
    assert (rows.min(), rows.max()) == (columns.min(), columns.max()) == (5, 16)


def test_every_colour_was_in_the_image() -> None:
    images = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)

    result = glass_blur(images, (SHARP, 2, 3), [np.random.RandomState(0)])

    before = {tuple(pixel) for pixel in images.reshape(-1, 3).tolist()}
    assert {tuple(pixel) for pixel in result.reshape(-1, 3).tolist()} < before


@pytest.mark.parametrize("sigma", [0.05, 0.1, 0.12, 0.13, 0.25, 1.5])
def test_an_image_without_inner_pixels_is_blurred_twice(sigma: float) -> None:
    images = np.random.default_rng(0).integers(0, 256, (1, 8, 30, 3), dtype=np.uint8)

    result = glass_blur(images, (sigma, 4, 2), [np.random.RandomState(0)])

    np.testing.assert_array_equal(result, gaussian_blur(gaussian_blur(images, sigma), sigma))


def test_all_shifts_are_drawn_as_one_after_the_other() -> None:
    for reach in (1, 2, 3, 4, 5):
        one, other = np.random.RandomState(7), np.random.RandomState(7)

        together = one.randint(-reach, reach, size=(50, 2))

        singly = [other.randint(-reach, reach, size=2) for _ in range(50)]
        np.testing.assert_array_equal(together, singly)
