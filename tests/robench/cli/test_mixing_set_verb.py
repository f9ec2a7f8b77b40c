"""`robench mixing-set`: sets are made, grown, found by training, and shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from augmentations.mixing_sets import build as build_module
from augmentations.mixing_sets.folder import held, read_manifest
from augmentations.mixing_sets.packed import MixingSet
from robench import checkpoint, config
from robench.cli import app


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and an empty folder to work in."""
    monkeypatch.setattr(config, "CACHE", tmp_path / "cache")
    monkeypatch.setattr("robench.train.setup.CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache" / "mixing-sets"


def invoke(*words: object) -> tuple[int, str]:
    """Exit code and everything that was written."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


SMALL = ("orbit-traps", "--size", 64, "--jobs", 1)


def test_a_set_is_made_in_the_cache_grown_and_told_about(cache: Path) -> None:
    code, output = invoke("mixing-set", "make", *SMALL, "-n", 3)
    assert code == 0, output
    folder = cache / "orbit-traps-64px-seed0"
    first = np.load(folder / "pictures-64.npy")
    assert str(folder) in output
    assert "3 pictures of 64 pixels" in output
    assert "orbit-traps: 3," in output

    assert invoke("mixing-set", "make", *SMALL, "-n", 5)[0] == 0

    grown = np.load(folder / "pictures-64.npy")
    assert len(grown) == 5
    np.testing.assert_array_equal(grown[:3], first)


def test_training_takes_the_longest_set_of_a_name(cache: Path) -> None:
    from robench.progress import Silent  # noqa: PLC0415
    from robench.train.resolve import resolve  # noqa: PLC0415
    from robench.train.setup import prepare  # noqa: PLC0415

    assert invoke("mixing-set", "make", *SMALL, "-n", 3)[0] == 0
    values = {"aug": "ipmix", "arch": "air32", "data": "digits", "subset": 64}
    places = {"mixing_set": "orbit-traps", "data_dir": cache, "out": cache}
    plan = resolve(values | places, None, {}).model_copy(update={"mixing_n": None})

    job = prepare(plan, Silent())

    expected = MixingSet.open(cache / "orbit-traps-64px-seed0", 36)
    description = {"source": "orbit-traps-64px-seed0", "n": 3, "sha256": expected.sha256}
    assert job.about.mixing_set == description


def test_training_takes_a_set_made_elsewhere_as_a_folder() -> None:
    assert invoke("mixing-set", "make", *SMALL, "-n", 3, "--out", "mine")[0] == 0

    code, output = invoke(
        *("train", "--aug", "ipmix", "--arch", "air32", "--data", "digits", "--mixing-set", "mine"),
        *("--subset", 64, "--epochs", 1, "--out", "run", "--set", "batch_size=32"),
    )

    assert code == 0, output
    found = checkpoint.load(Path("run/last.pt"))["meta"]["mixing_set"]
    expected = MixingSet.open(Path("mine"), 36).sha256
    assert found == {"source": "orbit-traps-64px-seed0", "n": 3, "sha256": expected}


def test_features_of_a_given_network_are_drawn(
    digits_checkpoint: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module, "fault", lambda *_: None)
    order = ("feature-vis", "--size", 64, "-n", 1, "--jobs", 1)

    code, output = invoke("mixing-set", "make", *order, "--network", digits_checkpoint)

    assert code == 0, output
    (folder,) = cache.iterdir()
    manifest = read_manifest(folder)
    assert manifest["networks"] == manifest["networks_sha256"]
    assert folder.name == f"feature-vis-64px-seed0-networks-{manifest['networks'][:8]}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("orbit-trap", "-n", 3), "Did you mean 'orbit-traps'"),
        (("orbit-traps", "-n", 0), "greater than or equal to 1"),
        (("orbit-traps", "-n", 1, "--size", 20), "greater than or equal to 64"),
        (("orbit-traps", "-n", 1, "--out", "full"), "full is no mixing set and holds paper.pdf"),
        (("orbit-traps", "-n", 1, "--out", "busy"), "Another process is making busy"),
        (("feature-vis", "-n", 1, "--network", "absent.pt"), "absent.pt"),
    ],
)
def test_bad_orders_end_with_code_2_and_one_message(
    words: tuple[object, ...], message: str
) -> None:
    Path("full").mkdir()
    Path("full/paper.pdf").touch()

    with held(Path("busy"), wait=False):
        code, output = invoke("mixing-set", "make", *words)

    assert code == 2
    assert message in " ".join(output.split())


def test_networks_for_a_set_without_use_for_them_are_refused(digits_checkpoint: Path) -> None:
    code, output = invoke("mixing-set", "make", *SMALL, "-n", 1, "--network", digits_checkpoint)
    assert code == 2
    assert "has no use for networks" in output


def test_a_full_disk_ends_with_code_1() -> None:
    code, output = invoke("mixing-set", "make", *SMALL, "-n", 10**12)
    assert code == 1
    assert "MB are free" in output


def test_an_interrupted_run_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "make", interrupt)
    code, output = invoke("mixing-set", "make", *SMALL, "-n", 1)
    assert code == 130
    assert "goes on from there" in output


def test_a_sheet_shows_pictures_from_the_first_to_the_last(cache: Path) -> None:
    assert invoke("mixing-set", "make", *SMALL, "-n", 9)[0] == 0
    made = np.load(cache / "orbit-traps-64px-seed0" / "pictures-64.npy")

    code, output = invoke(
        *("mixing-set", "show", "orbit-traps", "--columns", 3, "--rows", 1, "--side", 64)
    )

    assert code == 0, output
    assert "3 of 9 pictures" in output
    sheet = np.asarray(Image.open("orbit-traps-64px-seed0.png"))
    assert sheet.shape == (72, 208, 3)
    for place, picture in enumerate((0, 4, 8)):
        left = 4 + 68 * place
        np.testing.assert_array_equal(sheet[4:68, left : left + 64], made[picture])
    assert (sheet[:4] == 255).all()


def test_a_folder_of_pictures_is_shown_too() -> None:
    Path("mine").mkdir()
    for shade in range(3):
        Image.new("RGB", (50, 40), (shade * 100, 0, 0)).save(f"mine/{shade}.png")

    assert invoke("mixing-set", "show", "mine", "--out", "sheet.png", "--side", 16)[0] == 0

    row = np.asarray(Image.open("sheet.png"))[10, (10, 30, 50), 0]
    assert row.tolist() == [0, 100, 200]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ifs",), "robench mixing-set make ifs -n N"),
        (("orbit-trap",), "Did you mean 'orbit-traps'"),
        ((".",), "holds no image"),
    ],
)
def test_what_cannot_be_shown_is_said(words: tuple[str, ...], message: str) -> None:
    code, output = invoke("mixing-set", "show", *words)
    assert code == 2
    assert message in output
