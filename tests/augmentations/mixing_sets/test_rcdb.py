"""Radial contours: their laws, their geometry, and which are rejected."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from augmentations.mixing_sets.kinds.perlin_noise import LARGEST, perlin
from augmentations.mixing_sets.kinds.rcdb import (
    LIMITS,
    RCDB,
    Recipe,
    contours,
    coverage,
    draw_recipe,
    render,
)
from augmentations.mixing_sets.quality import fault, is_hopeless, to_grey

RECIPES = [draw_recipe(np.random.default_rng([4, seed])) for seed in range(600)]


def _recipe(radius: float, lines: int, vertices: int, grey: int = 0) -> Recipe:
    """Regular contours around the middle, 2 pixels of 512 apart (amplitude 1, noise -0.5)."""
    noise = np.full((lines, vertices, 2), -0.5)
    return Recipe(radius, (1.0, 1.0), (256.0, 256.0), 1.0, 0.0, (grey,) * lines, noise)


def test_noise_vanishes_on_the_lattice_and_keeps_the_slopes_given_there() -> None:
    slopes = np.array([1.0, -1.0, -1.0, 1.0, 1.0])
    lattice = np.arange(20.0)
    np.testing.assert_array_equal(perlin(lattice, slopes), 0)
    rise = perlin(lattice + 1e-6, slopes) / 1e-6
    np.testing.assert_allclose(rise, np.tile(slopes, 4), atol=1e-4)


def test_noise_reaches_its_bound_between_opposite_slopes_and_is_smooth() -> None:
    slopes = np.array([1.0, -1.0])
    assert perlin(np.array([0.5, 1.5]), slopes) == pytest.approx([LARGEST, -LARGEST])
    line = np.linspace(0, 8, 80_001)
    assert np.abs(perlin(line, slopes)).max() <= LARGEST
    assert np.abs(np.diff(perlin(line, slopes), 2)).max() < 2e-7  # no kink at lattice points


def test_vertices_are_whole_parts_of_an_exponential_within_3_to_200() -> None:
    vertices = np.array([recipe.noise.shape[1] for recipe in RECIPES])
    edges = np.array([3, 15, 30, 50, 75, 100, 140, 201])
    mass = -np.diff(np.exp(-edges / 100))  # P(a <= int(X) < b)
    counts, _ = np.histogram(vertices, edges)
    assert counts.sum() == len(vertices)
    expected = mass / mass.sum() * len(vertices)
    assert stats.chisquare(counts, expected).pvalue > 1e-5  # false alarms: 1e-5


def test_other_parameters_are_uniform_on_their_ranges() -> None:
    ranges: dict[str, tuple[Sequence[float], float, float]] = {
        "lines": ([len(r.greys) for r in RECIPES], 1, 201),
        "amplitude": ([r.amplitude for r in RECIPES], 0, 4),
        "width": ([r.width for r in RECIPES], 0, 0.1),
        "radius": ([r.radius for r in RECIPES], 0, 101),
        "ovality": ([r.ovality[1] for r in RECIPES], 1, 2),
        "centre": ([r.centre[0] for r in RECIPES], 56, 456.5),
    }
    for name, (values, low, high) in ranges.items():
        assert low <= min(values), name
        assert max(values) <= high, name
        counts, _ = np.histogram(values, 8, (low, high))
        assert stats.chisquare(counts).pvalue > 1e-5, name  # false alarms: 6e-5 for all


def test_contours_grow_outwards_by_the_stated_steps() -> None:
    lines = contours(_recipe(10, 30, 12))
    radii = np.hypot(*np.moveaxis(lines - 256, 2, 0))
    np.testing.assert_allclose(radii, np.repeat(10 + 2 * np.arange(1.0, 31)[:, None], 12, 1))


def test_no_drawn_contour_ever_moves_inwards() -> None:
    for recipe in RECIPES[:100]:
        lines = contours(recipe)
        theta = 2 * np.pi * np.arange(lines.shape[1]) / lines.shape[1]
        step = np.diff(lines, axis=0) * np.stack((np.cos(theta), np.sin(theta)), axis=1)
        assert (step >= -1e-9).all()


@pytest.mark.parametrize("vertices", [3, 4, 60])
def test_a_contour_is_closed(vertices: int) -> None:
    """What is not drawn falls into one part inside and one part outside."""
    from scipy.ndimage import label  # noqa: PLC0415

    picture = render(_recipe(150, 1, vertices), 512)[:, :, 0]
    regions, count = label(picture == 255)
    assert count == 2
    assert regions[256, 256] != regions[0, 0]


def test_a_picture_is_grey_and_scales_with_its_size() -> None:
    recipe = RECIPES[3]
    large, small = render(recipe, 512), render(recipe, 128)
    assert large.shape == (512, 512, 3)
    assert large.dtype == np.uint8
    np.testing.assert_array_equal(large[:, :, 0], large[:, :, 2])
    boxes = large.reshape(128, 4, 128, 4, 3).mean((1, 3))
    assert np.corrcoef(boxes.ravel(), small.ravel())[0, 1] > 0.9


def test_a_candidate_depends_on_its_source_of_randomness_alone() -> None:
    first, again, other = (RCDB.draw(np.random.default_rng(s), 5)(48) for s in (7, 7, 8))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_contour_off_the_frame_or_in_a_void_is_rejected_and_a_broad_one_is_not() -> None:
    nothing, ring, broad = (
        render(recipe, 256)
        for recipe in (_recipe(900, 3, 90), _recipe(20, 3, 40), _recipe(20, 90, 7, grey=40))
    )
    assert coverage(to_grey(nothing)) == 0
    assert coverage(to_grey(ring)) < 0.05
    assert fault(nothing, LIMITS) is not None
    assert fault(ring, LIMITS) is not None
    assert is_hopeless(render(_recipe(900, 3, 90), 64), LIMITS)
    assert fault(broad, LIMITS) is None


def test_about_two_thirds_of_the_candidates_are_accepted() -> None:
    """A binomial share of 0.67 leaves 0.47 to 0.85 among 100 with a probability below 1e-4."""
    kept = sum(fault(render(recipe, 128), LIMITS) is None for recipe in RECIPES[:100])
    assert 47 <= kept <= 85
