"""The blurs of C-bar against scipy's own rotation and zoom."""

from typing import cast

import numpy as np
import pytest
from scipy.ndimage import rotate, zoom

from corruptions import Images
from corruptions.bar import blurs
from corruptions.bar.blurs import circular_motion_blur, transverse_chromatic_abberation
from corruptions.base import Floats, Rng

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)
OBLONG: Images = np.random.default_rng(1).integers(0, 256, (2, 24, 41, 3), dtype=np.uint8)


class Order:
    """A source of randomness whose permutation is known."""

    def __init__(self, *order: int) -> None:
        self.order = np.array(order)

    def permutation(self, count: int) -> Floats:
        """The known order."""
        assert count == len(self.order)
        return self.order


def _magnified(image: Images, magnitude: float, *order: int) -> Images:
    """One image (H, W, 3) with channels magnified in this order."""
    source = cast("Rng", Order(*order))
    result: Images = transverse_chromatic_abberation(image[None], magnitude, [source])[0]
    return result


def _mean_of_rotations(image: Images, magnitude: float) -> Images:
    """The published blur of one image, by 21 calls of scipy."""
    turns = np.linspace(-1, 1, 21)
    weights = np.exp(-2 * turns**2)
    total = np.zeros(image.shape)
    for turn, weight in zip(turns, weights / weights.sum(), strict=True):
        total += weight * rotate(image.astype(float), 1.5 * magnitude * turn, reshape=False)
    return total.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("magnitude", [2.8, 6.0])
@pytest.mark.parametrize("pictures", [PICTURE, OBLONG])
def test_circular_motion_blur_is_the_mean_of_rotations(pictures: Images, magnitude: float) -> None:
    expected = np.stack([_mean_of_rotations(image, magnitude) for image in pictures])

    difference = circular_motion_blur(pictures, magnitude).astype(int) - expected

    # Equal but for the order of sums, which moves a value that is a whole number of levels.
    assert np.abs(difference).max() <= 1
    assert (difference != 0).mean() < 1e-3


@pytest.mark.parametrize("side", [31, 32])
def test_circular_motion_blur_keeps_the_centre_and_darkens_the_corners(side: int) -> None:
    white = np.full((1, side, side, 3), 255, dtype=np.uint8)

    blurred = circular_motion_blur(white, 6.0)[0, :, :, 0]

    middle = slice(side // 2 - 8, side // 2 + 8)
    assert blurred[middle, middle].min() >= 254
    assert max(blurred[0, 0], blurred[0, -1], blurred[-1, 0], blurred[-1, -1]) < 220


def test_circular_motion_blur_is_stronger_towards_the_border() -> None:
    stripes = np.zeros((1, 33, 33, 3), dtype=np.uint8)
    stripes[:, :, ::4] = 255

    contrast = np.ptp(circular_motion_blur(stripes, 6.0)[0, :, 12:21, 0].astype(int), axis=1)

    assert contrast[16] > 200
    assert contrast[1] < 100


def test_a_circular_blur_without_an_angle_leaves_the_image() -> None:
    np.testing.assert_allclose(circular_motion_blur(OBLONG, 0.0).astype(int), OBLONG, atol=1)


@pytest.mark.parametrize("pictures", [PICTURE, OBLONG])
def test_circular_motion_blur_commutes_with_mirroring(pictures: Images) -> None:
    expected = circular_motion_blur(pictures, 5.2)

    for mirror in (np.s_[:, ::-1], np.s_[:, :, ::-1]):
        np.testing.assert_array_equal(
            circular_motion_blur(np.ascontiguousarray(pictures[mirror]), 5.2), expected[mirror]
        )


def test_an_image_is_blurred_the_same_in_whatever_batch() -> None:
    many = np.random.default_rng(2).integers(0, 256, (64, 32, 32, 3), dtype=np.uint8)

    whole = circular_motion_blur(many, 4.4)

    for count in (1, 2, 3, 7, 17):
        np.testing.assert_array_equal(circular_motion_blur(many[:count], 4.4), whole[:count])


@pytest.mark.parametrize("strip", [1, 100, 10_000])
@pytest.mark.parametrize("size", [(24, 41), (25, 40), (31, 33)])
def test_large_images_get_the_same_pixels_from_strips_without_a_matrix_of_all_turns(
    size: tuple[int, int], strip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.random.default_rng(3).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    expected = circular_motion_blur(images, 3.6)
    monkeypatch.setattr(blurs, "KEPT_PIXELS", 0)
    monkeypatch.setattr(blurs, "STRIP", strip)
    monkeypatch.delattr(blurs, "_turned_quarter")

    result = circular_motion_blur(images, 3.6)

    # Sums in another order may move a value that is a whole number of levels, as at a centre.
    assert np.abs(result.astype(int) - expected).max() <= 1
    assert (result != expected).mean() < 2e-3


def test_kept_matrices_are_small_and_cannot_be_written_to() -> None:
    matrix = blurs._turned_quarter(96, 96, 6.0)

    assert matrix.data.nbytes + matrix.indices.nbytes < 5e6
    assert blurs._turned_quarter(96, 96, 6.0) is matrix
    for array in (matrix.data, matrix.indices, matrix.indptr):
        assert not array.flags.writeable


@pytest.mark.parametrize("magnitude", [1, 2, 5, 9, 10])
@pytest.mark.parametrize("pictures", [PICTURE, OBLONG])
def test_each_channel_is_the_centre_of_scipys_zoom(pictures: Images, magnitude: float) -> None:
    image = pictures[0]
    height, width, _ = image.shape

    result = _magnified(image, magnitude, 2, 0, 1)

    for channel, growth in enumerate((0.05, 0.0, 0.025)):
        zoomed = zoom(image[..., channel], 1 + growth * magnitude, prefilter=False)
        top, left = (zoomed.shape[0] - height) // 2, (zoomed.shape[1] - width) // 2
        expected = zoomed[top : top + height, left : left + width]
        np.testing.assert_array_equal(result[..., channel], expected)


def test_the_channel_that_is_not_magnified_is_blurred_by_one_four_one() -> None:
    point = np.zeros((9, 9, 3), dtype=np.uint8)
    point[4, 4] = 252

    blurred = _magnified(point, 5, 0, 1, 2)[..., 0]

    # 252 / 36 = 7 for the corners.
    np.testing.assert_array_equal(blurred[3:6, 3:6], [[7, 28, 7], [28, 112, 28], [7, 28, 7]])
    assert blurred.sum() == 252


def test_images_of_a_batch_have_their_own_orders_of_channels() -> None:
    orders = [(0, 1, 2), (2, 1, 0)]
    sources = [cast("Rng", Order(*order)) for order in orders]

    batch = transverse_chromatic_abberation(PICTURE, 9, sources)

    for result, image, order in zip(batch, PICTURE, orders, strict=True):
        np.testing.assert_array_equal(result, _magnified(image, 9, *order))


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 9), (8, 8)])
def test_blurs_of_tiny_flat_images_are_no_brighter(shape: tuple[int, int]) -> None:
    tiny = np.full((1, *shape, 3), 77, dtype=np.uint8)

    np.testing.assert_array_equal(_magnified(tiny[0], 5, 0, 1, 2), tiny[0])
    assert circular_motion_blur(tiny, 6.0).max() <= 77
