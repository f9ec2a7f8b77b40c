"""Motion blur against its definition, written out pixel by pixel, and against values by hand."""

from itertools import product
from math import ceil, cos, floor, hypot, radians, sin

import numpy as np
import pytest

from corruptions import Images, corrupt
from corruptions.motion import motion_blur_images

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (1, 9, 12, 3), dtype=np.uint8)


def _by_definition(image: Images, radius: float, sigma: float, angle: float) -> Images:
    """All taps of one image in double precision, rounded to 16 bits and truncated to 8."""
    height, width, _ = image.shape
    taps = 2 * ceil(radius) + 1
    weights = np.exp(-(np.arange(taps) ** 2) / (2.0 * sigma**2))
    weights /= weights.sum()
    down, right = taps * sin(radians(angle)), taps * cos(radians(angle))
    length = hypot(down, right)
    result = np.empty_like(image)
    for row, column, channel in product(*map(range, image.shape)):
        value = 0.0
        for step, weight in enumerate(weights):
            y = min(max(row + ceil(step * down / length - 0.5), 0), height - 1)
            x = min(max(column + ceil(step * right / length - 0.5), 0), width - 1)
            value += weight * image[y, x, channel]
        result[row, column, channel] = floor(floor(value * 257 + 0.5) / 257)
    return result


@pytest.mark.parametrize("angle", [0, 30, 60, 90, 150, -45, 45, 180, -135, -90, 17.3, -71.9])
@pytest.mark.parametrize(("radius", "sigma"), [(2, 1.0), (6, 1.0), (10, 15.0)])
def test_pixels_are_those_of_the_definition(radius: int, sigma: float, angle: float) -> None:
    result = motion_blur_images(PICTURE, radius, sigma, [angle])

    np.testing.assert_array_equal(result[0], _by_definition(PICTURE[0], radius, sigma, angle))


@pytest.mark.parametrize(("angle", "axis", "sign"), [(0, 1, -1), (180, 1, 1), (90, 0, -1)])
def test_a_point_leaves_half_a_gaussian_behind(angle: float, axis: int, sign: int) -> None:
    point = np.zeros((1, 21, 21, 1), dtype=np.uint8)
    point[0, 10, 10] = 255
    half = np.exp(-(np.arange(5) ** 2) / 2.0)

    result = motion_blur_images(point, 2, 1.0, [angle])[0, :, :, 0]

    line = result[:, 10] if axis == 0 else result[10]
    assert line[10::sign][:5].tolist() == [floor(255 * w) for w in half / half.sum()]
    assert result.sum() == line.sum()


def test_every_image_has_its_own_angle() -> None:
    images = np.repeat(PICTURE, 3, axis=0)
    angles = [10.0, -40.0, 120.0]

    result = motion_blur_images(images, 5, 3.0, angles)

    for image, angle in zip(result, angles, strict=True):
        np.testing.assert_array_equal(image, motion_blur_images(PICTURE, 5, 3.0, [angle])[0])


def test_a_single_channel_is_blurred_as_one_of_three() -> None:
    colour = motion_blur_images(PICTURE, 5, 3.0, [25.0])

    for channel in range(3):
        grey = motion_blur_images(PICTURE[..., channel : channel + 1], 5, 3.0, [25.0])
        np.testing.assert_array_equal(grey[..., 0], colour[..., channel])


def test_flat_images_stay_flat_to_the_border() -> None:
    flat = np.arange(256, dtype=np.uint8)[:, None, None, None] * np.ones((1, 6, 3, 1), np.uint8)

    # The weights sum to a hair less than 1, which rounding to 16 bits makes good.
    np.testing.assert_array_equal(motion_blur_images(flat, 20, 15.0, [-33.0] * 256), flat)


def test_each_image_needs_its_angle() -> None:
    with pytest.raises(ValueError, match="argument 3 is"):
        motion_blur_images(np.repeat(PICTURE, 2, axis=0), 2, 1.0, [0.0])


def test_the_slope_is_drawn_within_45_degrees_of_the_rows() -> None:
    point = np.zeros((64, 32, 32, 3), dtype=np.uint8)
    point[:, 16, 20] = 255

    rows, columns = np.nonzero(corrupt(point, "motion_blur", 5)[..., 0].max(axis=0))

    assert columns.min() < 16 < columns.max() == 20
    assert (np.abs(rows - 16) <= 20 - columns).all()
    assert rows.min() < 14
    assert rows.max() > 18
