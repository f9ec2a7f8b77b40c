"""Water and mud on the lens against values by hand."""

import warnings

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from corruptions import Images, corrupt, load
from corruptions.base import Floats
from corruptions.extra import spatter
from corruptions.spatter import liquid_layers, muddy, wet

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (1, 24, 41, 3), dtype=np.uint8)
GREY = np.full((1, 24, 41, 3), 0.5, dtype=np.float32)


def _splash(height: int, width: int, level: float = 0.75) -> Floats:
    """One layer that is liquid in its left half: (1, H, W)."""
    layer = np.zeros((1, height, width))
    layer[:, :, : width // 2] = level
    return layer


def test_a_layer_is_blurred_noise_without_what_lies_below_the_threshold() -> None:
    rngs = [np.random.RandomState(seed) for seed in (3, 4)]

    layers = liquid_layers(rngs, (24, 41), (0.65, 0.3, 1.5, 0.68))

    noise = np.random.RandomState(4).normal(0.65, 0.3, (24, 41))
    smooth = gaussian_filter(noise, 1.5, mode="nearest")
    assert 0 < (smooth > 0.68).mean() < 1
    np.testing.assert_array_equal(layers[1], np.where(smooth < 0.68, 0, smooth))


@pytest.mark.parametrize("mud", [0, 1])
def test_an_image_without_liquid_is_unchanged(mud: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = spatter(
            PICTURE, (0.2, 0.01, 1, 0.7, 0.5, mud), [np.random.RandomState(0) for _ in PICTURE]
        )

    np.testing.assert_array_equal(result, PICTURE)


def test_a_dry_image_leaves_its_wet_neighbour_as_it_is() -> None:
    images = np.repeat(GREY, 2, axis=0)
    layers = np.concatenate([np.zeros((1, 24, 41)), _splash(24, 41)])

    result = wet(images, layers, 0.5)

    np.testing.assert_array_equal(result[0], GREY[0])
    np.testing.assert_array_equal(result[1:], wet(GREY, _splash(24, 41), 0.5))


def test_water_brightens_by_pale_turquoise_where_there_is_liquid() -> None:
    layers = liquid_layers([np.random.RandomState(0)], (24, 41), (0.65, 0.3, 1.5, 0.68))

    gain = wet(np.zeros_like(GREY), layers, 0.6)[0]

    # The brightest drop of each image gains the intensity times the colour, on black.
    np.testing.assert_allclose(gain.max(axis=(0, 1)), 0.6 * np.array([175, 238, 238]) / 255)
    np.testing.assert_allclose(gain[..., 0] * 238, gain[..., 1] * 175, rtol=1e-6)
    assert gain.min() == 0
    assert not gain[layers[0] == 0].any()


def test_water_on_a_light_image_stops_at_white() -> None:
    assert wet(np.ones_like(GREY), _splash(24, 41), 1.0).max() == 1.0


def test_one_picture_goes_under_many_layers() -> None:
    layers = np.concatenate([_splash(24, 41), _splash(24, 41)[:, :, ::-1]])

    frames = wet(GREY, layers, 0.5)

    assert frames.shape == (2, 24, 41, 3)
    np.testing.assert_array_equal(frames[1:], wet(GREY, layers[1:], 0.5))


def test_a_layer_too_thick_for_a_byte_starts_again_at_nothing() -> None:
    # 1.004 * 255 = 256.02, which is 0 as a byte; 1.003 * 255 = 255.8 is the thickest there is.
    np.testing.assert_array_equal(wet(GREY, _splash(24, 41, 1.004), 0.5), GREY)
    assert (wet(GREY, _splash(24, 41, 1.003), 0.5) != GREY).any()


def test_mud_covers_the_inside_of_a_splash_and_nothing_outside() -> None:
    result = muddy(GREY, _splash(24, 41), 1.0)[0]

    np.testing.assert_allclose(result[:, :10] * 255, np.tile([63, 42, 20], (24, 10, 1)), atol=1e-3)
    np.testing.assert_array_equal(result[:, 20:], GREY[0, :, 20:])


def test_the_rim_of_mud_is_cut_where_it_gets_thin() -> None:
    # Taps of .399, .242, .054 and .004 leave the columns inside the edge a cover of .699, .941,
    # .995. The first is below 0.8 and stays clean.
    result = muddy(GREY[:, :, :40], _splash(24, 40), 1.0)[0, 12, :, 0]

    assert result[19] == 0.5
    cover = (0.5 - result[18]) / (0.5 - 63 / 255)
    assert cover == pytest.approx(0.941, abs=0.001)


def test_the_first_three_severities_are_water_and_the_others_mud() -> None:
    for table in load("spatter").severities.values():
        assert [row[-1] for row in table] == [0, 0, 0, 1, 1]

    black = np.zeros((8, 32, 32, 3), dtype=np.uint8)
    for severity in range(1, 6):
        red, _, blue = corrupt(black, "spatter", severity).reshape(-1, 3).max(axis=0)
        assert (blue > red) == (severity <= 3)
