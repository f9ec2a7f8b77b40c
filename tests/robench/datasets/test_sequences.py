"""Perturbation sequences: from published files, made by robench, or drawn on the fly."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corruptions import GENERATOR_VERSION, perturb
from robench.datasets import DATASETS, load_test, open_cell
from robench.errors import InputError, UnknownNameError
from robench.types import Cell, Images

SNOW = Cell("digits-p", "snow", difficulty=1)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody had released sequences of the digits."""
    monkeypatch.setitem(DATASETS, "digits-p", replace(DATASETS["digits-p"], published=True))


def publish(folder: Path, **arrays: Images) -> None:
    """Write files as the archives have them."""
    folder.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def sequences(count: int = 500, frames: int = 4) -> Images:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, frames, 32, 32, 3), dtype=np.uint8)


def test_sequences_are_drawn_from_the_clean_images(tmp_path: Path) -> None:
    source = open_cell(SNOW, tmp_path, limit=5)

    clean = load_test("digits", tmp_path).images
    expected = perturb(clean[2:5], "snow", family="cifar", seed=0, indices=range(2, 5))
    np.testing.assert_array_equal(source.block(2, 5), expected)
    assert (source.size, source.frames, source.n_expected) == (5, 31, 500)
    assert source.source == {
        "kind": "regenerated",
        "generator": "corruptions",
        "version": GENERATOR_VERSION,
        "seed": 0,
        "family": "cifar",
        "from": "digits",
    }


def test_difficulty_is_strength_for_noise_and_spacing_for_the_rest(tmp_path: Path) -> None:
    noises = [Cell("digits-p", "shot_noise", difficulty=d) for d in (1, 2)]
    turns = [Cell("digits-p", "rotate", difficulty=d) for d in (1, 2)]

    weak, strong = (open_cell(cell, tmp_path, limit=1) for cell in noises)
    near, far = (open_cell(cell, tmp_path, limit=1) for cell in turns)

    clean = weak.block(0, 1)[:, :1].astype(float)
    changes = [np.abs(s.block(0, 1) - clean).mean() for s in (weak, strong)]
    assert changes[1] > changes[0]
    np.testing.assert_array_equal(near.block(0, 1), far.block(0, 1))
    assert near.references is not None
    assert far.references is not None
    assert near.references.tolist()[:4] == [-1, 0, 1, 2]
    assert far.references.tolist()[:4] == [-1, -1, 0, 1]


@pytest.mark.usefixtures("published")
def test_a_published_file_comes_first(tmp_path: Path) -> None:
    films = sequences()
    publish(tmp_path / "digits-p", snow=films, shot_noise_2=films[:, ::-1])

    source = open_cell(SNOW, tmp_path)
    noisy = open_cell(Cell("digits-p", "shot_noise", difficulty=2), tmp_path)

    np.testing.assert_array_equal(source.block(7, 9), films[7:9])
    np.testing.assert_array_equal(noisy.block(0, 2), films[:2, ::-1])
    assert source.source["kind"] == "official"
    assert source.source["verified"] is False
    assert source.frames == 4


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("array", "message"),
    [
        (sequences(20), r"expected uint8 of shape \(500, frames, 32, 32, 3\)"),
        (sequences(500, 1), r"expected uint8 of shape \(500, frames"),
        (sequences()[:, 0], r"expected uint8 of shape \(500, frames"),
        (sequences().astype(np.int16), "expected uint8, got int16"),
    ],
)
def test_a_file_of_another_form_is_refused(array: Images, message: str, tmp_path: Path) -> None:
    publish(tmp_path / "digits-p", snow=array)

    with pytest.raises(InputError, match=message):
        open_cell(SNOW, tmp_path)


@pytest.mark.usefixtures("published")
def test_labels_of_another_set_are_refused(tmp_path: Path) -> None:
    wrong = (load_test("digits", tmp_path).labels + 1) % 10
    publish(tmp_path / "digits-p", snow=sequences(), labels=wrong)  # type: ignore[arg-type]

    with pytest.raises(InputError, match="not those of the clean test set"):
        open_cell(SNOW, tmp_path)


def test_unknown_perturbations_and_difficulties_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'rotate'"):
        open_cell(Cell("digits-p", "rotat", difficulty=1), tmp_path)
    with pytest.raises(InputError, match="difficulty from 1 to 3, got 0"):
        open_cell(Cell("digits-p", "rotate"), tmp_path)


def test_files_that_nobody_published_need_their_manifest(tmp_path: Path) -> None:
    publish(tmp_path / "digits-p", snow=sequences())

    with pytest.raises(InputError, match=r"no manifest.json, and digits-p is published nowhere"):
        open_cell(SNOW, tmp_path)
