"""CutMix: exact on a given plan, its laws, and its box beside those of timm and torchvision.

Statistical tests have fixed keys and a false-alarm rate of 1e-4 each.
"""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats
from timm.data.mixup import rand_bbox
from torch import Tensor
from torchvision.transforms import v2

from augmentations import cutmix
from augmentations.base import Batch
from augmentations.boxes import Boxes, half_sides
from augmentations.cutmix import CutMix
from augmentations.random import image_keys

ALARM = 1e-4
SHARES = np.linspace(0, 1, 41)


def numbered(count: int, size: tuple[int, int] = (9, 12)) -> Batch:
    """Image and class of row i say i, so that every pixel tells where it comes from."""
    images = (torch.arange(count) / count)[:, None, None, None].expand(count, 3, *size).contiguous()
    return Batch(images, torch.eye(count), image_keys(3, 0, torch.arange(count)))


def box(top: int, bottom: int, left: int, right: int) -> Boxes:
    """The same box for two rows."""
    return Boxes(*(torch.tensor([side] * 2) for side in (top, bottom, left, right)))


def test_a_given_box_is_pasted_and_its_area_is_the_weight_of_the_partner() -> None:
    some = numbered(2)
    result = CutMix()._apply(some, (box(2, 5, 0, 6), torch.tensor([1, 0])))
    wanted = some.images.clone()
    wanted[0, :, 2:5, 0:6], wanted[1, :, 2:5, 0:6] = 0.5, 0.0
    assert torch.equal(result.images, wanted)
    torch.testing.assert_close(
        result.targets, torch.tensor([[90.0, 18.0], [18.0, 90.0]]) / 108, atol=1e-7, rtol=0
    )


def test_the_weight_of_each_class_is_the_share_of_its_pixels() -> None:
    some = numbered(512)
    result = CutMix(mix_group=4, probability=1.0)(some)
    source = (result.images * 512).round().long()
    share = torch.stack(
        [
            (source[row, 0] == torch.arange(512)[:, None, None]).float().mean((1, 2))
            for row in range(512)
        ]
    )
    torch.testing.assert_close(result.targets, share, atol=1e-6, rtol=0)
    assert ((share > 0).sum(1) == 2).float().mean() > 0.5
    assert (source == source[:, :1]).all()


def test_the_kept_area_is_beta_distributed_and_half_of_the_groups_are_mixed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Tensor] = []

    def spy(share: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        seen.append(share[::2])
        return half_sides(share, size)

    monkeypatch.setattr(cutmix, "half_sides", spy)
    keys = image_keys(4, 0, torch.arange(16_000))
    for alpha in (1.0, 0.2):
        CutMix(alpha=alpha, probability=1.0, mix_group=2)._draw(keys, (32, 32))
        assert stats.kstest(seen[-1].numpy(), stats.beta(alpha, alpha).cdf).pvalue > ALARM
    boxes, _ = CutMix(mix_group=2)._draw(keys, (32, 32))
    mixed = seen[-1] < 1
    assert stats.binomtest(int(mixed.sum()), len(mixed), 0.5).pvalue > ALARM
    assert (boxes.area()[::2][~mixed] == 0).all()


def test_the_centre_is_uniform_over_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    one = torch.tensor(1)
    monkeypatch.setattr(cutmix, "half_sides", lambda share, size: (one, one))
    keys = image_keys(5, 0, torch.arange(20_000))
    boxes, _ = CutMix(mix_group=2)._draw(keys, (5, 8))
    cells = ((boxes.bottom - 1) * 8 + boxes.right - 1)[::2]  # never clipped on this side
    assert stats.chisquare(torch.bincount(cells, minlength=40)).pvalue > ALARM


@pytest.mark.parametrize("size", [(32, 32), (32, 40), (31, 33)])
def test_the_box_is_that_of_torchvision(size: tuple[int, int]) -> None:
    peer = v2.CutMix(num_classes=2)
    images = torch.zeros(2, 3, *size)
    for seed in range(100):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            box = peer.make_params([images])["box"]
            torch.manual_seed(seed)
            share = torch.tensor([float(peer._dist.sample(()))], dtype=torch.float64)
            x, y = torch.randint(size[1], (1,)), torch.randint(size[0], (1,))
        own = Boxes.around(y, x, half_sides(share, size), size)
        assert (own.left, own.top, own.right, own.bottom) == box


def timm_box(
    share: float, centre: tuple[int, int], size: tuple[int, int], patch: pytest.MonkeyPatch
) -> NDArray[np.int64]:
    """Top, bottom, left and right as timm computes them for a given centre."""
    drawn = iter(centre)
    with patch.context() as inner:
        inner.setattr(np.random, "randint", lambda *_, **__: next(drawn))
        return np.array(rand_bbox((2, 3, *size), share))  # type: ignore[no-untyped-call]


def test_the_box_is_that_of_timm_but_that_an_odd_side_loses_a_pixel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size, odd = (32, 48), 0
    for share in SHARES:
        wide = np.array([int(side * np.sqrt(1 - share)) % 2 for side in size])
        for centre in ((0, 0), (16, 24), (31, 47), (3, 40)):
            y, x = (torch.tensor([place]) for place in centre)
            own = Boxes.around(y, x, half_sides(torch.tensor([share]), size), size)
            peer = timm_box(share, centre, size, monkeypatch)
            assert (own.top, own.left) == (peer[0], peer[2])
            for behind, at, side, more in zip(
                (own.bottom, own.right), peer[1::2], size, wide, strict=True
            ):
                assert min(int(behind) + int(more), side) == at
                odd += int(behind) != at
    assert odd > 20


@pytest.mark.parametrize(
    ("share", "half"), [(0.0, 16), (0.75, 8), (0.9, 5), (0.95, 3), (0.9999, 0), (1.0, 0)]
)
def test_sides_are_truncated_then_halved(share: float, half: int) -> None:
    """The sides of 32 pixels are 32, 16, 10, 7, 0, 0: an odd one loses a pixel."""
    rows, columns = half_sides(torch.tensor([share], dtype=torch.float64), (32, 32))
    assert rows.item() == columns.item() == half


def test_two_groups_at_once_equal_two_batches() -> None:
    whole = numbered(256)
    method = CutMix(mix_group=128, probability=1.0)
    result = method(whole)
    for rows in (slice(128), slice(128, 256)):
        part = method(Batch(whole.images[rows], whole.targets[rows], whole.keys[rows]))
        assert torch.equal(result.images[rows], part.images)
        assert torch.equal(result.targets[rows], part.targets)


def test_nothing_happens_with_probability_zero() -> None:
    some = numbered(16)
    result = CutMix(probability=0.0)(some)
    assert torch.equal(result.images, some.images)
    assert torch.equal(result.targets, some.targets)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0.0}, "alpha to be a number from 0.001 to 1000.0, got 0.0"),
        ({"probability": 1.5}, r"probability to be a number from 0 to 1, got 1.5"),
        ({"alpha": "a"}, "alpha to be a number .* got 'a'"),
        ({"probability": True}, "probability to be a number from 0 to 1, got True"),
        ({"probability": -0.1}, r"probability to be a number from 0 to 1, got -0.1"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CutMix(**arguments)  # type: ignore[arg-type]
