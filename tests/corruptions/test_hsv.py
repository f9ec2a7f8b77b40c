"""The colour space against two other libraries, to the last bit where truncation depends on it."""

import colorsys

import numpy as np
import pytest

from corruptions.base import Floats
from corruptions.hsv import PIXELS_AT_ONCE, Planes, change_hsv, hsv2rgb, rgb2hsv


def _planes(pixels: Floats) -> Planes:
    """(P, 3) -> three (P,)."""
    return pixels[:, 0], pixels[:, 1], pixels[:, 2]


@pytest.fixture(scope="module")
def colours() -> Floats:
    """(P, 3) colours: all mixtures of 18 levels, with every tie of channels, and random ones."""
    levels = np.linspace(0, 255, 18).astype(np.uint8) / 255.0
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    return np.concatenate([grid, np.random.default_rng(0).random((5000, 3))])


def test_rgb_to_hsv_equals_scikit_image(colours: Floats) -> None:
    color = pytest.importorskip("skimage.color")

    np.testing.assert_array_equal(
        np.stack(rgb2hsv(_planes(colours)), axis=-1), color.rgb2hsv(colours)
    )


def test_hsv_to_rgb_equals_scikit_image(colours: Floats) -> None:
    color = pytest.importorskip("skimage.color")

    np.testing.assert_array_equal(
        np.stack(hsv2rgb(_planes(colours)), axis=-1), color.hsv2rgb(colours)
    )


def test_both_ways_agree_with_the_standard_library(colours: Floats) -> None:
    some = colours[::50]

    forth = np.stack(rgb2hsv(_planes(some)), axis=-1)
    back = np.stack(hsv2rgb(_planes(some)), axis=-1)

    np.testing.assert_allclose(forth, [colorsys.rgb_to_hsv(*c) for c in some], atol=1e-12)
    np.testing.assert_allclose(back, [colorsys.hsv_to_rgb(*c) for c in some], atol=1e-12)


def test_the_way_there_and_back_is_the_identity(colours: Floats) -> None:
    again = np.stack(hsv2rgb(rgb2hsv(_planes(colours))), axis=-1)

    np.testing.assert_allclose(again, colours, atol=1e-12)


def test_grey_has_neither_hue_nor_saturation() -> None:
    grey = np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [1.0, 1.0, 1.0]])

    hue, saturation, value = rgb2hsv(_planes(grey))

    assert hue.tolist() == saturation.tolist() == [0.0, 0.0, 0.0]
    assert value.tolist() == [0.0, 0.5, 1.0]


def test_images_larger_than_a_block_are_changed_to_the_last_pixel() -> None:
    images = np.full((1, 3, PIXELS_AT_ONCE // 2, 3), 100, dtype=np.uint8)

    result = change_hsv(images, lambda hsv: (hsv[0], hsv[1], hsv[2] * 0.5))

    assert np.unique(result).tolist() in ([49], [50])
