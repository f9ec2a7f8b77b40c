"""The digital corruptions against values by hand."""

import numpy as np
import pytest

from corruptions import Images, corrupt
from corruptions.digital import contrast, jpeg_compression, pixelate

PICTURE: Images = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)


def test_contrast_pulls_each_channel_to_its_own_mean() -> None:
    images = np.array([[[[0, 10, 200], [200, 10, 100]]]], dtype=np.uint8)

    # Means 100, 10, 150: 0 -> 75, 200 -> 125; 200 -> 162.5, 100 -> 137.5.
    result = contrast(images, 0.25)

    np.testing.assert_allclose(result[0, 0], [[75, 10, 162], [125, 10, 137]], atol=1)


def test_contrast_uses_the_mean_of_each_image_alone() -> None:
    images = np.concatenate([np.full_like(PICTURE, 50), np.full_like(PICTURE, 250)])

    np.testing.assert_allclose(contrast(images, 0.1).astype(int), images, atol=1)


def test_pixelate_by_half_averages_blocks_of_four() -> None:
    blocks = PICTURE[0].reshape(16, 2, 16, 2, 3).mean(axis=(1, 3))

    result = pixelate(PICTURE, 0.5)[0]

    np.testing.assert_array_equal(result[::2, ::2], result[1::2, 1::2])
    np.testing.assert_allclose(
        result[::2, ::2], blocks, atol=1
    )  # rounds after rows and after columns


def test_pixelate_rounds_the_small_side_down() -> None:
    # int(32 * 0.65) = 20 columns: as many distinct values remain in a ramp.
    ramp = np.repeat(np.arange(0, 256, 8, dtype=np.uint8)[None, :, None], 32, axis=0)
    images = np.repeat(ramp, 3, axis=2)[None]

    coarse = corrupt(images, "pixelate", 5)[0, 0, :, 0]

    assert np.abs(np.diff(coarse.astype(int)) > 0).sum() >= 19
    np.testing.assert_array_equal(pixelate(images, 20 / 32)[0, 0, :, 0], coarse)


def test_pixelate_leaves_one_pixel_of_a_tiny_image() -> None:
    images = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)

    assert len(np.unique(pixelate(images, 0.25)[0].reshape(-1, 3), axis=0)) == 1


def test_jpeg_compression_errs_more_at_lower_quality() -> None:
    errors = [
        np.abs(jpeg_compression(PICTURE, quality).astype(int) - PICTURE).mean()
        for quality in (95, 80, 50, 25, 7)
    ]

    assert errors == sorted(errors)
    assert errors[0] > 0


def test_jpeg_compression_halves_the_resolution_of_colours() -> None:
    columns = np.where(np.arange(32) % 2, 76, 29).astype(np.uint8)
    grey = np.broadcast_to(columns[None, None, :, None], (1, 32, 32, 3)).copy()
    red_and_blue = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    red_and_blue[:, :, 1::2, 0] = red_and_blue[:, :, ::2, 2] = 255

    # Both have the same luma; only the stripes of colour are lost.
    assert np.ptp(jpeg_compression(grey, 95)) == pytest.approx(76 - 29, abs=6)
    assert np.ptp(jpeg_compression(red_and_blue, 95)[..., 2].astype(int)) < 128
