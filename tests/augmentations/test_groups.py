"""Groups of rows that are mixed with one another (fixed keys, false-alarm rate 1e-4 each)."""

from itertools import permutations

import pytest
import torch
from scipy import stats

from augmentations.groups import group_keys, group_numbers, permutation
from augmentations.mixup import MixUp
from augmentations.random import image_keys

ALARM = 1e-4
KEYS = image_keys(5, 1, torch.arange(40_000))


def test_every_permutation_of_a_group_is_equally_likely() -> None:
    orders = permutation(KEYS, 4, draw=0).view(-1, 4) % 4
    codes = orders @ torch.tensor([64, 16, 4, 1])
    counts = [
        int((codes == a * 64 + b * 16 + c * 4 + d).sum()) for a, b, c, d in permutations(range(4))
    ]
    assert sum(counts) == len(orders)
    assert stats.chisquare(counts).pvalue > ALARM


def test_partners_stay_in_their_group_and_each_row_is_a_partner_once() -> None:
    order = permutation(KEYS[:1000], 128, draw=3)
    assert sorted(order.tolist()) == list(range(1000))
    assert torch.equal(order // 128, torch.arange(1000) // 128)


def test_another_draw_is_another_permutation() -> None:
    assert not torch.equal(permutation(KEYS[:128], 128, 0), permutation(KEYS[:128], 128, 1))


def test_a_group_does_not_depend_on_the_groups_beside_it() -> None:
    both = KEYS[:256]
    for draw in (0, 1):
        parts = [permutation(part, 128, draw) for part in torch.split(both, 128)]
        assert torch.equal(permutation(both, 128, draw), torch.cat([parts[0], parts[1] + 128]))
    keys = [group_keys(part, 128) for part in torch.split(both, 128)]
    assert torch.equal(group_keys(both, 128), torch.cat(keys))


def test_rows_of_a_group_share_a_key_and_groups_do_not() -> None:
    keys = group_keys(KEYS[:1000], 128)
    numbers = group_numbers(1000, 128, KEYS.device)
    assert numbers.bincount().tolist() == [128] * 7 + [104]
    assert len(torch.unique(keys)) == 8
    assert torch.equal(keys, keys[numbers * 128])


def test_the_key_of_any_row_changes_the_key_of_its_group_alone() -> None:
    keys = KEYS[:12]
    before = group_keys(keys, 4)
    for row in range(12):
        changed = keys.clone()
        changed[row] += 1
        same = group_keys(changed, 4) == before
        assert same.tolist() == [number // 4 != row // 4 for number in range(12)]


def test_the_order_of_the_rows_does_not_change_the_key_of_the_group() -> None:
    assert torch.equal(group_keys(KEYS[:128], 128), group_keys(KEYS[:128].flip(0), 128))


@pytest.mark.parametrize("size", [1, 0, -3, 2.0, True])
def test_a_group_of_fewer_than_two_rows_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="mix_group to be an integer from 2 to 1000000, got"):
        MixUp(mix_group=size)


def test_a_last_row_that_would_be_alone_joins_the_group_before_it() -> None:
    cpu = torch.device("cpu")
    assert group_numbers(9, 4, cpu).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert group_numbers(10, 4, cpu).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert group_numbers(1, 4, cpu).tolist() == [0]
    keys = image_keys(0, 0, torch.arange(9))
    assert len(set(group_keys(keys, 4).tolist())) == 2
    assert sorted(permutation(keys, 4, 0)[4:].tolist()) == [4, 5, 6, 7, 8]
