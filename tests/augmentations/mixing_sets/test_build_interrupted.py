"""Mixing sets whose making was killed, failed, or met another: the files end up the same."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from augmentations.mixing_sets import build as module
from augmentations.mixing_sets import folder as folder_module
from augmentations.mixing_sets.build import build
from augmentations.mixing_sets.folder import held, read_manifest
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.packed import MixingSet
from augmentations.mixing_sets.work import Work

N = 20
ORDER = Order("orbit-traps", 64)
SCRIPT = """
import sys
import time
from pathlib import Path
from augmentations.mixing_sets.build import build
from augmentations.mixing_sets.order import Order
if __name__ == "__main__":
    order, folder = Order("orbit-traps", 64), Path(sys.argv[1])
    build(order, {n}, folder, jobs={jobs}, progress=lambda *_: time.sleep({pause}))
"""


class StopError(Exception):
    """In place of a kill."""


def contents(folder: Path, pattern: str = "**/*") -> dict[str, bytes]:
    """Files of a folder, hidden ones apart."""
    paths = (path for path in folder.glob(pattern) if path.is_file() and path.name[0] != ".")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that nothing disturbed."""
    return contents(build(ORDER, N, tmp_path_factory.mktemp("undisturbed")))


def start(script: Path, folder: Path, jobs: int, pause: float) -> "subprocess.Popen[bytes]":
    """Make the set in a process of its own, with pauses after every eight pictures."""
    script.write_text(SCRIPT.format(n=N, jobs=jobs, pause=pause))
    root = Path(module.__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, script, folder],
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
    )


def interrupt_after(folder: Path, pictures: int, n: int = N) -> None:
    """Stop as soon as so many pictures are there."""

    def stop(done: int, total: int) -> None:
        if done >= pictures:
            raise StopError

    with pytest.raises(StopError):
        build(ORDER, n, folder, progress=stop)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_run_goes_on_and_ends_with_the_same_files(
    tmp_path: Path, jobs: int, whole: dict[str, bytes]
) -> None:
    folder = tmp_path / "set"
    process = start(tmp_path / "run.py", folder, jobs, pause=60)
    written = folder / "work" / "attempts.npy"
    end = time.monotonic() + 60
    while not (written.exists() and written.stat().st_size == 128 + 8 * 4):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert contents(folder, "*") == {}
    seen: list[int] = []

    build(ORDER, N, folder, jobs=jobs, progress=lambda done, _: seen.append(done))

    assert seen[0] == 8
    assert contents(folder) == whole


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("pictures-64.npy", 5_000),
        ("pictures-36.npy", 9_000),
        ("pictures-36.npy", 10**9),
        ("attempts.npy", 1),
    ],
)
def test_torn_working_files_are_cut_to_whole_pictures(
    tmp_path: Path, name: str, cut: int, whole: dict[str, bytes]
) -> None:
    interrupt_after(tmp_path, 16)
    path = tmp_path / "work" / name
    with path.open("r+b") as file:
        file.truncate(max(0, path.stat().st_size - cut))

    build(ORDER, N, tmp_path)

    assert contents(tmp_path) == whole


@pytest.mark.parametrize("key", ["seed", "generators", "libraries", "damaged"])
def test_what_another_order_began_is_not_gone_on_with(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch, whole: dict[str, bytes]
) -> None:
    with monkeypatch.context() as patch:
        own = Order.identity
        match key:
            case "seed":
                patch.setattr(Order, "identity", lambda order: own(order) | {"seed": 3})
            case "generators":
                patch.setattr(Order, "identity", lambda order: own(order) | {"generators": {}})
            case "libraries":
                patch.setattr(module, "_libraries", lambda _: {"numpy": "0"})
        interrupt_after(tmp_path, 8)
    work = tmp_path / "work"
    if key == "damaged":
        (work / "order.json").write_text("{")
    pictures = work / "pictures-64.npy"
    with pictures.open("r+b") as file:  # so that going on would be seen
        file.seek(200)
        file.write(b"\0" * 2_000)

    build(ORDER, N, tmp_path)

    assert contents(tmp_path) == whole


@pytest.mark.parametrize("moved", [0, 1, 3])
def test_a_kill_between_the_last_renames_is_made_good(
    tmp_path: Path, moved: int, monkeypatch: pytest.MonkeyPatch, whole: dict[str, bytes]
) -> None:
    build(ORDER, 9, tmp_path)
    before = read_manifest(tmp_path)["n"]
    rename = Path.replace
    renamed: list[Path] = []

    def replace(path: Path, target: Path) -> Path:
        if path.parent.name == "work" and target.parent.name != "work":
            if len(renamed) == moved:
                raise StopError
            renamed.append(path)
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(StopError):
            build(ORDER, N, tmp_path)
    assert read_manifest(tmp_path)["n"] == before  # the manifest goes last
    monkeypatch.setattr(module, "make", None)  # nothing is made again

    build(ORDER, N, tmp_path)

    assert contents(tmp_path) == whole


def test_a_failed_run_leaves_the_older_set(tmp_path: Path) -> None:
    build(ORDER, 9, tmp_path)
    before = contents(tmp_path)

    interrupt_after(tmp_path, 17)

    assert contents(tmp_path, "*") == before
    assert len(MixingSet.open(tmp_path, 36)) == 9


def test_a_set_of_an_older_generator_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: dict[str, bytes]
) -> None:
    own = Order.identity
    with monkeypatch.context() as patch:
        patch.setattr(Order, "identity", lambda order: own(order) | {"generators": {}})
        build(ORDER, N, tmp_path)
    assert contents(tmp_path) != whole

    build(ORDER, N, tmp_path)

    assert contents(tmp_path) == whole


def test_a_damaged_set_is_not_grown(tmp_path: Path, whole: dict[str, bytes]) -> None:
    build(ORDER, 9, tmp_path)
    path = tmp_path / "pictures-64.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\x80")

    build(ORDER, N, tmp_path)

    assert contents(tmp_path) == whole


def test_two_processes_do_not_write_to_one_set(tmp_path: Path, whole: dict[str, bytes]) -> None:
    with held(tmp_path / "set", wait=False), pytest.raises(BlockingIOError, match="another"):
        build(ORDER, N, tmp_path / "set")
    process = start(tmp_path / "run.py", tmp_path / "set", jobs=1, pause=0)
    build(ORDER, N, tmp_path / "set", wait=True)
    assert process.wait(60) in {0, 1}  # it came second, or was refused
    assert contents(tmp_path / "set") == whole


def test_a_disk_that_is_too_small_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"MB more, .* MB are free"):
        build(ORDER, 10**12, tmp_path)
    assert contents(tmp_path) == {}


def test_space_is_checked_for_what_is_still_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_after(tmp_path, 16, n=24)
    picture = (64 * 64 + 36 * 36) * 3
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=7 * picture))
        with pytest.raises(OSError, match="MB are free"):
            build(ORDER, 24, tmp_path)
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=9 * picture))
        build(ORDER, 24, tmp_path)
    assert read_manifest(tmp_path)["n"] == 24


def test_a_folder_with_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("dear reader")
    with pytest.raises(ValueError, match=r"holds thesis.tex: choose another folder"):
        build(ORDER, 1, tmp_path)
    assert set(contents(tmp_path)) == {"thesis.tex"}


def test_a_folder_with_another_set_is_refused_and_left_alone(tmp_path: Path) -> None:
    before = contents(build(ORDER, 1, tmp_path))
    with pytest.raises(ValueError, match=r"another mixing set .*seed 0"):
        build(Order("orbit-traps", 64, seed=1), 1, tmp_path)
    assert contents(tmp_path) == before


def test_working_files_are_whole_after_every_eight_pictures(tmp_path: Path) -> None:
    interrupt_after(tmp_path, 16)
    facts = folder_module.read_object(tmp_path / "work" / "order.json")
    assert len(Work(tmp_path, facts, 64)) == 16
