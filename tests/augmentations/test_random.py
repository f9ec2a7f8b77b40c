"""Keyed randomness: frozen values, ranges and laws (false-alarm rate 1e-4 each, fixed keys)."""

import pytest
import torch
from scipy import stats

from augmentations.random import (
    beta,
    by_position,
    dirichlet,
    exponential,
    image_keys,
    integers,
    named_keys,
    part_keys,
    random_bits,
    shuffle,
    uniform,
    view_keys,
)

KEYS = image_keys(seed=7, epoch=3, indices=torch.arange(20_000))
ALARM = 1e-4
GOLDEN = {
    "image_keys": [-906157499848768026, -2741047073850477188, -7958896837018809250],
    "view_keys": [930758239950198160],
    "part_keys": [[-7648011883223495800, 1148993364560027819]],
    "named_keys": [-1240140663444979482],
    "uniform": [0.40807129032835765],
    "shuffle": [1, 2, 3, 7, 5, 4, 0, 6],
}


def splitmix64(seed: int, count: int) -> list[int]:
    """The published generator in plain integers."""
    numbers = []
    for step in range(1, count + 1):
        z = (seed + step * 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        numbers.append(z ^ (z >> 31))
    return numbers


@pytest.mark.parametrize("seed", [0, 1, 1234567, 2**63 + 5])
def test_the_bits_are_those_of_splitmix64(seed: int) -> None:
    key = torch.tensor([seed - 2**64 if seed >= 2**63 else seed])
    bits = random_bits(key, torch.arange(50))
    assert [b % 2**64 for b in bits.tolist()] == splitmix64(seed, 50)


def test_the_published_first_number_of_splitmix64() -> None:
    assert random_bits(torch.tensor(1234567), 0).item() == 6457827717110365317


def test_golden_keys() -> None:
    assert image_keys(0, 0, torch.arange(3)).tolist() == GOLDEN["image_keys"]
    keys = image_keys(1, 2, torch.tensor([5]))
    assert view_keys(keys, 1).tolist() == GOLDEN["view_keys"]
    assert part_keys(keys, 2).tolist() == GOLDEN["part_keys"]
    assert named_keys(keys, "ipmix").tolist() == GOLDEN["named_keys"]
    assert uniform(keys, 3).tolist() == GOLDEN["uniform"]
    assert shuffle(0, 1, 8).tolist() == GOLDEN["shuffle"]


def test_a_key_depends_on_its_own_index_only() -> None:
    alone = image_keys(7, 3, torch.tensor([123]))
    assert alone[0] == KEYS[123]


@pytest.mark.parametrize("other", [(8, 3), (7, 4), (3, 7)])
def test_other_seeds_and_epochs_give_other_keys(other: tuple[int, int]) -> None:
    keys = image_keys(*other, torch.arange(20_000))
    assert not set(keys.tolist()) & set(KEYS.tolist())


def test_keys_of_images_views_and_parts_never_meet() -> None:
    families = [KEYS, view_keys(KEYS, 0), view_keys(KEYS, 1), *part_keys(KEYS, 3).T]
    families += [named_keys(KEYS, "ipmix"), named_keys(KEYS, "crop_flip")]
    assert len(torch.unique(torch.cat(families))) == len(families) * len(KEYS)


def test_uniform_numbers_are_uniform_and_below_one() -> None:
    u = uniform(KEYS, 0)
    assert u.min() >= 0
    assert u.max() < 1
    assert stats.kstest(u.numpy(), "uniform").pvalue > ALARM


def test_draws_of_a_key_and_of_neighbouring_images_are_uncorrelated() -> None:
    u = torch.stack([uniform(KEYS, draw) for draw in range(4)])
    rows = torch.cat([u[:, :-1], u[:, 1:]])
    off = torch.corrcoef(rows) - torch.eye(8)
    assert off.abs().max() < 5 / len(KEYS) ** 0.5  # 28 pairs at 5 sigma: 2e-5


def test_integers_reach_both_ends_equally_often() -> None:
    counts = torch.bincount(integers(KEYS, -2, 3, 1) + 2)
    assert len(counts) == 6
    assert stats.chisquare(counts.numpy()).pvalue > ALARM


def test_integers_take_an_upper_end_per_key() -> None:
    high = torch.arange(len(KEYS)) % 5
    values = integers(KEYS, 0, high, 1)
    assert (values <= high).all()
    assert (values[high == 0] == 0).all()


@pytest.mark.parametrize(("a", "b"), [(1, 1), (3, 1), (1, 4), (0.2, 0.2), (2.5, 1.5)])
def test_beta_law(a: float, b: float) -> None:
    values = beta(KEYS, a, b, 2)
    assert values.dtype == torch.float64
    assert stats.kstest(values.numpy(), stats.beta(a, b).cdf).pvalue > ALARM


@pytest.mark.parametrize("alpha", [1.0, 0.5, 3.0])
def test_dirichlet_marginals_are_beta_and_rows_sum_to_one(alpha: float) -> None:
    values = dirichlet(KEYS, 3, alpha, 0)
    torch.testing.assert_close(values.sum(1), torch.ones(len(KEYS), dtype=torch.float64))
    for part in values.T.numpy():
        assert stats.kstest(part, stats.beta(alpha, 2 * alpha).cdf).pvalue > ALARM


def test_exponential_law() -> None:
    assert stats.kstest(exponential(KEYS, 5).numpy(), "expon").pvalue > ALARM


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (1.0, -1.0)])
def test_beta_refuses_parameters_that_are_not_positive(a: float, b: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        beta(KEYS, a, b, 0)


def test_masks_depend_on_key_and_position_only() -> None:
    whole = by_position(KEYS[:4, None], torch.arange(100))
    some = by_position(KEYS[2], torch.tensor([17, 3]))
    assert torch.equal(some, whole[2, [17, 3]])
    assert stats.kstest(whole.flatten().numpy(), "uniform").pvalue > ALARM


def test_shuffle_is_a_permutation_that_changes_with_the_epoch() -> None:
    first, second = shuffle(0, 0, 1000), shuffle(0, 1, 1000)
    assert first.sort().values.tolist() == list(range(1000))
    assert (first == second).sum() < 12  # Poisson with mean 1: 1e-9
