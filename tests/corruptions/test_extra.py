"""The validation corruptions against values by hand and another library."""

import numpy as np
import pytest

from corruptions import Images, corrupt
from corruptions.extra import gaussian_blur, saturate


def test_speckle_noise_grows_with_the_value() -> None:
    # Relative standard error of a standard deviation over 24576 values: 0.45 %. Five of them, and
    # truncation adds up to 1/12 level squared to a variance of (0.06 * 64)^2 or more.
    for value in (64, 128):
        images = np.full((8, 32, 32, 3), value, dtype=np.uint8)
        for severity, sigma in enumerate((0.06, 0.10, 0.12, 0.16, 0.20), start=1):
            spread = corrupt(images, "speckle_noise", severity).std()

            assert spread == pytest.approx(sigma * value, rel=0.03)


def test_speckle_noise_leaves_black_black() -> None:
    assert corrupt(np.zeros((1, 32, 32, 3), dtype=np.uint8), "speckle_noise", 5).max() == 0


@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5])
def test_gaussian_blur_spreads_a_point_into_a_gaussian(sigma: float) -> None:
    point = np.zeros((1, 41, 41, 3), dtype=np.uint8)
    point[:, 20, 20, 1] = 255
    tap = np.exp(-((np.arange(41) - 20.0) ** 2) / (2 * sigma**2))
    tap /= tap.sum()

    result = gaussian_blur(point, sigma)[0]

    np.testing.assert_allclose(result[..., 1] / 255, np.outer(tap, tap), atol=1 / 255)
    assert result[..., 0].max() == result[..., 2].max() == 0


def test_gaussian_blur_repeats_the_edge() -> None:
    images = np.zeros((1, 9, 9, 3), dtype=np.uint8)
    images[:, :, 0] = 255

    # The column at the edge counts for itself and for all that lies outside: more than half.
    assert gaussian_blur(images, 1.0)[0, 4, 0, 0] > 128


def test_gaussian_blur_equals_scikit_image() -> None:
    filters = pytest.importorskip("skimage.filters")
    images = np.random.default_rng(0).integers(0, 256, (2, 20, 30, 3), dtype=np.uint8)

    for sigma in (0.4, 1, 6.5):
        expected = [filters.gaussian(image / 255.0, sigma, channel_axis=-1) for image in images]
        clipped = (np.clip(expected, 0, 1) * 255).astype(np.uint8)

        np.testing.assert_array_equal(gaussian_blur(images, sigma), clipped)


def _pixel(*rgb: int) -> Images:
    """One image of one pixel."""
    return np.array(rgb, dtype=np.uint8).reshape(1, 1, 1, 3)


def test_saturate_keeps_value_and_hue() -> None:
    # Value 200, saturation 1/2 halved to 1/4: the lowest channel rises to 150, the middle to 175.
    np.testing.assert_allclose(
        saturate(_pixel(200, 100, 150), (0.5, 0.0)).ravel(), [200, 150, 175], atol=1
    )


def test_saturate_stops_at_pure_colours() -> None:
    assert saturate(_pixel(200, 100, 100), (20, 0.2)).ravel().tolist() == [200, 0, 0]


def test_the_offset_of_saturate_turns_grey_red() -> None:
    # Grey has hue 0 by convention, so the offset makes the authors' strongest severities reddish.
    result = saturate(_pixel(100, 100, 100), (2, 0.1)).ravel()

    assert result[0] == 100
    np.testing.assert_allclose(result[1:], 90, atol=1)


@pytest.mark.parametrize("severity", range(1, 6))
def test_saturate_equals_the_same_steps_in_scikit_image(severity: int) -> None:
    color = pytest.importorskip("skimage.color")
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
    gain, offset = ((0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2))[severity - 1]
    hsv = color.rgb2hsv(images / 255.0)
    hsv[..., 1] = np.clip(hsv[..., 1] * gain + offset, 0, 1)

    expected = (np.clip(color.hsv2rgb(hsv), 0, 1) * 255).astype(np.uint8)

    np.testing.assert_array_equal(corrupt(images, "saturate", severity), expected)
