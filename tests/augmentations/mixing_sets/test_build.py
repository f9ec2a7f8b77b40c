"""Building mixing sets: the same bytes always, and nothing half-written."""

import hashlib
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from augmentations.mixing_sets import MIXING_SETS
from augmentations.mixing_sets import build as module
from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.build import build, make
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.quality import average_hash, fault, shrink

N = 12


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set, built in this process."""
    return build("orbit-traps", N, 36, out=tmp_path_factory.mktemp("built"), render=64)


def test_two_processes_give_the_bytes_of_one(built: Path, tmp_path: Path) -> None:
    other = build("orbit-traps", N, 36, out=tmp_path, render=64, jobs=2)
    assert other.name == built.name
    assert other.read_bytes() == built.read_bytes()
    assert other.with_suffix(".json").read_bytes() == built.with_suffix(".json").read_bytes()


def test_the_manifest_tells_what_was_built(built: Path) -> None:
    pictures = np.load(built, mmap_mode="r")
    manifest = json.loads(built.with_suffix(".json").read_text())
    assert pictures.shape == (N, 36, 36, 3)
    assert pictures.dtype == np.uint8
    assert manifest["sha256"] == hashlib.sha256(pictures.tobytes()).hexdigest()
    assert manifest["attempts"] >= N
    assert Order("orbit-traps", N, 36, render=64).is_described_by(manifest)
    assert not Order("orbit-traps", N, 36, seed=1, render=64).is_described_by(manifest)
    assert sorted(path.name for path in built.parent.iterdir()) == sorted(
        (built.name, built.with_suffix(".json").name)
    )


def test_accepted_pictures_pass_every_test_and_are_not_alike(built: Path) -> None:
    pictures = np.load(built)
    full = Order("orbit-traps", N, 64, render=64)
    shrunk = Order("orbit-traps", N, 36, render=64)
    for index in range(6):
        large, attempt = make(full, index)
        assert fault(large) is None
        np.testing.assert_array_equal(shrink(large, 36), pictures[index])
        assert make(shrunk, index)[1] == attempt
    codes = [average_hash(picture) for picture in pictures]
    assert min((a ^ b).bit_count() for a, b in combinations(codes, 2)) > 4


def test_a_larger_set_and_another_seed(built: Path, tmp_path: Path) -> None:
    pictures = np.load(built)
    longer = np.load(build("orbit-traps", N + 1, 36, out=tmp_path, render=64))
    np.testing.assert_array_equal(longer[:N], pictures)
    other = np.load(build("orbit-traps", 1, 36, out=tmp_path, render=64, seed=5))
    assert (other[0] != pictures[0]).any()


def test_large_renderings_are_screened_and_still_pass_every_test() -> None:
    picture, _ = make(Order("orbit-traps", 1, 192), 0)
    assert picture.shape == (192, 192, 3)
    assert fault(picture) is None


def _same_for_all_first_attempts(rng: np.random.Generator, index: int) -> Render:
    """Pictures that are all alike at first, and random ones in one case of two."""
    seed = int(rng.integers(2**32)) if rng.uniform() < 0.5 else 0

    def render(size: int) -> Picture:
        cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        return np.kron(cells, np.ones((size // 8, size // 8, 1), np.uint8))

    return render


DOUBLES = Generator(set_id=99, version=1, draw=_same_for_all_first_attempts)


def test_near_duplicates_are_replaced_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MIXING_SETS, "doubles", f"{__name__}:DOUBLES")
    monkeypatch.setattr("augmentations.mixing_sets.order.Order.generator", DOUBLES)
    monkeypatch.setattr(module, "fault", lambda picture: None)
    pictures = np.load(build("doubles", 6, 64, out=tmp_path))
    alone = make(Order("doubles", 6, 64), 0)[0]
    np.testing.assert_array_equal(pictures[0], alone)
    codes = [average_hash(picture) for picture in pictures]
    assert min((a ^ b).bit_count() for a, b in combinations(codes, 2)) > 4
    assert json.loads(next(tmp_path.glob("*.json")).read_text())["attempts"] > 6


def test_a_failed_build_leaves_the_older_set_and_nothing_else(tmp_path: Path) -> None:
    path = build("orbit-traps", 2, 36, out=tmp_path, render=64)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def full(done: int, total: int) -> None:
        if done == total:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        build("orbit-traps", 2, 36, out=tmp_path, render=64, progress=full)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    assert path.name in before


def test_a_disk_that_is_too_small_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="MB are free"):
        build("orbit-traps", 10**12, 36, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_progress_counts_every_picture(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    build("orbit-traps", 3, 36, out=tmp_path, render=64, progress=lambda *now: seen.append(now))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_default_rendering_size() -> None:
    assert Order("orbit-traps", 1, 36).render == 128
    assert Order("orbit-traps", 1, 256).render == 256


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n": 0}, "n and side of at least 1"),
        ({"seed": -1}, "seed >= 0"),
        ({"render": 20}, "render must be at least 36"),
        ({"side": 300, "render": 256}, "render must be at least 300"),
    ],
)
def test_impossible_orders_are_refused(fields: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Order(**{"name": "orbit-traps", "n": 1, "side": 36, **fields})  # type: ignore[arg-type]


def test_an_unknown_name_is_answered_with_the_list(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="known: orbit-traps"):
        build("orbit-trap", 1, 36, out=tmp_path)
    with pytest.raises(ValueError, match="jobs must be at least 1"):
        build("orbit-traps", 1, 36, out=tmp_path, jobs=0)
