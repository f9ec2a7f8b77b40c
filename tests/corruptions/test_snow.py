"""Snow against its steps one by one, and against values by hand."""

import cv2
import numpy as np
import pytest

from corruptions import Images, corrupt, load
from corruptions.base import Family, Rng
from corruptions.motion import motion_blur_images
from corruptions.snow import Parameters, snow
from corruptions.zoom import clipped_zoom

NO_FLAKES: Parameters = (0.1, 0.3, 1, 99, 10, 4, 0.5)


def _step_by_step(image: Images, parameters: Parameters, rng: Rng) -> Images:
    """The authors' order of one image, with their types."""
    mean, spread, factor, threshold, radius, sigma, weight = parameters
    noise = rng.normal(size=image.shape[:2], loc=mean, scale=spread)[None, ..., None]
    layer = clipped_zoom(noise, factor)
    layer[layer < threshold] = 0
    flakes = (np.clip(layer, 0, 1) * 255).astype(np.uint8)
    layer = motion_blur_images(flakes, radius, sigma, [rng.uniform(-135, -45)])[0] / 255.0
    values = np.array(image / 255.0, dtype=np.float32)
    grey = cv2.cvtColor(values, cv2.COLOR_RGB2GRAY)[..., None]
    values = weight * values + (1 - weight) * np.maximum(values, grey * 1.5 + 0.5)
    total = np.clip(values + layer + np.rot90(layer, k=2), 0, 1) * 255
    result: Images = total.astype(np.uint8)
    return result


@pytest.mark.parametrize("severity", range(1, 6))
@pytest.mark.parametrize("family", ["cifar", "tiny", "imagenet"])
@pytest.mark.parametrize("shape", [(32, 32), (24, 41), (5, 3), (1, 1)])
def test_pixels_are_those_of_the_steps(
    shape: tuple[int, int], family: Family, severity: int
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *shape, 3), dtype=np.uint8)
    parameters = load("snow").parameters(severity, family)
    seeds = 5, 6, 7

    result = snow(images, parameters, list(map(np.random.RandomState, seeds)))

    for got, image, seed in zip(result, images, seeds, strict=True):
        expected = _step_by_step(image, parameters, np.random.RandomState(seed))
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0, 63),  # half of black and half of 0.5: 63.75
        (100, 188),  # 0.5 * 100 + 0.5 * (1.5 * 100 + 127.5) = 188.75
        (200, 255),
        (255, 255),
    ],
)
def test_without_flakes_grey_is_mixed_with_a_lighter_grey(before: int, after: int) -> None:
    grey = np.full((1, 4, 4, 3), before, dtype=np.uint8)

    result = snow(grey, NO_FLAKES, [np.random.RandomState(0)])

    assert set(result.ravel()) == {after}


def test_bright_colours_lose_their_saturation() -> None:
    # Blue weighs 0.114: the others rise to half of 1.5 * 0.114 + 0.5, in levels 85.55.
    blue = np.zeros((1, 2, 2, 3), dtype=np.uint8)
    blue[..., 2] = 255

    result = snow(blue, NO_FLAKES, [np.random.RandomState(0)])

    assert result[0, 0, 0].tolist() == [85, 85, 255]


def test_flakes_fall_alike_from_both_ends() -> None:
    flat = np.zeros((2, 24, 41, 3), dtype=np.uint8)

    result = corrupt(flat, "snow", 3, family="cifar")

    np.testing.assert_array_equal(result, result[:, ::-1, ::-1])
    assert np.ptp(result) > 50
    np.testing.assert_array_equal(result[..., 0], result[..., 2])


def test_flakes_fall_rather_than_drift() -> None:
    flat = np.zeros((64, 32, 32, 3), dtype=np.uint8)

    flakes = corrupt(flat, "snow", 4)[..., 0].astype(float)

    # Smeared within 45 degrees of the columns, neighbours along a column differ less.
    assert np.abs(np.diff(flakes, axis=1)).mean() < 0.7 * np.abs(np.diff(flakes, axis=2)).mean()


def test_snow_never_darkens() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)

    for severity in range(1, 6):
        # Single precision and truncation may take one level of what stays as it is.
        assert (corrupt(images, "snow", severity).astype(int) - images).min() >= -1
