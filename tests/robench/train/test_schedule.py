"""Learning rates per step."""

import math

import pytest

from robench.recipes import load_recipe
from robench.train.schedule import learning_rate


def test_the_official_cosine_goes_from_lr_to_the_absolute_floor() -> None:
    recipe = load_recipe("cifar", {})
    total = 39_100

    rates = [learning_rate(recipe, step, total) for step in (0, total // 2, total)]

    assert rates == pytest.approx([0.1, (0.1 + 1e-6) / 2, 1e-6])


def test_cosine_equals_the_official_lambda_at_every_step() -> None:
    recipe, total = load_recipe("cifar", {}), 500

    def official(step: int) -> float:
        floor = 1e-6 / 0.1
        return 0.1 * (floor + (1 - floor) * 0.5 * (1 + math.cos(step / total * math.pi)))

    ours = [learning_rate(recipe, step, total) for step in range(total)]

    assert ours == pytest.approx([official(step) for step in range(total)], rel=1e-12)


def test_linear_rises_over_the_first_fifth_then_falls_in_a_straight_line() -> None:
    recipe, total = load_recipe("air32", {}), 100

    rates = [learning_rate(recipe, step, total) for step in range(total + 1)]

    assert max(rates) == rates[19] == rates[20] == 0.1
    assert rates[0] == pytest.approx(0.1 / 20)
    assert rates[60] == pytest.approx((0.1 + 1e-4) / 2)
    assert rates[100] == pytest.approx(1e-4)
