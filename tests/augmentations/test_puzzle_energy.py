"""PuzzleMix: what a mask costs, stage by stage."""

from itertools import product
from math import comb, log

import numpy as np
import pytest
import torch

from augmentations.puzzlemix.energy import (
    Weights,
    border_pool,
    border_steps,
    both_steps,
    corrected,
    prior,
    puzzle_energy,
)
from augmentations.puzzlemix.saliency import saliency, shares


def test_saliency_is_the_root_mean_square_over_channels_in_shares_of_the_image() -> None:
    gradient = torch.zeros(2, 3, 4, 4)
    gradient[0, :, 0, 0] = torch.tensor([3.0, -6.0, 6.0])
    gradient[0, :, 3, 3] = 3.0
    assert saliency(gradient)[0, 0, 0] == pytest.approx(27**0.5)
    cells = shares(saliency(gradient), 2)
    whole = 27**0.5 + 3
    assert cells[0].ravel() == pytest.approx([27**0.5 / whole, 0, 0, 3 / whole])
    assert cells[1].ravel().tolist() == [0.25] * 4  # no saliency at all
    for broken in (torch.inf, torch.nan):
        gradient[0, 0, 0, 0] = broken
        assert shares(saliency(gradient), 2)[0].ravel().tolist() == [0.25] * 4


@pytest.mark.parametrize(("grid", "k"), [(2, 4), (4, 2), (4, 1)])
def test_border_steps_compare_the_pixels_on_both_sides(grid: int, k: int) -> None:
    generator = torch.Generator().manual_seed(0)
    own, partner = torch.rand((2, 3, 3, grid * k, grid * k), generator=generator)
    down, right = both_steps(own, partner, grid)
    for a, b, image in product((0, 1), (0, 1), range(3)):
        one, other = (partner, own)[a][image], (partner, own)[b][image]
        for row, column in product(range(grid - 1), range(grid)):
            line, start = (row + 1) * k, column * k
            gap = one[:, line - 1, start : start + k] - other[:, line, start : start + k]
            assert down[a, b, image, row, column] == pytest.approx(gap.abs().mean().item())
            gap = one[:, start : start + k, line - 1] - other[:, start : start + k, line]
            assert right[a, b, image, column, row] == pytest.approx(gap.abs().mean().item())


def test_corrections_keep_what_the_borders_cost() -> None:
    rng = np.random.default_rng(0)
    own, partner = rng.uniform(size=(2, 1, 2, 2))
    down, right = rng.uniform(size=(2, 2, 1, 1, 2)), rng.uniform(size=(2, 2, 1, 2, 1))
    lost_own, lost_partner, below, beside = corrected(own, partner, down, right)
    offset = (down[1, 0] + down[0, 1]).sum() / 2 + (right[1, 0] + right[0, 1]).sum() / 2
    for choice in product((0, 1), repeat=4):
        x = np.array(choice).reshape(2, 2)  # 1 where the own cell is taken
        straight = np.where(x == 1, partner[0], own[0]).sum()
        straight += sum(down[x[0, c], x[1, c], 0, 0, c] for c in range(2))
        straight += sum(right[x[r, 0], x[r, 1], 0, r, 0] for r in range(2))
        moved = np.where(x == 1, lost_partner[0], lost_own[0]).sum()
        moved += (below[0, 0] * (x[0] != x[1])).sum()
        moved += (beside[0, :, 0] * (x[:, 0] != x[:, 1])).sum()
        assert moved == pytest.approx(straight + offset)


def test_the_prior_is_the_binomial_chance_of_the_mask() -> None:
    found = prior(np.array([0.3, 0.0]), 3)
    assert found[0] == pytest.approx([-log(0.09), -log(0.42), -log(0.49)], abs=1e-6)
    assert found[1] == pytest.approx([-log(1e-8), -log(1e-8), 0], abs=1e-6)
    assert prior(np.array([0.3]), 2)[0] == pytest.approx([-log(0.3), -log(0.7)], abs=1e-6)


@pytest.mark.parametrize("labels", [2, 3, 4])
def test_the_energy_of_a_mask_is_the_published_one_truncated_to_whole_numbers(labels: int) -> None:
    rng = np.random.default_rng(labels)
    n, share, weights = 2, 0.35, Weights(1.2, 0.5, 0.2)
    own, partner = (s / s.sum() for s in rng.uniform(size=(2, 1, n, n)))
    down = rng.uniform(size=(2, 2, 1, n - 1, n))
    right = rng.uniform(size=(2, 2, 1, n, n - 1))
    energy = puzzle_energy((own, partner), (down, right), np.array([share]), weights, labels)
    beta, last, scale = 1.2 / (16 * n), labels - 1, 1000 * n**2
    u1, u2, down_edge, right_edge = corrected(own, partner, beta * 0.5 * down, beta * 0.5 * right)
    for choice in product(range(labels), repeat=n * n):
        x = np.array(choice).reshape(n, n)
        total = 0.0
        for r, c in product(range(n), range(n)):
            tau = x[r, c] / last
            chance = comb(last, x[r, c]) * share ** (last - x[r, c]) * (1 - share) ** x[r, c]
            cost = (1 - tau) * u2[0, r, c] + tau * u1[0, r, c]
            total += int(scale * (cost - 0.2 * log(chance + 1e-8) / n**2))
            if r + 1 < n:
                step = (x[r, c] - x[r + 1, c]) ** 2 / last**2
                total += int(scale * (down_edge[0, r, c] + beta)) * step
            if c + 1 < n:
                step = (x[r, c] - x[r, c + 1]) ** 2 / last**2
                total += int(scale * (right_edge[0, r, c] + beta)) * step
        assert energy.value(x[None])[0] == pytest.approx(total * last**2)


def test_edges_that_reward_a_difference_are_truncated() -> None:
    even = np.full((1, 2, 2), 0.25)
    down, right = np.zeros((2, 2, 1, 1, 2)), np.zeros((2, 2, 1, 2, 1))
    down[0, 0] = down[1, 1] = 1.0  # each image has an edge of its own there
    for gamma, sign in ((0.9, 1), (5.0, 0)):
        energy = puzzle_energy((even, even), (down, right), np.ones(1), Weights(1.2, gamma, 0), 3)
        assert (np.sign(energy.down) == sign).all()
        assert (energy.right > 0).all()


@pytest.mark.parametrize(
    ("cell", "neighbours", "pool"), [(16, 4, 4), (2, 4, 2), (14, 4, 2), (28, 4, 4), (8, 1, 1)]
)
def test_pixels_averaged_at_borders_divide_the_cell(cell: int, neighbours: int, pool: int) -> None:
    assert border_pool(cell, neighbours) == pool


def test_border_steps_of_equal_images_are_equal_for_all_choices() -> None:
    image = torch.rand((2, 3, 8, 8), generator=torch.Generator().manual_seed(0))
    steps = border_steps(image, image, 4)
    assert torch.equal(steps[0, 0], steps[1, 0])
    assert torch.equal(steps[0, 1], steps[1, 1])
    assert steps.shape == (2, 2, 2, 3, 4)
