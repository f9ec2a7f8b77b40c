"""Dead leaves: the laws of the leaves, their shapes, and how they cover each other."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from augmentations.mixing_sets.kinds.dead_leaves import (
    DEAD_LEAVES,
    SHAPES,
    Recipe,
    draw_radii,
    draw_recipe,
    fall,
    render,
)
from augmentations.mixing_sets.quality import fault

RECIPE = draw_recipe(np.random.default_rng(0))


def _one(shape: str, radius: float = 0.3) -> Recipe:
    """A single leaf in the middle, thrown again and again."""
    count = len(RECIPE.radius)
    return Recipe(
        np.full(count, radius),
        np.full((count, 2), 0.5),
        np.full(count, SHAPES.index(shape)),
        np.tile((0.5, 2.0, 3.5, 5.0), (count, 1)),
        RECIPE.colour,
    )


def _first(count: int) -> Recipe:
    """The recipe without the leaves that fall after the first ``count``."""
    names = ("radius", "centre", "shape", "angles", "colour")
    return replace(RECIPE, **{name: getattr(RECIPE, name)[:count] for name in names})


def _area(shape: str) -> float:
    """Share of a 400-px picture that one leaf covers."""
    return float((fall(_one(shape), 400) > 0).mean())


def test_radii_follow_the_truncated_cubic_law_on_the_stated_grid() -> None:
    grid = np.array([0.03 + 0.97 * k / 199 for k in range(200)])
    weights = grid**-3.0 - 1
    steps = np.cumsum(weights) / weights.sum()
    # The nearest step to a uniform number: each owns half the way to its neighbours.
    shares = np.diff(np.concatenate(([0], (steps[1:] + steps[:-1]) / 2, [1])))
    radii = draw_radii(np.random.default_rng(1), 100_000)
    which = np.abs(radii[:, None] - grid[None, :40]).argmin(1)
    assert np.isin(radii.round(9), grid.round(9)).all()
    counts = np.bincount(which[radii < grid[39] + 1e-9], minlength=40)
    observed, expected = np.append(counts, 1e5 - counts.sum()), np.append(shares[:40], 0) * 1e5
    expected[-1] = 1e5 - expected.sum()
    assert stats.chisquare(observed, expected).pvalue > 1e-5  # false alarms: 1e-5


def test_shapes_places_and_colours_are_uniform() -> None:
    assert stats.chisquare(np.bincount(RECIPE.shape, minlength=6)).pvalue > 1e-5
    assert stats.kstest(RECIPE.centre.ravel(), "uniform").pvalue > 1e-5
    assert stats.chisquare(np.bincount(RECIPE.colour.ravel(), minlength=255)).pvalue > 1e-5
    assert RECIPE.colour.max() == 254  # false alarms of all: 3e-5 and (254/255)^15000


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("circle", np.pi * 0.09),
        ("square", 2 * 0.09),
        ("turned square", 2 * 0.09),
        # a quarter of the first angle: 0.125
        ("rectangle", 4 * 0.09 * np.cos(0.125) * np.sin(0.125)),
        # half the sum of the sines of the central angles
        ("triangle", 0.045 * (2 * np.sin(1.5) + np.sin(2 * np.pi - 3))),
        ("quadrilateral", 0.045 * (3 * np.sin(1.5) + np.sin(2 * np.pi - 4.5))),
    ],
)
def test_the_area_of_each_shape_is_that_of_its_formula(shape: str, expected: float) -> None:
    assert _area(shape) == pytest.approx(expected, abs=0.006)  # outlines are drawn in full


def test_only_squares_of_the_turned_kind_are_turned() -> None:
    straight, turned = (fall(_one(shape), 200) > 0 for shape in ("square", "turned square"))
    assert len(set(straight.sum(0))) == 2  # a column is in or out
    assert len(set(turned.sum(0))) > 20


def test_the_order_in_which_corners_were_drawn_does_not_matter() -> None:
    recipe = _one("quadrilateral")
    shuffled = replace(recipe, angles=recipe.angles[:, [2, 0, 3, 1]])
    np.testing.assert_array_equal(fall(recipe, 99), fall(shuffled, 99))


def test_later_leaves_cover_earlier_ones() -> None:
    radius = np.linspace(0.9, 0.1, len(RECIPE.radius)) * 0.5
    recipe = replace(_one("circle"), radius=radius)
    seen = fall(recipe, 64)
    assert seen[32, 32] == len(radius)
    assert seen[32, 50] < seen[32, 40] < seen[32, 32]


def test_leaves_fall_until_the_last_bare_pixel_is_covered_and_no_longer() -> None:
    seen = fall(RECIPE, 64)
    last = int(seen.max())
    assert seen.min() > 0
    np.testing.assert_array_equal(fall(_first(last), 64), seen)
    assert fall(_first(last - 1), 64).min() == 0


def test_black_leaves_cover_as_well_as_others() -> None:
    black = replace(RECIPE, colour=np.zeros_like(RECIPE.colour))
    np.testing.assert_array_equal(fall(black, 48), fall(RECIPE, 48))
    assert (render(black, 48) == 0).all()


def test_pixels_without_any_leaf_are_black() -> None:
    picture = render(_one("circle", radius=0.2), 50)
    assert (picture[0, 0] == 0).all()
    np.testing.assert_array_equal(picture[25, 25], RECIPE.colour[-1])


def test_a_picture_has_no_other_colours_than_its_leaves() -> None:
    colours = {tuple(row) for row in RECIPE.colour.tolist()}
    assert {tuple(row) for row in render(RECIPE, 96).reshape(-1, 3).tolist()} <= colours


def test_the_same_motif_is_seen_at_two_sizes() -> None:
    large = render(RECIPE, 256).reshape(64, 4, 64, 4, 3).mean((1, 3))
    assert np.corrcoef(large.ravel(), render(RECIPE, 64).ravel())[0, 1] > 0.7


def test_a_candidate_depends_on_its_source_of_randomness_alone() -> None:
    first, again, other = (DEAD_LEAVES.draw(np.random.default_rng(s), 5)(40) for s in (7, 7, 8))
    assert first.shape == (40, 40, 3)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_about_three_quarters_of_the_candidates_are_accepted() -> None:
    """A binomial share of 0.77 leaves 0.50 to 0.97 among 60 with a probability below 1e-4."""
    renders = (DEAD_LEAVES.draw(np.random.default_rng([5, seed]), seed) for seed in range(60))
    kept = sum(fault(render(256), DEAD_LEAVES.limits) is None for render in renders)
    assert 30 <= kept <= 58
