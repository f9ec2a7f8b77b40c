"""The weather corruptions against values by hand and another library."""

import numpy as np
import pytest

from corruptions import Images, corrupt
from corruptions.weather import brightness


def _pixel(*rgb: int) -> Images:
    """One image of one pixel."""
    return np.array(rgb, dtype=np.uint8).reshape(1, 1, 1, 3)


def test_brightness_raises_grey_by_the_shift() -> None:
    # 100 + 0.2 * 255 = 151, less what truncation takes.
    assert set(brightness(_pixel(100, 100, 100), 0.2).ravel()) <= {150, 151}


def test_brightness_keeps_hue_and_saturation() -> None:
    # Value 120 becomes 120 + 127.5 = 247.5; the ratios 1 : 1/2 : 1/4 stay.
    assert brightness(_pixel(120, 60, 30), 0.5).ravel().tolist() == [247, 123, 61]


def test_brightness_stops_at_white() -> None:
    assert brightness(_pixel(200, 100, 0), 0.5).ravel().tolist() == [255, 127, 0]


@pytest.mark.parametrize("severity", range(1, 6))
def test_brightness_equals_the_same_steps_in_scikit_image(severity: int) -> None:
    color = pytest.importorskip("skimage.color")
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    hsv = color.rgb2hsv(images / 255.0)
    hsv[..., 2] = np.clip(hsv[..., 2] + (0.05, 0.1, 0.15, 0.2, 0.3)[severity - 1], 0, 1)

    expected = (np.clip(color.hsv2rgb(hsv), 0, 1) * 255).astype(np.uint8)

    np.testing.assert_array_equal(corrupt(images, "brightness", severity), expected)
