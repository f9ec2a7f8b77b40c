"""CropFlip: mirror, then a crop from a black frame."""

import pytest
import torch

from augmentations.base import Batch
from augmentations.crop_flip import CropFlip
from augmentations.ipmix import ipmix
from augmentations.random import image_keys

COUNT = 8100


def numbered(height: int, width: int, count: int) -> Batch:
    """Every pixel of an image has its own value, none is black."""
    pixels = torch.arange(1, height * width + 1, dtype=torch.uint8).view(height, width)
    images = pixels.expand(count, 3, height, width).contiguous()
    return Batch(images, torch.zeros(count), image_keys(0, 0, torch.arange(count)))


def test_every_flip_and_offset_occurs_equally_often() -> None:
    batch = numbered(9, 11, COUNT)
    result = CropFlip(padding=4)(batch).images
    centre = result[:, 0, 4, 5].long() - 1  # never black: the frame has 4 pixels
    flipped = result[:, 0, 4, 4].long() - 1 > centre
    row, column = centre // 11, centre % 11
    column = torch.where(flipped, 10 - column, column)
    assert flipped.double().mean().item() == pytest.approx(0.5, abs=0.028)  # 5 sigma
    for offset, count in ((row - 4, 9), (column - 5, 9)):
        share = torch.bincount(offset + 4, minlength=count) / COUNT
        assert share.tolist() == pytest.approx([1 / 9] * 9, abs=0.0175)
    cells = torch.bincount((row * 11 + column) * 2 + flipped.long())
    assert (cells > 0).sum() == 9 * 9 * 2


def test_the_frame_is_black_and_the_content_is_shifted() -> None:
    batch = numbered(9, 11, 200)
    result = CropFlip(padding=4)(batch)
    flip, top, left = CropFlip(padding=4)._draw(batch.keys, (9, 11))
    for row in range(200):
        image = batch.images[row].flip(2) if flip[row] else batch.images[row]
        wanted = torch.nn.functional.pad(image, (4, 4, 4, 4))
        wanted = wanted[:, top[row] : top[row] + 9, left[row] : left[row] + 11]
        assert torch.equal(result.images[row], wanted)


def test_without_padding_only_the_mirror_is_left() -> None:
    batch = numbered(5, 5, 50)
    result = CropFlip(padding=0)(batch).images
    same = (result == batch.images).flatten(1).all(1)
    mirrored = (result == batch.images.flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert same.any()
    assert mirrored.any()


def test_its_draws_are_independent_of_those_of_a_method_with_the_same_keys() -> None:
    keys = image_keys(0, 0, torch.arange(COUNT))
    flip = CropFlip()._draw(keys, (32, 32))[0].double()
    clean = ipmix().draw_chains(keys, (32, 32)).weights[0].double()
    assert abs(torch.corrcoef(torch.stack([flip, clean]))[0, 1]) < 5 / COUNT**0.5


def test_negative_padding_is_refused() -> None:
    with pytest.raises(ValueError, match="padding must not be negative, got -1"):
        CropFlip(padding=-1)
