"""SaliencyMix: where the box lies, and what it weighs."""

import numpy as np
import pytest
import torch
from scipy import stats

from augmentations.base import Batch
from augmentations.random import image_keys
from augmentations.saliencymix import SaliencyMix

ALARM = 1e-4
SIZE = (20, 32)


def spotted(count: int) -> tuple[Batch, torch.Tensor]:
    """Grey images of their own level with one white pixel each, and its row and column (N, 2)."""
    generator = np.random.default_rng(0)
    places = np.stack([generator.integers(0, side, count) for side in SIZE], 1)
    images = 0.25 + 0.25 * torch.arange(count)[:, None, None, None] / count
    images = images.expand(count, 3, *SIZE).contiguous()
    for row, (y, x) in enumerate(places):
        images[row, :, y, x] = 1.0
    keys = image_keys(6, 0, torch.arange(count))
    return Batch(images, torch.eye(count), keys), torch.from_numpy(places)


def expected(some: Batch, places: torch.Tensor, method: SaliencyMix) -> tuple[torch.Tensor, ...]:
    """Images and targets, row by row, from the drawn shares and partners."""
    share, order = method._draw(some.keys, SIZE)
    images, targets = some.images.clone(), torch.zeros_like(some.targets)
    for row in range(len(images)):
        first = row if method.per_sample else row // method.mix_group * method.mix_group
        y, x = places[order[first]].tolist()
        high, wide = (int(side * (1 - share[row].item()) ** 0.5) // 2 for side in SIZE)
        rows, columns = slice(max(0, y - high), y + high), slice(max(0, x - wide), x + wide)
        images[row, :, rows, columns] = some.images[order[row], :, rows, columns]
        weight = images[row, 0, rows, columns].numel() / (SIZE[0] * SIZE[1])
        targets[row, row] += 1 - weight
        targets[row, order[row]] += weight
    return images, targets


@pytest.mark.parametrize("per_sample", [False, True])
def test_the_box_lies_around_the_peak_and_its_area_is_the_weight(per_sample: bool) -> None:
    some, places = spotted(64)
    method = SaliencyMix(probability=1.0, mix_group=8, per_sample=per_sample)
    result = method(some)
    images, targets = expected(some, places, method)
    assert torch.equal(result.images, images)
    torch.testing.assert_close(result.targets, targets, atol=1e-6, rtol=0)
    assert not torch.equal(images, some.images)


def test_one_picture_places_the_box_of_its_whole_group() -> None:
    some, _ = spotted(64)
    changed = {}
    for per_sample in (False, True):
        method = SaliencyMix(probability=1.0, mix_group=16, per_sample=per_sample)
        order = method._draw(some.keys, SIZE)[1]
        y, x = method._centres(some.images, order)
        changed[per_sample] = len(set(zip(y.tolist(), x.tolist(), strict=True)))
    assert changed[False] == 4
    assert changed[True] > 32


def test_the_share_is_beta_distributed_in_half_of_the_groups() -> None:
    keys = image_keys(7, 0, torch.arange(20_000))
    share = SaliencyMix(alpha=0.5, mix_group=2)._draw(keys, SIZE)[0][::2]
    mixed = share < 1
    assert stats.binomtest(int(mixed.sum()), len(share), 0.5).pvalue > ALARM
    assert stats.kstest(share[mixed].numpy(), stats.beta(0.5, 0.5).cdf).pvalue > ALARM


def test_groups_without_a_mixture_come_back_unchanged() -> None:
    some, _ = spotted(16)
    result = SaliencyMix(probability=0.0)(some)
    assert torch.equal(result.images, some.images)
    assert torch.equal(result.targets, some.targets)


@pytest.mark.parametrize("per_sample", [False, True])
def test_two_groups_at_once_equal_two_batches(per_sample: bool) -> None:
    whole, _ = spotted(256)
    method = SaliencyMix(probability=1.0, mix_group=128, per_sample=per_sample)
    result = method(whole)
    for rows in (slice(128), slice(128, 256)):
        part = method(Batch(whole.images[rows], whole.targets[rows], whole.keys[rows]))
        assert torch.equal(result.images[rows], part.images)
        assert torch.equal(result.targets[rows], part.targets)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": -1.0}, "alpha to be a number from 0.001 to 1000.0, got -1.0"),
        ({"probability": 2.0}, "probability to be a number from 0 to 1, got 2.0"),
        ({"per_sample": 1}, "per_sample to be True or False, got 1"),
        ({"mix_group": 1}, "mix_group to be an integer from 2 to 1000000, got 1"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SaliencyMix(**arguments)  # type: ignore[arg-type]
