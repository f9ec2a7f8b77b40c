"""Saliency against a restatement in plain Python, pixel by pixel."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from augmentations.saliency import grey, peaks, saliency


def brute_force(levels: NDArray[np.int64], halves: tuple[int, ...]) -> NDArray[np.float64]:
    """On- and off-centre responses summed over the surrounds, rescaled to 255."""
    on, off = np.zeros(levels.shape), np.zeros(levels.shape)
    for (y, x), level in np.ndenumerate(levels):
        for half in halves:
            window = levels[max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1]
            mean = (window.sum() - level) / (window.size - 1)
            on[y, x] += max(0.0, level - mean)
            off[y, x] += max(0.0, mean - level)
    total: NDArray[np.float64] = (on + off) / (on + off).max() * 255
    return total


@pytest.mark.parametrize(
    ("size", "halves"),
    [
        ((32, 32), (2, 4, 8, 12, 24, 28)),
        ((9, 30), (2, 4, 8)),
        ((24, 40), (2, 4, 8, 12)),
        ((64, 66), (12, 24, 28, 48, 56)),
    ],
)
def test_the_map_is_that_of_the_restatement(size: tuple[int, int], halves: tuple[int, ...]) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (2, *size))
    result = saliency(torch.from_numpy(levels)).numpy()
    for row in range(2):
        np.testing.assert_allclose(result[row], brute_force(levels[row], halves), atol=1e-10)
        assert result[row].argmax() == brute_force(levels[row], halves).argmax()


def test_grey_is_the_grey_of_pillow() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    images = torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255
    wanted = np.asarray(Image.fromarray(pixels).convert("L"))
    np.testing.assert_array_equal(grey(images)[0].numpy(), wanted)


def test_grey_rounds_to_the_nearest_level() -> None:
    images = torch.tensor([0.4, 0.6, 254.4, 254.6]).expand(1, 3, 1, 4) / 255
    assert grey(images).flatten().tolist() == [0, 1, 254, 255]


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_spot_brighter_or_darker_than_the_rest_is_the_peak(level: float) -> None:
    images = torch.full((3, 3, 40, 32), 0.5)
    places = [(0, 0), (17, 30), (39, 5)]
    for row, (y, x) in enumerate(places):
        images[row, :, y, x] = level
    rows, columns = peaks(images)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == places


def test_where_nothing_stands_out_the_map_is_zero_and_the_first_pixel_the_peak() -> None:
    images = torch.full((1, 3, 32, 32), 0.3)
    assert saliency(grey(images)).abs().max() == 0
    assert [place.tolist() for place in peaks(images)] == [[0], [0]]


def test_the_map_of_an_image_does_not_depend_on_the_batch() -> None:
    levels = torch.from_numpy(np.random.default_rng(2).integers(0, 256, (5, 33, 31)))
    assert torch.equal(saliency(levels)[3:4], saliency(levels[3:4]))


@pytest.mark.gpu
def test_the_graphics_processor_gives_the_same_bits() -> None:
    images = torch.rand(8, 3, 70, 50, generator=torch.Generator().manual_seed(0))
    assert torch.equal(saliency(grey(images.cuda())).cpu(), saliency(grey(images)))
