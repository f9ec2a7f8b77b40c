"""The blur corruptions against what their names promise."""

import numpy as np
import pytest
from scipy.ndimage import minimum_filter

from corruptions import Images, corrupt
from corruptions.base import Floats
from corruptions.blur import _disk, defocus_blur

POINT: Images = np.zeros((1, 31, 31, 3), dtype=np.uint8)
POINT[:, 15, 15] = 255


def _spread(radius: float, alias_sigma: float) -> Floats:
    """What a white point becomes, on the [0, 1] scale: (31, 31)."""
    blurred: Floats = defocus_blur(POINT, (radius, alias_sigma))[0, :, :, 0] / 255.0
    return blurred


def test_a_radius_below_one_pixel_is_a_three_by_three_gaussian() -> None:
    tap = np.exp(-np.array([1.0, 0.0, 1.0]) / (2 * 0.4**2))
    tap /= tap.sum()

    spread = _spread(0.3, 0.4)

    np.testing.assert_allclose(spread[14:17, 14:17], np.outer(tap, tap), atol=1 / 255)
    assert np.count_nonzero(spread) <= 9


def test_a_radius_of_one_pixel_is_a_plus_of_five() -> None:
    plus = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]]) / 5

    # The edge's deviation of 0.2 pixels moves no more than exp(-12.5) of the mass.
    np.testing.assert_allclose(_spread(1, 0.2)[14:17, 14:17], plus, atol=1 / 255)


def test_a_radius_of_one_and_a_half_is_a_box_of_nine() -> None:
    np.testing.assert_allclose(
        _spread(1.5, 0.1)[14:17, 14:17], np.full((3, 3), 1 / 9), atol=1 / 255
    )


@pytest.mark.parametrize("radius", [3, 6, 10])
def test_the_disk_is_round_and_reaches_its_radius(radius: int) -> None:
    rows, columns = np.mgrid[-15:16, -15:16]
    distance = np.hypot(rows, columns)
    spread = _spread(radius, 0.1)

    inside = spread[distance <= radius]
    assert inside.min() == inside.max() == pytest.approx(1 / len(inside), abs=1 / 255)
    assert spread[distance > radius + 1.5].max() == 0


@pytest.mark.parametrize(("radius", "soft_pixels"), [(6, 1), (8, 1), (10, 2), (12, 2)])
def test_the_soft_edge_is_wider_above_a_radius_of_eight(radius: int, soft_pixels: int) -> None:
    centre = max(8, radius)
    rows, columns = np.mgrid[-centre : centre + 1, -centre : centre + 1]
    disk = rows**2 + columns**2 <= radius**2

    inner = minimum_filter(disk, 2 * soft_pixels + 1, mode="reflect")

    # Only pixels within the edge's reach of the outside have lost some of the full weight.
    kernel = _disk(radius, 0.5)
    assert set(np.unique(kernel[inner] == kernel.max())) == {True}
    assert (kernel[disk & ~inner] < kernel.max()).all()


@pytest.mark.parametrize("severity", range(1, 6))
def test_blur_keeps_a_flat_image_flat(severity: int) -> None:
    flat = np.full((1, 32, 32, 3), 200, dtype=np.uint8)

    # Truncation may take one level where the mass of the kernel is a hair below 1.
    assert set(np.unique(corrupt(flat, "defocus_blur", severity))) <= {199, 200}
