"""Zooms against SciPy to the last bit, and against values by hand."""

from math import ceil

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import zoom

from corruptions.zoom import Real, clipped_zoom

SHAPES = [(32, 32), (24, 41), (41, 24), (8, 8), (3, 2), (1, 5), (1, 1)]


def _scipy_zoom(image: NDArray[Real], factor: float) -> NDArray[Real]:
    """The middle of one image (H, W, C), enlarged and cut."""
    height, width, _ = image.shape
    kept = ceil(height / factor), ceil(width / factor)
    top, left = (height - kept[0]) // 2, (width - kept[1]) // 2
    middle = image[top : top + kept[0], left : left + kept[1]]
    large: NDArray[Real] = zoom(middle, (factor, factor, 1), order=1)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return large[top : top + height, left : left + width]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factor", [1.0, 1.01, 1.1, 1.25, 1.3, 1.75, 2.5, 3, 4.5])
def test_zooms_equal_scipy_to_the_last_bit(shape: tuple[int, int], factor: float) -> None:
    double = np.random.default_rng(0).random((2, *shape, 3))
    single = double.astype(np.float32)

    doubly, singly = clipped_zoom(double, factor), clipped_zoom(single, factor)

    assert doubly.dtype == np.float64
    assert singly.dtype == np.float32
    np.testing.assert_array_equal(doubly, [_scipy_zoom(each, factor) for each in double])
    np.testing.assert_array_equal(singly, [_scipy_zoom(each, factor) for each in single])


def test_a_factor_of_one_changes_nothing() -> None:
    values = np.random.default_rng(0).random((1, 7, 9, 3)).astype(np.float32)

    result = clipped_zoom(values, 1)

    np.testing.assert_array_equal(result, values)
    assert not np.shares_memory(result, values)


def test_a_ramp_is_stretched_about_the_middle() -> None:
    # Of 6 columns the middle ceil(6 / 2) = 3 stay, enlarged corner to corner: 1 to 3 in 6 steps.
    ramp = np.arange(6, dtype=np.float32)[None, None, :, None] * np.ones((1, 6, 1, 1), np.float32)

    result = clipped_zoom(ramp, 2)[0, 0, :, 0]

    np.testing.assert_allclose(result, [1.0, 1.4, 1.8, 2.2, 2.6, 3.0], rtol=1e-6)
