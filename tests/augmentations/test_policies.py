"""The policies of torchvision: its pixels under the same seeds, with keyed randomness."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import stats
from torchvision.transforms import AutoAugmentPolicy, InterpolationMode, v2
from torchvision.transforms.v2 import functional

from augmentations.base import Augmentation, Batch
from augmentations.policies import AutoAugment, RandAugment, TrivialAugment
from augmentations.random import image_keys

ALARM = 1e-4
BLACK = {"interpolation": InterpolationMode.NEAREST, "fill": 0}
PEERS: list[tuple[Augmentation, Callable[[Image.Image], Image.Image]]] = [
    (AutoAugment(), v2.AutoAugment(AutoAugmentPolicy.CIFAR10, **BLACK)),
    (AutoAugment("imagenet"), v2.AutoAugment(AutoAugmentPolicy.IMAGENET, **BLACK)),
    (AutoAugment("svhn"), v2.AutoAugment(AutoAugmentPolicy.SVHN, **BLACK)),
    (RandAugment(), v2.RandAugment(num_ops=2, magnitude=9, num_magnitude_bins=31, **BLACK)),
    (
        RandAugment(3, 14, 20),
        v2.RandAugment(num_ops=3, magnitude=14, num_magnitude_bins=20, **BLACK),
    ),
    (TrivialAugment(), v2.TrivialAugmentWide(num_magnitude_bins=31, **BLACK)),
]
METHODS = [method for method, _ in PEERS]


def batch(count: int, size: tuple[int, int] = (32, 32)) -> Batch:
    """Random coarse pictures."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, 3, 8, 8), dtype=np.uint8)
    images = torch.nn.functional.interpolate(torch.from_numpy(pixels), size)
    return Batch(images, torch.arange(count), image_keys(10, 0, torch.arange(count)))


@pytest.mark.parametrize(("method", "peer"), PEERS, ids=repr)
@pytest.mark.parametrize("size", [(32, 32), (24, 40)])
def test_the_pixels_are_those_of_torchvision_under_the_same_seeds(
    method: Augmentation, peer: Callable[[Image.Image], Image.Image], size: tuple[int, int]
) -> None:
    some = batch(60, size)
    result = method(some).images
    for row, seed in enumerate(method._draw(some.keys, size)):
        picture = Image.fromarray(some.images[row].permute(1, 2, 0).numpy())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            wanted = np.asarray(peer(picture))
        np.testing.assert_array_equal(result[row].permute(1, 2, 0).numpy(), wanted)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_the_global_generator_is_neither_used_nor_changed(method: Augmentation) -> None:
    some = batch(8)
    with torch.random.fork_rng(devices=[]):
        results = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            before = torch.random.get_rng_state()
            results.append(method(some).images)
            assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(*results)


def test_the_global_generator_is_put_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no picture")

    monkeypatch.setattr(Image, "fromarray", fail)
    before = torch.random.get_rng_state()
    with pytest.raises(RuntimeError, match="no picture"):
        RandAugment()(batch(2))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_seeds_differ_between_images_and_between_methods() -> None:
    keys = image_keys(11, 0, torch.arange(2000))
    seeds = [
        seed
        for method in (METHODS[0], METHODS[3], METHODS[5])
        for seed in method._draw(keys, (8, 8))
    ]
    assert len(set(seeds)) == 6000  # of 2^32: 0.004 pairs are expected to agree
    assert 0 <= min(seeds) < 2**26
    assert 2**32 - 2**26 < max(seeds) < 2**32


def test_randaugment_draws_every_pair_of_operations_equally_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The space has 14 operations, each of which is recorded instead of applied."""
    applied: list[str] = []

    def record(_: object, image: Image.Image, name: str, *__: object, **___: object) -> Image.Image:
        applied.append(name)
        return image

    monkeypatch.setattr(v2.RandAugment, "_apply_image_or_video_transform", record)
    count = 5000
    images = torch.zeros(count, 3, 4, 4, dtype=torch.uint8)
    keys = image_keys(12, 0, torch.arange(count))
    RandAugment()(Batch(images, torch.zeros(count), keys))
    assert len(applied) == 2 * count
    names = sorted(set(applied))
    assert len(names) == 14
    pairs = Counter(zip(applied[::2], applied[1::2], strict=True))
    assert stats.chisquare([pairs[pair] for pair in product(names, names)]).pvalue > ALARM


def test_translation_moves_by_the_published_share_of_the_side_and_leaves_black() -> None:
    """With all strengths at the largest bin, RandAugment translates 32 pixels by 150/331."""
    white = torch.full((300, 3, 32, 32), 255, dtype=torch.uint8)
    keys = image_keys(13, 0, torch.arange(300))
    result = RandAugment(num_ops=1, magnitude=30)(Batch(white, torch.zeros(300), keys)).images
    moved = functional.affine(
        white[0], angle=0.0, translate=[int(150 / 331 * 32), 0], scale=1.0, shear=[0.0, 0.0]
    )
    assert (result == moved).flatten(1).all(1).sum() > 0
    assert moved[0, 0].tolist() == [0] * 14 + [255] * 18


def test_importing_the_policies_does_not_import_torchvision() -> None:
    code = "import sys, augmentations.policies; sys.exit('torchvision' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: AutoAugment("cifar100"),
            "must be one of .'cifar10', 'imagenet', 'svhn'.*cifar100",
        ),
        (lambda: RandAugment(num_ops=0), "num_ops must be an integer from 1 to 64, got 0"),
        (lambda: RandAugment(magnitude=31), "magnitude must be an integer from 0 to 30, got 31"),
        (
            lambda: RandAugment(magnitude=True),
            "magnitude must be an integer from 0 to 30, got True",
        ),
        (lambda: RandAugment(bins=1), "bins must be an integer from 2 to 1000, got 1"),
        (lambda: TrivialAugment(bins=0), "bins must be an integer from 2 to 1000, got 0"),
    ],
)
def test_arguments_out_of_range_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
