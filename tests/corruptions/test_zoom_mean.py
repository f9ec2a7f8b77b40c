"""Zoom blur against the authors' sums, which single precision and truncation depend on."""

from collections.abc import Sequence
from math import ceil

import numpy as np
import pytest
from scipy.ndimage import zoom

from corruptions import Images, corrupt, load, zoom_mean
from corruptions.base import Family
from corruptions.zoom_mean import SMALL, mean_of_zooms


def _one_after_the_other(images: Images, factors: Sequence[float]) -> Images:
    """The mean of square or oblong images and of their zooms by SciPy, in single precision."""
    result = np.empty_like(images)
    size = images.shape[1:3]
    for row, image in zip(result, images, strict=True):
        values = (image / 255.0).astype(np.float32)
        total = np.zeros_like(values)
        for factor in factors:
            kept = [ceil(n / factor) for n in size]
            top, left = ((n - k) // 2 for n, k in zip(size, kept, strict=True))
            middle = values[top : top + kept[0], left : left + kept[1]]
            large = zoom(middle, (factor, factor, 1), order=1)
            top, left = ((grown - n) // 2 for n, grown in zip(size, large.shape, strict=False))
            total += large[top : top + size[0], left : left + size[1]]
        row[...] = np.clip((values + total) / (len(factors) + 1), 0, 1) * 255
    return result


def _factors(severity: int, family: Family) -> list[float]:
    """The published zooms."""
    zooms: list[float] = np.arange(*load("zoom_blur").parameters(severity, family)).tolist()
    return zooms


def _pictures(height: int, width: int) -> Images:
    """Two images of noise with a flat corner."""
    images = np.random.default_rng(0).integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    images[0, : height // 2, : width // 2] = 255
    images[1, height // 2 :, : width // 2] = 77
    return images


@pytest.mark.parametrize(
    ("family", "lengths"), [("cifar", [7, 12, 16, 21, 26]), ("imagenet", [12, 16, 11, 13, 11])]
)
def test_rounding_adds_a_last_zoom_to_some_published_lists(
    family: Family, lengths: list[int]
) -> None:
    assert [len(_factors(severity, family)) for severity in range(1, 6)] == lengths


@pytest.mark.parametrize("severity", range(1, 6))
@pytest.mark.parametrize(("shape", "family"), [((32, 32), "cifar"), ((66, 70), "imagenet")])
def test_zoom_blur_equals_the_authors_sums(
    shape: tuple[int, int], family: Family, severity: int
) -> None:
    assert (shape[0] * shape[1] > SMALL) == (family == "imagenet")  # both ways of summing
    images = _pictures(*shape)

    result = corrupt(images, "zoom_blur", severity, family=family)

    expected = _one_after_the_other(images, _factors(severity, family))
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("severity", range(1, 6))
def test_flat_images_have_the_truncation_of_the_authors_sums(severity: int) -> None:
    # All values lie on a whole level, where only the authors' precision tells which.
    flat = np.arange(256, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    factors = _factors(severity, "cifar")

    result = mean_of_zooms(flat, factors)

    np.testing.assert_array_equal(result, _one_after_the_other(flat, factors))
    assert (flat.astype(int) - result).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 2), (24, 41), (100, 45)])
def test_zoom_blur_takes_images_of_any_size(shape: tuple[int, int]) -> None:
    images = _pictures(*shape)

    result = corrupt(images, "zoom_blur", 5, family="imagenet")

    expected = _one_after_the_other(images, _factors(5, "imagenet"))
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("shape", [(32, 32), (70, 66)])
def test_values_in_doubt_are_all_summed_again(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Specks of one level: most values are near a whole one, and few areas are flat.
    images = _pictures(*shape) // 128 + np.uint8(200)
    factors = _factors(3, "cifar")
    expected = _one_after_the_other(images, factors)

    np.testing.assert_array_equal(mean_of_zooms(images, factors), expected)
    monkeypatch.setattr(zoom_mean, "DOUBTS_AT_ONCE", 7)
    np.testing.assert_array_equal(mean_of_zooms(images, factors), expected)


@pytest.mark.parametrize("shape", [(40, 30), (70, 66)])
def test_a_single_channel_is_averaged_as_one_of_three(shape: tuple[int, int]) -> None:
    images, factors = _pictures(*shape), _factors(5, "cifar")

    colour = mean_of_zooms(images, factors)

    np.testing.assert_array_equal(mean_of_zooms(images[..., 1:2], factors), colour[..., 1:2])
