"""Labelled sets on disk: layout, equal bytes however the work is done, resumption, refusals."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from corruptions import PERTURBATIONS, corrupt, perturb
from robench.datasets.digits import test_images as digits
from robench.datasets.making import Request, make_set, read_manifest
from robench.datasets.making.recipes import items
from robench.errors import InputError, RunError, UnknownNameError
from robench.files import lock

ONLY = ("gaussian_noise", "contrast")


def request(folder: Path, **changes: object) -> Request:
    values = {"name": "digits-c", "data_dir": folder, "only": ONLY, "limit": 8} | changes
    return Request(**values)  # type: ignore[arg-type]


def content(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_severities_are_stacked_in_blocks_in_the_order_of_the_test_set(tmp_path: Path) -> None:
    made = make_set(request(tmp_path), jobs=1)

    clean = digits()
    assert made.folder == tmp_path / "digits-c"
    for name in ONLY:
        stored = np.load(made.folder / f"{name}.npy")
        blocks = [corrupt(clean.images[:8], name, level, family="cifar") for level in range(1, 6)]
        np.testing.assert_array_equal(stored, np.concatenate(blocks))
    labels = np.load(made.folder / "labels.npy")
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, np.tile(clean.labels[:8], 5))
    assert set(content(made.folder)) == {f"{n}.npy" for n in (*ONLY, "labels")} | {"manifest.json"}
    assert (made.files, made.drawn) == (3, 80)


def test_sequences_keep_their_frames_and_noise_has_three_difficulties(tmp_path: Path) -> None:
    only = ("gaussian_noise", "gaussian_noise_2", "brightness")

    made = make_set(request(tmp_path, name="digits-p", only=only, limit=3), jobs=1)

    for name, level in (("gaussian_noise", 1), ("gaussian_noise_2", 2), ("brightness", 1)):
        stored = np.load(made.folder / f"{name}.npy")
        plain = name.removesuffix("_2")
        again = perturb(digits().images[:3], plain, family="cifar", difficulty=level)
        np.testing.assert_array_equal(stored, again)
    assert np.load(made.folder / "labels.npy").shape == (3,)


def test_a_whole_set_has_the_official_members(tmp_path: Path) -> None:
    made = make_set(request(tmp_path, only=(), skip=("frost",), limit=1), jobs=1)
    bar = make_set(request(tmp_path, name="digits-c-bar", only=(), limit=1), jobs=1)

    names = {Path(cell).stem for cell in made.manifest.cells}
    assert len(names) == 18
    assert {"glass_blur", "spatter"} <= names
    assert not {"frost", "frost_procedural", "ripple"} & names
    assert len(bar.manifest.cells) == 10
    assert {"ripple.npy", "lines.npy"} <= set(bar.manifest.cells)


def test_every_difficulty_of_a_perturbation_is_a_member_of_its_set() -> None:
    names = {item.name for item in items("p", "imagenet")}

    harder = {f"{kind}_noise_{level}" for kind in ("gaussian", "shot", "speckle") for level in "23"}
    assert names == set(PERTURBATIONS) | harder


def test_two_processes_leave_the_bytes_of_one(tmp_path: Path) -> None:
    one = make_set(request(tmp_path, out=tmp_path / "one", limit=350), jobs=1)
    two = make_set(request(tmp_path, out=tmp_path / "two", limit=350), jobs=2)

    assert content(one.folder) == content(two.folder)
    last = corrupt(digits().images[349:350], "gaussian_noise", 5, family="cifar", indices=[349])
    np.testing.assert_array_equal(np.load(two.folder / "gaussian_noise.npy")[-1:], last)


NOISE = ("gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise")
KILLED = """
from pathlib import Path
from robench.datasets.making import Request, make_set
make_set(Request("digits-c", Path({folder!r}), out=Path({folder!r}), only={only!r}), jobs=2)
"""


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def waiting(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        yield
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc")
def test_a_killed_run_leaves_no_process_and_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    code = KILLED.format(folder=str(killed), only=NOISE)
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    for _ in waiting(60):
        if (killed / "gaussian_noise.npy").exists():
            break
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for _ in waiting(20):
        if not any(map(running, workers)):
            break
    assert workers
    assert not any(map(running, workers))
    manifest = read_manifest(killed)
    assert manifest is not None
    assert not manifest.complete
    assert not (killed / "speckle_noise.npy").exists()
    kept = "gaussian_noise.npy" in manifest.files
    before = (killed / "gaussian_noise.npy").stat().st_mtime_ns

    make_set(Request("digits-c", tmp_path, out=killed, only=NOISE), jobs=1)

    make_set(Request("digits-c", tmp_path, out=whole, only=NOISE), jobs=1)
    assert (killed / "gaussian_noise.npy").stat().st_mtime_ns == before or not kept
    assert content(killed) == content(whole)


def test_a_finished_file_that_was_altered_is_made_again(tmp_path: Path) -> None:
    first = make_set(request(tmp_path), jobs=1)
    before = content(first.folder)
    path = first.folder / "contrast.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")

    again = make_set(request(tmp_path), jobs=1)

    assert again.drawn == 40
    assert content(first.folder) == before


def test_more_corruptions_join_a_folder(tmp_path: Path) -> None:
    make_set(request(tmp_path, only=("contrast",)), jobs=1)

    made = make_set(request(tmp_path), jobs=1)

    assert made.drawn == 40
    assert made.manifest.complete
    assert made.manifest.cells == ("contrast.npy", "gaussian_noise.npy")


def test_cifar_is_found_in_its_own_folder_and_in_the_one_above(tmp_path: Path) -> None:
    own = tmp_path / "cifar-10-batches-py"
    own.mkdir()

    for source in (tmp_path, own):
        with pytest.raises(InputError, match="missing: test_batch") as raised:
            make_set(request(tmp_path, name="cifar10-c", source=source), jobs=1)
        assert f"not in {tmp_path.resolve()}:" in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "digit-c"}, "Did you mean 'digits-c'"),
        ({"only": ("gausian_noise",)}, "Did you mean 'gaussian_noise'"),
        ({"skip": ("contrst",)}, "Did you mean 'contrast'"),
        ({"skip": ONLY}, "Nothing is left"),
        ({"severities": (1, 3)}, "holds all five"),
        ({"severities": (0, 3)}, "1 to 5"),
        ({"file_format": "png"}, "stored as .npy"),
        ({"family": "imagenet"}, "make the set c"),
        ({"keep_size": True}, "make the set c"),
        ({"source": Path("somewhere")}, "comes with scikit-learn"),
        ({"limit": 0}, "at least 1"),
        ({"only": ("frost",)}, "--skip frost"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises((InputError, UnknownNameError)) as raised:
        make_set(request(tmp_path, **changes), jobs=1)

    assert message in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_a_set_made_in_another_way_is_not_mixed_with(tmp_path: Path) -> None:
    made = make_set(request(tmp_path), jobs=1)
    before = content(made.folder)

    for change, message in (({"seed": 1}, "seed 0 there, 1 asked for"), ({"limit": 7}, "8 clean")):
        with pytest.raises(InputError, match=message):
            make_set(request(tmp_path, **change), jobs=1)
    manifest = json.loads(before["manifest.json"])
    manifest["versions"]["OpenCV"] = "1.0"
    (made.folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"OpenCV 1\.0 there"):
        make_set(request(tmp_path), jobs=1)
    assert set(content(made.folder)) == set(before)


def test_files_without_a_manifest_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "digits-c"
    folder.mkdir()
    (folder / "contrast.npy").write_bytes(b"official")

    with pytest.raises(InputError, match="no manifest of a set made by robench"):
        make_set(request(tmp_path), jobs=1)

    assert content(folder) == {"contrast.npy": b"official"}
    assert not (folder / ".lock").exists()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    with lock(tmp_path / "digits-c"), pytest.raises(InputError, match="Another process"):
        make_set(request(tmp_path), jobs=1)


def test_too_little_room_is_refused_with_both_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = 2 * (128 + 40 * 3072) + 8 * 3072 + 128
    usage = shutil.disk_usage(tmp_path)
    for free, fits in ((needed - 1, False), (needed, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        if fits:
            assert make_set(request(tmp_path), jobs=1).manifest.complete
        else:
            with pytest.raises(RunError, match=r"needs 0\.27 MB more .* 0\.27 MB are free"):
                make_set(request(tmp_path), jobs=1)
            assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="is a file; expected a folder"):
        make_set(request(tmp_path, out=tmp_path / "file"), jobs=1)


def test_the_manifest_says_how_and_from_what(tmp_path: Path) -> None:
    made = make_set(request(tmp_path, seed=3), jobs=1)

    plain = json.loads((made.folder / "manifest.json").read_text())
    manifest = read_manifest(made.folder)
    assert manifest == made.manifest
    assert plain["schema"] == 1
    assert plain["generator"] == "corruptions"
    assert (plain["set"], plain["seed"], plain["family"]) == ("digits-c", 3, "cifar")
    assert plain["from"]["name"] == "digits"
    assert plain["from"]["images"] == 8
    assert plain["complete"] is True
    assert plain["format"] == {"kind": "npy"}
    assert {"robench", "numpy", "scipy", "Pillow", "OpenCV", "libjpeg-turbo"} <= set(
        plain["versions"]
    )
    size = (made.folder / "contrast.npy").stat().st_size
    assert plain["files"]["contrast.npy"]["bytes"] == size
    assert str(tmp_path) not in json.dumps(plain)


def test_there_is_no_manifest_of_ours_in_other_folders(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    (tmp_path / "manifest.json").write_text('{"generator": "another"}')
    assert read_manifest(tmp_path) is None
    (tmp_path / "manifest.json").write_text('{"generator": "corruptions", "schema": 2}')
    with pytest.raises(InputError, match="does not fit schema 1"):
        read_manifest(tmp_path)
