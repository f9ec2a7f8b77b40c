"""The same keys give the same decisions and pixels on a GPU."""

import pytest
import torch

from augmentations.base import Batch
from augmentations.crop_flip import CropFlip
from augmentations.ipmix import ipmix
from augmentations.random import image_keys, random_bits, uniform


@pytest.mark.gpu
def test_bits_and_uniform_numbers_are_equal() -> None:
    keys = image_keys(1, 2, torch.arange(10_000))
    there = image_keys(1, 2, torch.arange(10_000, device="cuda"))
    assert torch.equal(keys, there.cpu())
    assert torch.equal(random_bits(keys, 5), random_bits(there, 5).cpu())
    assert torch.equal(uniform(keys, 5), uniform(there, 5).cpu())


@pytest.mark.gpu
@pytest.mark.parametrize(("preset", "side"), [("official_cifar", 32), ("official_imagenet", 224)])
def test_pixels_are_equal_but_for_rounding(preset: str, side: int) -> None:
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(2, 32, 3, 6, 6, generator=generator).flatten(0, 1)
    smooth = torch.nn.functional.interpolate(coarse, size=(side, side), mode="bilinear")
    images, partners = torch.split((smooth * 255).to(torch.uint8), 32)
    batch = Batch(images, torch.zeros(32), image_keys(0, 0, torch.arange(32)), partners)
    moved = Batch(images.cuda(), batch.targets.cuda(), batch.keys.cuda(), partners.cuda())
    method, crop = ipmix(preset), CropFlip()
    assert torch.equal(crop(batch).images, crop(moved).images.cpu())
    for here, there in zip(method.views(batch, 2), method.views(moved, 2), strict=True):
        differs = (here.images - there.images.cpu()).abs() > 1e-5
        assert differs.double().mean() < 1e-5  # pow may round differently and then wrap
