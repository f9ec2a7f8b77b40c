"""Mixup: exact on a given plan, and the law of its plans (false-alarm rate 1e-4 each)."""

import numpy as np
import pytest
import torch
from scipy import stats

from augmentations.base import Batch
from augmentations.mixup import MixUp
from augmentations.random import image_keys

ALARM = 1e-4


def batch(count: int, seed: int = 0) -> Batch:
    """Random images and one-hot targets, a class for each row."""
    images = torch.rand(count, 3, 6, 5, generator=torch.Generator().manual_seed(seed))
    return Batch(images, torch.eye(count), image_keys(seed, 0, torch.arange(count)))


def test_images_and_targets_are_mixed_by_the_same_weight() -> None:
    some = batch(4)
    share, order = torch.tensor([0.25, 0.25, 1.0, 0.0]), torch.tensor([1, 0, 3, 2])

    result = MixUp()._apply(some, (share, order))

    pixels, weights = some.images.double().numpy(), share.double().numpy()
    wanted = [
        w * pixels[i] + (1 - w) * pixels[j]
        for i, (w, j) in enumerate(zip(weights, order, strict=True))
    ]
    np.testing.assert_allclose(result.images.numpy(), np.stack(wanted), atol=1e-7)
    assert result.targets.tolist() == [
        [0.25, 0.75, 0.0, 0.0],
        [0.75, 0.25, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]
    assert torch.equal(result.images[2], some.images[2])
    assert torch.equal(result.images[3], some.images[2])


@pytest.mark.parametrize("alpha", [0.2, 1.0, 2.0])
def test_the_weight_is_beta_distributed_one_per_group(alpha: float) -> None:
    keys = image_keys(1, 0, torch.arange(12_000))
    share, _ = MixUp(alpha=alpha, mix_group=4)._draw(keys, (4, 4))
    groups = share.view(-1, 4)
    assert torch.equal(groups, groups[:, :1].expand(-1, 4))
    assert stats.kstest(groups[:, 0].double().numpy(), stats.beta(alpha, alpha).cdf).pvalue > ALARM


def test_the_weight_and_the_partners_are_independent() -> None:
    keys = image_keys(2, 0, torch.arange(20_000))
    share, order = MixUp(mix_group=2)._draw(keys, (4, 4))
    swapped = (order != torch.arange(20_000))[::2]
    assert stats.ks_2samp(share[::2][swapped], share[::2][~swapped]).pvalue > ALARM


def test_two_groups_at_once_equal_two_batches() -> None:
    whole = batch(256)
    halves = [
        Batch(whole.images[rows], whole.targets[rows], whole.keys[rows])
        for rows in (slice(128), slice(128, 256))
    ]
    method = MixUp(mix_group=128)
    result, parts = method(whole), [method(half) for half in halves]
    assert torch.equal(result.images, torch.cat([part.images for part in parts]))
    assert torch.equal(result.targets, torch.cat([part.targets for part in parts]))


def test_the_mean_image_and_the_mean_target_of_a_group_stay() -> None:
    some = batch(64)
    result = MixUp(mix_group=64)(some)
    assert not torch.allclose(result.images, some.images, atol=0.01)
    torch.testing.assert_close(result.images.mean(0), some.images.mean(0), atol=1e-5, rtol=0)
    torch.testing.assert_close(result.targets.mean(0), some.targets.mean(0))


@pytest.mark.parametrize("alpha", [0, -1.0, float("nan"), float("inf")])
def test_a_parameter_that_is_no_positive_number_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match=f"alpha to be a number from 0.001 to 1000.0, got {alpha}"):
        MixUp(alpha=alpha)


def test_hard_targets_and_bytes_are_refused() -> None:
    some = batch(4)
    with pytest.raises(ValueError, match=r"expects float targets \(N, K\), got torch.int64 \(4,\)"):
        MixUp()(some.replace(targets=torch.arange(4)))
    with pytest.raises(ValueError, match=r"expects torch.float32 images, got torch.uint8"):
        MixUp()(some.replace(images=some.images.to(torch.uint8)))
