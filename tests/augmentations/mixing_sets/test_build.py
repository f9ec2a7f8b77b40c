"""Making mixing sets: the same bytes always, each picture worth having."""

import hashlib
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from augmentations.mixing_sets import MIXING_SETS
from augmentations.mixing_sets.base import Generator, Picture, Render
from augmentations.mixing_sets.build import build, make
from augmentations.mixing_sets.folder import read_manifest
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.quality import Limits, average_hash, fault, shrink

N = 12
ORDER = Order("orbit-traps", 64)
FILES = ("pictures-64.npy", "pictures-36.npy", "attempts.npy", "manifest.json")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones apart."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set, made in this process."""
    return build(ORDER, N, tmp_path_factory.mktemp("made") / "set")


def test_two_processes_give_the_bytes_of_one(built: Path, tmp_path: Path) -> None:
    assert contents(build(ORDER, N, tmp_path, jobs=2)) == contents(built)


def test_a_set_holds_pictures_of_two_sizes_and_says_what_they_are(built: Path) -> None:
    large, small, attempts = (np.load(built / name) for name in FILES[:3])
    manifest = read_manifest(built)

    assert set(contents(built)) == set(FILES)
    assert (large.shape, large.dtype) == ((N, 64, 64, 3), np.uint8)
    assert (small.shape, small.dtype) == ((N, 36, 36, 3), np.uint8)
    for big, little in zip(large, small, strict=True):
        np.testing.assert_array_equal(shrink(big, 36), little)
    for name in FILES[:3]:
        assert manifest["files"][name]["sha256"] == digest((built / name).read_bytes())
    assert manifest["files"][FILES[0]]["values_sha256"] == digest(large.tobytes())
    tried = int(attempts.sum()) + N
    row = {"pictures": N, "attempts": tried, "accepted": round(N / tried, 4)}
    assert manifest["kinds"] == {"orbit-traps": row}
    assert manifest["n"] == N
    assert manifest.items() >= ORDER.identity().items()
    assert manifest["libraries"]["numpy"] == np.__version__


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_accepted_pictures_pass_every_test_and_are_not_alike(built: Path) -> None:
    large, small, attempts = (np.load(built / name) for name in FILES[:3])
    limits = ORDER.kinds["orbit-traps"].limits
    assert all(fault(picture, limits) is None for picture in large)
    for position in (0, N - 1):
        picture, _, attempt = make(ORDER, position)
        np.testing.assert_array_equal(picture, large[position])
        assert attempt == attempts[position]
    codes = [average_hash(picture) for picture in small]
    assert min((a ^ b).bit_count() for a, b in combinations(codes, 2)) > 4


def test_a_set_is_the_beginning_of_every_longer_one(built: Path, tmp_path: Path) -> None:
    grown, whole = tmp_path / "grown", build(ORDER, N, tmp_path / "whole")
    build(ORDER, 3, grown)
    first = np.load(grown / FILES[0])

    build(ORDER, N, grown)

    assert contents(grown) == contents(whole) == contents(built)
    np.testing.assert_array_equal(np.load(grown / FILES[0])[:3], first)


def test_asking_for_fewer_leaves_a_set_alone(built: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.iterdir() if path.suffix}
    build(ORDER, 2, built)
    assert {path: path.stat().st_mtime_ns for path in built.iterdir() if path.suffix} == before


def test_another_seed_gives_other_pictures(built: Path, tmp_path: Path) -> None:
    other = np.load(build(Order("orbit-traps", 64, seed=5), 1, tmp_path) / FILES[0])
    assert (other[0] != np.load(built / FILES[0])[0]).any()


def test_large_renderings_are_screened_and_still_pass_every_test() -> None:
    picture, small, _ = make(Order("orbit-traps", 192), 0)
    assert picture.shape == (192, 192, 3)
    assert small.shape == (36, 36, 3)
    assert fault(picture) is None


def _alike_in_one_case_of_two(rng: np.random.Generator, index: int) -> Render:
    """Random cells, the same ones in one case of two."""
    seed = int(rng.integers(2**32)) if rng.uniform() < 0.5 else 0

    def render(size: int) -> Picture:
        cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        return np.kron(cells, np.ones((size // 8, size // 8, 1), np.uint8))

    return render


DOUBLES = Generator(98, version=1, draw=_alike_in_one_case_of_two, limits=Limits((), (), ()))


def test_near_duplicates_are_replaced_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MIXING_SETS, "doubles", f"{__name__}:DOUBLES")
    order = Order("doubles", 64)

    whole = build(order, 24, tmp_path / "whole")
    for n in (3, 11, 24):  # duplicates are known across interruptions too
        build(order, n, tmp_path / "grown")

    assert contents(whole) == contents(tmp_path / "grown")
    np.testing.assert_array_equal(np.load(whole / FILES[0])[0], make(order, 0)[0])
    codes = [average_hash(picture) for picture in np.load(whole / FILES[1])]
    assert min((a ^ b).bit_count() for a, b in combinations(codes, 2)) > 4
    firsts = [make(order, position)[1] for position in range(24)]
    alike = [position for position in range(24) if (firsts[position] == firsts[0]).all()]
    replaced = np.flatnonzero(np.load(whole / FILES[2])).tolist()
    assert set(alike[1:]) <= set(replaced) | {0}
    assert len(replaced) >= 5


def test_progress_counts_from_what_is_there(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    build(ORDER, 3, tmp_path, progress=lambda *now: seen.append(now))
    build(ORDER, 12, tmp_path, progress=lambda *now: seen.append(now))
    assert seen == [(3, 3), (3, 12), (11, 12), (12, 12)]


def test_sizes_that_go_with_a_side() -> None:
    sizes = {side: Order.for_side("orbit-traps", side).size for side in (36, 64, 72, 256)}
    assert sizes == {36: 128, 64: 128, 72: 72, 256: 256}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seed": -1}, "seed >= 0"),
        ({"size": 63}, "size of at least 64"),
        ({"networks": "ab"}, "orbit-traps has no use for networks"),
    ],
)
def test_impossible_orders_are_refused(fields: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Order("orbit-traps", **fields)  # type: ignore[arg-type]


def test_an_unknown_name_is_answered_with_the_list() -> None:
    with pytest.raises(KeyError, match=r"known: .*orbit-traps"):
        Order("orbit-trap")


@pytest.mark.parametrize(("n", "jobs"), [(0, 1), (1, 0)])
def test_no_pictures_and_no_processes_are_refused(tmp_path: Path, n: int, jobs: int) -> None:
    with pytest.raises(ValueError, match="n and jobs of at least 1"):
        build(ORDER, n, tmp_path / "set", jobs=jobs)
    assert not (tmp_path / "set").exists()


def test_the_manifest_is_plain_json(built: Path) -> None:
    assert json.loads((built / "manifest.json").read_text())["title"] == "orbit-traps-64px-seed0"
