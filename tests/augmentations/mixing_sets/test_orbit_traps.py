"""Orbit-trap pictures: strata, shapes, iteration and colours."""

from collections import Counter

import numpy as np
import pytest

from augmentations.mixing_sets.kinds import orbits
from augmentations.mixing_sets.kinds.families import FAMILIES, boundary_parameter
from augmentations.mixing_sets.kinds.orbit_traps import (
    MODES,
    Recipe,
    draw_recipe,
    picture,
    render,
    stratum,
)
from augmentations.mixing_sets.kinds.palettes import colour, draw_palette
from augmentations.mixing_sets.kinds.traps import TRAPS, Trap


def _trap(shape: str) -> Trap:
    """A shape of radius 0.5 at (1, 0), turned by a right angle."""
    return Trap(shape, x=1.0, y=0.0, angle=np.pi / 2, radius=0.5, petals=4)


def test_any_108_positions_hold_every_combination_once() -> None:
    cells = Counter(stratum(i) for i in range(50, 158))
    assert len(cells) == len(FAMILIES) * len(TRAPS) * len(MODES) == 108


def test_six_positions_hold_each_family_once_and_each_mode_twice() -> None:
    for start in (0, 6, 60):
        families, _, modes = zip(*(stratum(start + i) for i in range(6)), strict=True)
        assert len(set(families)) == 6
        assert set(Counter(modes).values()) == {2}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("square", (1 - 2j) ** 2),
        ("cube", (1 - 2j) ** 3),
        ("fourth", (1 - 2j) ** 4),
        ("burning-ship", (1 + 2j) ** 2),
        ("tricorn", (1 + 2j) ** 2),
        ("celtic", complex(3, -4)),
    ],
)
def test_one_step_of_each_family_worked_out_by_hand(name: str, expected: complex) -> None:
    assert complex(*FAMILIES[name].step(1.0, -2.0)) == pytest.approx(expected)


def test_the_parameter_lies_just_outside_the_mandelbrot_set() -> None:
    c = complex(*boundary_parameter(FAMILIES["square"], np.random.default_rng(3)))
    z = 0j
    steps = 0
    while abs(z) <= 4 and steps < 200:
        z, steps = z * z + c, steps + 1
    assert 4 < steps < 200


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("point", np.hypot(0.5, 2.0)),
        ("line", 0.5),  # turned by a right angle, the line is x = 1
        ("cross", 0.5),
        ("circle", np.hypot(0.5, 2.0) - 0.5),
        ("square", 1.5),
        ("flower", np.hypot(0.5, 2.0) - 0.5 * (1 + 0.4 * np.cos(4 * np.arctan2(0.5, 2.0)))),
    ],
)
def test_distance_to_each_trap_worked_out_by_hand(shape: str, expected: float) -> None:
    x, y = np.array([1.5], np.float32), np.array([2.0], np.float32)
    assert _trap(shape).distance(x, y) == pytest.approx(expected, abs=1e-5)


def test_the_iteration_agrees_with_plain_complex_numbers() -> None:
    from augmentations.mixing_sets.kinds.orbit_traps import _orbits  # noqa: PLC0415

    rng = np.random.default_rng(0)
    palettes = (draw_palette(rng), draw_palette(rng))
    recipe = Recipe(
        "square", True, (-0.4, 0.6), (0.0, 0.0), 3.0, 0.0, 12, _trap("point"), "trap", palettes, 1
    )
    nearest, escape = (field.reshape(9, 9) for field in _orbits(recipe, 9))

    for row, column in [(4, 4), (4, 5), (0, 0), (3, 6), (8, 2)]:
        z = complex((column + 0.5) / 9 - 0.5, (row + 0.5) / 9 - 0.5) * 3
        orbit = [z]
        while len(orbit) <= 12 and (len(orbit) == 1 or abs(orbit[-1]) <= 64):
            orbit.append(orbit[-1] ** 2 + complex(-0.4, 0.6))
        n, last = len(orbit) - 1, abs(orbit[-1])
        smooth = n + 1 - np.log2(np.log(last) / np.log(64)) if last > 64 else 12
        assert escape[row, column] == pytest.approx(smooth, rel=1e-4)
        assert nearest[row, column] == pytest.approx(min(abs(z - 1) for z in orbit[2:]), rel=1e-3)


def test_the_compiled_loop_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.delenv("ROBENCH_COMPILED", raising=False)
    recipes = [
        (draw_recipe(np.random.default_rng([index, 1]), *stratum(index)), 256 if index < 4 else 45)
        for index in range(108)
    ]
    assert {recipe.julia for recipe, _ in recipes} == {True, False}
    compiled = [render(*recipe) for recipe in recipes]
    assert orbits._compiled() is not None

    monkeypatch.setattr(orbits, "_compiled", lambda: None)

    for recipe, expected in zip(recipes, compiled, strict=True):
        np.testing.assert_array_equal(render(*recipe), expected)


@pytest.mark.parametrize("name", FAMILIES)
def test_orbits_that_stay_and_orbits_that_leave_are_told_apart(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = np.array([[0.0, 5.0], [0.0, 0.0]], np.float32)
    zero = np.zeros((2, 1), np.float32)
    for compiled in (orbits._compiled(), None):
        monkeypatch.setattr(orbits, "_compiled", lambda found=compiled: found)
        nearest, escape = orbits.trace(name, _trap("point"), start, zero, 50)
        assert nearest[0] == pytest.approx(1)
        assert escape[0] == 50
        assert escape[1] < 5


def test_a_picture_depends_on_its_source_of_randomness_alone() -> None:
    first, again, other = (picture(np.random.default_rng(seed), 24) for seed in (7, 7, 8))
    assert first.shape == (24, 24, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("mode", MODES)
def test_a_recipe_shows_the_same_motif_at_two_sizes(mode: str) -> None:
    recipe = draw_recipe(np.random.default_rng(4), "tricorn", "circle", mode)
    small = render(recipe, 32).astype(np.float64)
    large = render(recipe, 64).reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert np.corrcoef(small.ravel(), large.ravel())[0, 1] > 0.7


def test_palettes_stay_in_range_and_repeat_with_period_one() -> None:
    rng = np.random.default_rng(1)
    t = np.array([0.0, 0.25, 0.75, 0.999], np.float32)
    for _ in range(30):
        palette = draw_palette(rng)
        assert palette.shape == (1024, 3)
        assert 0 <= palette.min() <= palette.max() <= 1
        np.testing.assert_array_equal(colour(palette, t), colour(palette, t + 1))
        assert palette.std(0).max() > 0.02
