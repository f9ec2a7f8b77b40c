"""FractalDB: the search for categories, their instances, and the stamps."""

import numpy as np
import pytest

from augmentations.mixing_sets.kinds import fractaldb
from augmentations.mixing_sets.kinds.chaos_game import Doubles, Floats, choice_table
from augmentations.mixing_sets.kinds.coverage import fill
from augmentations.mixing_sets.kinds.fractaldb import (
    FRACTALDB,
    INSTANCES,
    Category,
    Recipe,
    category,
    draw_recipe,
    fills,
    render,
    render_colour,
    weight_vector,
)
from augmentations.mixing_sets.quality import fault, is_hopeless, shrink


def _square() -> Category:
    """Four maps whose attractor is the unit square, evenly filled."""
    corners = [[0.5, 0, 0, 0.5, x, y] for x in (0, 0.5) for y in (0, 0.5)]
    return Category(np.array(corners), choice_table(np.ones(4)))


def _recipe(points: Doubles | Floats, mirrored: tuple[bool, bool] = (False, False)) -> Recipe:
    """A recipe with given points."""
    return Recipe(_square(), 5, points.astype(np.float32), mirrored)


def test_a_category_is_found_again_by_its_number() -> None:
    first = category(3)
    category.cache_clear()
    again, other = category(3), category(4)
    np.testing.assert_array_equal(first.maps, again.maps)
    np.testing.assert_array_equal(first.table, again.table)
    assert first.maps.shape != other.maps.shape or (first.maps != other.maps).all()


def test_categories_have_two_to_seven_free_maps_and_fill_a_fifth_of_the_search_picture() -> None:
    for index in range(12):
        found = category(index)
        assert 2 <= len(found.maps) <= 7
        assert np.abs(found.maps).max() <= 1
        areas = np.abs(found.maps[:, 0] * found.maps[:, 3] - found.maps[:, 1] * found.maps[:, 2])
        shares = np.bincount(found.table, minlength=len(areas)) / len(found.table)
        np.testing.assert_allclose(shares, areas / areas.sum(), atol=0.003)
        # Other points than those of the search, hence the tolerance.
        assert fills(fractaldb._play(found, 99), 512) > 0.195


def test_points_that_diverge_or_lie_on_a_line_fill_nothing() -> None:
    rng = np.random.default_rng(0)
    cloud = rng.uniform(size=(2, 4000)).astype(np.float32)
    assert 0.5 < fills(cloud, 64) < 1
    for bad in (np.nan, np.inf, -np.inf):
        broken = cloud.copy()
        broken[1, 7] = bad
        assert fills(broken, 64) == 0
    assert fills(np.stack((cloud[0], 0 * cloud[1])), 64) == 0


def test_there_are_twenty_five_weight_vectors_and_each_changes_at_most_one_parameter() -> None:
    vectors = np.stack([weight_vector(number) for number in range(INSTANCES)])
    assert len(np.unique(vectors, axis=0)) == 25
    np.testing.assert_array_equal(vectors[0], np.ones(6))
    assert ((vectors != 1).sum(1) == [0] + 24 * [1]).all()
    assert sorted(set(vectors.ravel().tolist())) == [0.2, 0.6, 1.0, 1.4, 1.8]


def test_a_picture_is_grey_on_black_and_depends_on_its_source_of_randomness_alone() -> None:
    first, again, other = (FRACTALDB.draw(np.random.default_rng(s), 0)(96) for s in (2, 2, 3))
    assert first.shape == (96, 96, 3)
    assert set(np.unique(first)) == {0, 127}
    assert (first == first[..., :1]).all()
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_stamps_set_the_nine_pixels_around_each_point_and_no_others() -> None:
    grid = np.linspace(0, 1, 6)
    points = np.stack([axis.ravel() for axis in np.meshgrid(grid, grid)])
    size, width = 256, 1 / (1 - 12 / 362)
    picture = render(_recipe(np.tile(points, 2778)), size)[..., 0] > 0
    nodes = ((grid + 6 / 362 * width) * size / width).astype(np.int64)
    near = np.isin(np.arange(size), nodes[:, None] + (-1, 0, 1))
    np.testing.assert_array_equal(picture, near[:, None] & near)


def test_stamps_are_random_patterns_without_the_empty_one() -> None:
    raw = np.random.SFC64(5).random_raw(5000).view(np.uint16)
    stamps = raw % 511 + 1
    assert stamps.min() == 1
    assert stamps.max() == 511
    cells = (stamps[:, None] >> np.arange(9) & 1).mean(0)
    # 256 of 511 patterns hold a cell; 20,000 stamps: 5 standard deviations are 0.018.
    assert np.abs(cells - 256 / 511).max() < 0.018


def test_mirrored_pictures_are_the_same_picture_mirrored() -> None:
    points = fractaldb._play(_square(), 1)[:, :3000] * [[0.5], [1.0]]
    plain = render(_recipe(points), 40)
    np.testing.assert_array_equal(render(_recipe(points, (True, False)), 40), plain[::-1])
    np.testing.assert_array_equal(render(_recipe(points, (False, True)), 40), plain[:, ::-1])


def test_pictures_of_all_sizes_have_the_density_of_the_published_ones() -> None:
    recipe = _recipe(fractaldb._play(_square(), 8))
    # 1.53 points per pixel, each cell of a stamp set by 256 of 511, inside a frame with 6 of 362
    # pixels of margin on either side, over which the stamps reach by one pixel.
    for size in (64, 128, 256, 400):
        share = fill(render(recipe, size)[..., 0])
        inner = (1 - 12 / 362 + 1 / size) ** 2
        assert share == pytest.approx(inner * (1 - np.exp(-1.526 * 9 * 0.501)), abs=0.03)


def test_colours_run_through_all_hues_on_black() -> None:
    recipe = _recipe(fractaldb._play(_square(), 8))
    picture, grey = render_colour(recipe, 128), render(recipe, 128)
    np.testing.assert_array_equal(picture.any(2), grey.any(2))
    colours = np.unique(picture.reshape(-1, 3), axis=0)
    assert 60 < len(colours) <= 129
    table = fractaldb._hues()
    np.testing.assert_array_equal(table[0], [255, 48, 48])  # red; what exceeds 1 is clipped
    assert table[43].argmax() == 1
    assert table[86].argmax() == 2


def test_a_small_rendering_resembles_the_large_one_shrunk() -> None:
    alike = []
    for seed in range(12):
        recipe = draw_recipe(np.random.default_rng(seed))
        small, large = render(recipe, 64), shrink(render(recipe, 256), 64)
        if fill(large[..., 0]) >= 0.2:
            alike.append(np.corrcoef(small.ravel(), large.ravel())[0, 1])
    assert len(alike) >= 6
    assert np.median(alike) > 0.8


def test_near_empty_pictures_are_refused() -> None:
    assert fault(np.zeros((256, 256, 3), np.uint8), FRACTALDB.limits) is not None
    heights = np.random.default_rng(0).uniform(size=(16, 16, 1))
    for share, expected in [(0.12, "fill"), (0.3, None)]:
        cells = np.kron(heights < share, np.ones((16, 16, 3)))
        picture = (cells * 127).astype(np.uint8)
        assert fault(picture, FRACTALDB.limits) == expected
        assert is_hopeless(picture[::4, ::4], FRACTALDB.limits) is (expected is not None)


def test_most_candidates_are_accepted_and_screening_loses_few() -> None:
    accepted = wrong = 0
    for index in range(30):
        drawn = FRACTALDB.draw(np.random.default_rng([1, index]), index)
        passes = fault(drawn(256), FRACTALDB.limits) is None
        accepted += passes
        wrong += passes and is_hopeless(drawn(64), FRACTALDB.limits)
    assert accepted >= 12
    assert wrong <= 3
