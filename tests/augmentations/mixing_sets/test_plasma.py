"""Clouds: the field, its colours, and renderings at all sizes."""

import colorsys

import numpy as np
import pytest

from augmentations.mixing_sets.kinds.hsv import rgb_bytes
from augmentations.mixing_sets.kinds.plasma import (
    ENTRIES,
    PLASMA,
    Plasma,
    draw_palette_plasma,
    draw_plasma,
    field,
)
from augmentations.mixing_sets.quality import fault


def test_the_first_midpoints_worked_out_by_hand() -> None:
    corners = np.random.Generator(np.random.SFC64(4)).random((2, 2), np.float32)
    rng = np.random.Generator(np.random.SFC64(4))
    rng.random((2, 2), np.float32)
    middle, top, _, left, _ = rng.random(5, np.float32) - 0.5  # displaced by U(-1/2, 1/2)
    middle += corners.mean()
    (a, b), (c, _) = corners
    top += (a + b + 2 * middle) / 4  # what lies beyond the rim is mirrored
    left += (a + c + 2 * middle) / 4
    np.testing.assert_allclose(field(4, 0.6, 2), [[a, top], [left, middle]], rtol=1e-5)
    assert field(4, 0.6, 1) == a


def test_a_size_of_half_another_holds_every_second_value() -> None:
    large = field(11, 0.5, 256)
    for size in (128, 64, 32):
        np.testing.assert_array_equal(field(11, 0.5, size), large[:: 256 // size, :: 256 // size])


@pytest.mark.parametrize("size", [36, 100, 224, 300])
def test_any_size_shows_the_whole_cloud(size: int) -> None:
    values = field(12, 0.5, size)
    nodes = np.arange(size) * 256 // size
    assert values.shape == (size, size)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, field(12, 0.5, 256)[np.ix_(nodes, nodes)], atol=0.3)


def test_the_field_never_leaves_the_range_of_its_colours() -> None:
    for seed in range(40):
        levels = Plasma(seed, 0.4, np.zeros((ENTRIES, 3), np.uint8)).levels(64)
        assert 0 <= levels.min() <= levels.max() < ENTRIES


def test_each_level_of_detail_is_fainter_by_the_decay() -> None:
    for decay in (0.4, 0.8):
        steps = {}
        for size in (64, 128, 256):
            rough = [np.abs(np.diff(field(s, decay, size)[::2, ::2])).mean() for s in range(20)]
            steps[size] = np.mean(rough)
        fall = steps[128] / steps[256], steps[64] / steps[128]
        assert np.allclose(fall, np.exp(decay), rtol=0.25)


def test_the_rim_is_no_rougher_than_the_rest() -> None:
    rims, inner = [], []
    for seed in range(20):
        roughness = np.abs(np.diff(field(seed, 0.6, 128), axis=1)).mean(1)
        rims.append(roughness[0])
        inner.append(roughness[32:96].mean())
    assert np.mean(rims) < 1.5 * np.mean(inner)


def test_a_cloud_depends_on_its_source_of_randomness_alone() -> None:
    first, again, other = (PLASMA.draw(np.random.default_rng(s), 0)(64) for s in (1, 1, 2))
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_pixels_take_the_colours_of_the_table() -> None:
    table = np.repeat(np.arange(ENTRIES)[:, None] // 12, 3, axis=1).astype(np.uint8)
    cloud = Plasma(3, 0.5, table)
    expected = np.floor((field(3, 0.5, 32) + 2.5) * 512) // 12
    np.testing.assert_array_equal(cloud.render(32)[..., 0], expected)


def test_a_background_is_never_black_and_never_pale_grey() -> None:
    for seed in range(30):
        picture = draw_plasma(np.random.default_rng(seed)).render(64)
        value = picture.max(2)
        saturation = 1 - picture.min(2) / np.maximum(value, 1)
        assert np.median(value) > 90
        assert np.median(saturation) > 0.3


def test_a_cloud_in_palette_colours_holds_many_of_them() -> None:
    for seed in range(10):
        picture = draw_palette_plasma(np.random.default_rng(seed)).render(128)
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100


def test_dull_clouds_are_refused_and_others_accepted() -> None:
    faults = [
        fault(PLASMA.draw(np.random.default_rng(s), s)(128), PLASMA.limits) for s in range(30)
    ]
    assert fault(np.full((128, 128, 3), 7, np.uint8), PLASMA.limits) is not None
    assert 15 <= faults.count(None) < 30


def test_hue_saturation_and_value_agree_with_the_standard_library() -> None:
    rng = np.random.default_rng(0)
    hue, saturation, value = rng.uniform(-1, 2, 200), rng.uniform(size=200), rng.uniform(size=200)
    expected = [
        colorsys.hsv_to_rgb(h % 1, s, v) for h, s, v in zip(hue, saturation, value, strict=True)
    ]
    found = rgb_bytes(hue, saturation, value)
    assert found.dtype == np.uint8
    assert np.abs(found - 255 * np.array(expected)).max() <= 0.5 + 1e-9
    np.testing.assert_array_equal(rgb_bytes(np.zeros(1), 2.0, 3.0), [[255, 0, 0]])  # clipped
