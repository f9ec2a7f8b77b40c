"""The chaos game: known attractors, and one result with and without numba."""

import importlib
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from augmentations import compiled as compiled_loops
from augmentations.mixing_sets.base import Generator
from augmentations.mixing_sets.kinds import chaos_game, fractaldb, ifs
from augmentations.mixing_sets.kinds.chaos_game import (
    ENTRIES,
    Choices,
    Doubles,
    choice_table,
    count,
    play,
)
from augmentations.mixing_sets.kinds.ifs_maps import draw_system

KINDS = "augmentations.mixing_sets.kinds"
SIERPINSKI = np.array([[0.5, 0, 0, 0.5, x, y] for x, y in ((0, 0), (0.5, 0), (0, 0.5))])
FERN = np.array(
    [
        [0.0, 0.0, 0.0, 0.16, 0.0, 0.0],
        [0.85, 0.04, -0.04, 0.85, 0.0, 1.6],
        [0.2, -0.26, 0.23, 0.22, 0.0, 1.6],
        [-0.15, 0.28, 0.26, 0.24, 0.0, 0.44],
    ]
)


@pytest.fixture
def forgotten() -> Iterator[None]:
    """Forget before and after the test whether numba was found."""
    compiled_loops._installed.cache_clear()
    yield
    compiled_loops._installed.cache_clear()


def test_the_sierpinski_triangle_has_its_dimension_its_holes_and_three_equal_parts() -> None:
    points = play(SIERPINSKI, choice_table(np.ones(3)), 0, (0.0, 0.0))
    assert points.shape == (2, 100_000)
    boxes = [np.count_nonzero(count(points, (0, 0, 1, 1), size)) for size in (4, 8, 16, 32, 64)]
    assert boxes == [3**level for level in (2, 3, 4, 5, 6)]
    x, y = points
    assert not ((x + y > 0.5 + 1e-6) & (x < 0.5 - 1e-6) & (y < 0.5 - 1e-6)).any()
    thirds = np.array([(x >= 0.5).sum(), (y >= 0.5).sum(), ((x < 0.5) & (y < 0.5)).sum()])
    # 4096 entries are not a multiple of 3, which shifts a part by 16; 5 deviations of 149 each.
    assert np.abs(thirds - 100_000 / 3).max() < 16 + 745


def test_the_fern_fills_its_known_frame_with_most_points_in_the_large_map() -> None:
    table = choice_table(np.array([0.01, 0.85, 0.07, 0.07]))
    x, y = play(FERN, table, 1, (0.0, 0.0))
    assert (
        np.abs((x.min(), x.max(), y.min(), y.max()) - np.array([-2.18, 2.66, 0, 10])).max() < 0.05
    )
    stem = ((np.abs(x) < 1e-6) & (y < 1.6)).mean()
    assert 0.005 < stem < 0.02  # 1 % of the points; a standard deviation is 0.03 %


def test_orbits_spread_over_the_attractor_within_the_steps_that_are_thrown_away() -> None:
    points = play(SIERPINSKI, choice_table(np.ones(3)), 2, (0.0, 0.0)).reshape(2, 50, 2000)
    for step in (0, 49):
        cells = count(points[:, step], (0, 0, 1, 1), 8)
        assert np.count_nonzero(cells) == 27
        # 2000 points in 27 cells: 74 each, standard deviation 8.4; 6 of them, 54 times: 1e-7.
        assert np.abs(cells[cells > 0] - 2000 / 27).max() < 6 * 8.4


def test_the_same_seed_gives_the_same_points_and_another_seed_others() -> None:
    table = choice_table(np.ones(3))
    first, again, other = (play(SIERPINSKI, table, seed, (0.0, 0.0), 40) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (2, 2000)
    assert (first != other).mean() > 0.5


def test_choices_are_in_proportion_and_no_map_is_forgotten() -> None:
    counts = np.bincount(choice_table(np.array([0.0, 3.0, 1.0, 1e-9])))
    assert counts.sum() == ENTRIES
    assert counts[0] == counts[3] == 1
    assert abs(counts[1] - 3072) <= 3
    assert abs(counts[2] - 1024) <= 3


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, np.nan], [1.0, np.inf]])
def test_weights_that_choose_nothing_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="finite and not all zero"):
        choice_table(np.array(weights))


def test_points_outside_the_window_infinities_and_nan_are_not_counted() -> None:
    x = np.array([0.0, 0.99, 1.0, -0.01, 0.5, 0.5, np.nan, np.inf, 0.5, 0.2], np.float32)
    y = np.array([0.0, 0.99, 0.5, 0.5, 1.0, -0.01, 0.5, 0.5, -np.inf, 0.7], np.float32)
    points = np.stack((x, y))
    expected = np.array([[1, 0], [1, 1]])
    np.testing.assert_array_equal(count(points, (0, 0, 1, 1), 2), expected)
    np.testing.assert_array_equal(count(2 * points + 3, (3, 3, 2, 2), 2), expected)


def _games() -> Iterator[tuple[Doubles, Choices, int, tuple[float, float]]]:
    """Maps, choices, seeds and starts of contracting and of exploding systems."""
    rng = np.random.default_rng(7)
    for seed in range(40):
        system = draw_system(rng).jittered(rng)
        yield system.rows, choice_table(system.weights), seed, system.fixed_point()
    for seed in range(40):
        maps = rng.uniform(-1, 1, (int(rng.integers(2, 8)), 6)) * rng.choice((0.5, 1.0, 8.0))
        yield maps, choice_table(rng.uniform(size=len(maps))), seed, (0.0, 0.0)


def test_compiled_and_plain_loops_agree_to_the_bit() -> None:
    if not _numba():
        pytest.skip("numba is not installed")
    compiled = importlib.import_module(f"{KINDS}.compiled_chaos")
    plain, finite = chaos_game._Plain, []
    for maps, table, seed, start in _games():
        bits = np.random.SFC64(seed).random_raw(70 * 100 // 4).view(np.uint16).reshape(70, 100)
        inputs = maps.astype(np.float32), table, bits, np.array(start, np.float32), 20
        points = plain.orbits(*inputs)
        assert points.tobytes() == compiled.orbits(*inputs).tobytes()
        points = points.reshape(2, -1)
        corner, scale = np.array([[-0.7, -1.1], [24.3, 17.9]], np.float32)
        hits = plain.hits(points, corner, scale, 48)
        assert hits.dtype == np.int32
        np.testing.assert_array_equal(hits, compiled.hits(points, corner, scale, 48))
        finite.append(np.isfinite(points).all())
    assert 40 <= sum(finite) < 80


@pytest.mark.parametrize(
    ("generator", "pictures"), [(ifs.IFS, 60), (fractaldb.FRACTALDB, 10)], ids=["ifs", "fractaldb"]
)
def test_pictures_have_the_same_bytes_with_and_without_numba(
    generator: Generator, pictures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not _numba():
        pytest.skip("numba is not installed")
    compiled = importlib.import_module(f"{KINDS}.compiled_chaos")
    for index in range(pictures):
        found = []
        for used in (compiled, chaos_game._Plain):
            monkeypatch.setattr(chaos_game, "_loops", lambda used=used: used)
            fractaldb.category.cache_clear()
            render = generator.draw(np.random.default_rng(index), index)
            found.append([render(size).tobytes() for size in (64, 100, 256)])
        assert found[0] == found[1]


@pytest.mark.usefixtures("forgotten")
def test_without_numba_the_plain_loops_are_used_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)  # importing it fails
    monkeypatch.delitem(sys.modules, f"{KINDS}.compiled_chaos", raising=False)
    assert chaos_game._loops() is chaos_game._Plain
    assert play(FERN, choice_table(np.ones(4)), 1, (0.0, 0.0), 4).shape == (2, 200)


@pytest.mark.usefixtures("forgotten")
def test_an_environment_variable_turns_the_compiled_loops_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ROBENCH_COMPILED", "0")
    assert chaos_game._loops() is chaos_game._Plain


def test_without_a_folder_for_its_cache_the_compiler_still_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not _numba():
        pytest.skip("numba is not installed")
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    name = f"{KINDS}.compiled_chaos"
    monkeypatch.delitem(sys.modules, name, raising=False)
    compiled = importlib.import_module(name)
    corner, scale = np.zeros(2, np.float32), np.ones(2, np.float32)
    hits = compiled.hits(np.full((2, 5), 1.5, np.float32), corner, scale, 3)
    assert hits[1, 1] == hits.sum() == 5


def test_importing_the_generators_does_not_import_numba() -> None:
    code = (
        f"import {KINDS}.ifs, {KINDS}.fractaldb, sys\n"
        "print('numba' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def _numba() -> bool:
    """Whether numba can be imported."""
    try:
        importlib.import_module("numba")
    except ImportError:
        return False
    return True
