"""Promises that every recipe keeps."""

import pytest

from robench.recipes import load_recipe, names
from robench.train.schedule import learning_rate


@pytest.mark.parametrize("name", names())
def test_a_recipe_is_complete_and_says_where_it_comes_from(name: str) -> None:
    recipe = load_recipe(name, {})

    assert recipe.name == name
    assert recipe.source


@pytest.mark.parametrize("name", names())
def test_the_rate_is_positive_and_ends_low(name: str) -> None:
    recipe, total = load_recipe(name, {}), 200

    rates = [learning_rate(recipe, step, total) for step in range(total)]

    assert all(0 < rate <= recipe.lr for rate in rates)
    assert rates[-1] < recipe.lr / 20
