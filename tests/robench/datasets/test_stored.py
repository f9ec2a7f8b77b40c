"""Files on disk are what their passport says: published, or made by robench and unaltered."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robench.datasets import DATASETS, check, open_cell
from robench.datasets.making import Request, make_set
from robench.errors import InputError
from robench.types import Cell

CELL = Cell("digits-c", "gaussian_noise", 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a made part of digits-c."""
    folder = tmp_path_factory.mktemp("made")
    make_set(Request("digits-c", folder, only=("gaussian_noise", "contrast")), jobs=1)
    return folder


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def test_a_made_file_is_what_would_be_drawn_on_the_fly(made: Path, tmp_path: Path) -> None:
    stored, drawn = (open_cell(CELL, folder, limit=9) for folder in (made, tmp_path))

    assert stored.source == drawn.source
    np.testing.assert_array_equal(stored.block(3, 9), drawn.block(3, 9))
    assert set(stored.provenance) == {"made_with", "file_sha256"}
    assert "numpy" in stored.provenance["made_with"]
    assert drawn.provenance == {}


def test_corruptions_that_were_not_made_are_drawn(made: Path) -> None:
    assert open_cell(Cell("digits-c", "fog", 1), made, limit=2).block(0, 2).shape[0] == 2


def test_an_altered_file_is_refused(data_dir: Path) -> None:
    path = data_dir / "digits-c" / "gaussian_noise.npy"
    images = np.load(path)
    images[0, 0, 0, 0] ^= 1
    np.save(path, images)

    with pytest.raises(InputError, match=r"is not the file that .*manifest.json lists"):
        open_cell(CELL, data_dir)


def test_a_file_beside_the_made_ones_is_refused(data_dir: Path) -> None:
    folder = data_dir / "digits-c"
    shutil.copy(folder / "contrast.npy", folder / "fog.npy")

    with pytest.raises(InputError, match=r"fog.npy is not the file that"):
        open_cell(Cell("digits-c", "fog", 1), data_dir)


def test_without_its_manifest_a_made_set_is_not_called_official(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "digits-c" / "manifest.json").unlink()
    with pytest.raises(InputError, match="digits-c is published nowhere"):
        open_cell(CELL, data_dir)
    with pytest.raises(InputError, match="digits-c is published nowhere"):
        check(DATASETS["digits-c"], data_dir)

    # Nor would it be, if such files had been published.
    monkeypatch.setitem(DATASETS, "digits-c", replace(DATASETS["digits-c"], published=True))
    with pytest.raises(InputError, match=r"holds what robench makes, without its manifest"):
        open_cell(CELL, data_dir)


def test_other_draws_pass_for_published_where_there_are_published_ones(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DATASETS, "digits-c", replace(DATASETS["digits-c"], published=True))
    folder = data_dir / "digits-c"
    (folder / "manifest.json").unlink()
    images = np.load(folder / "gaussian_noise.npy")
    np.save(folder / "gaussian_noise.npy", images[:, ::-1])

    assert open_cell(CELL, data_dir).source["kind"] == "official"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("images", 40, "made of 40 of the 500 images"),
        ("sha256", "0" * 64, "made from other pixels than digits has here"),
        ("name", "cifar10", "was made from cifar10 with the severities of cifar"),
    ],
)
def test_a_set_of_other_images_is_refused(
    key: str, value: object, message: str, data_dir: Path
) -> None:
    path = data_dir / "digits-c" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["from"][key] = value
    path.write_text(json.dumps(manifest))

    with pytest.raises(InputError, match=message):
        open_cell(CELL, data_dir)


def test_a_damaged_manifest_is_named(data_dir: Path) -> None:
    path = data_dir / "digits-c" / "manifest.json"
    path.write_text(path.read_text()[:100])

    with pytest.raises(InputError, match=r"Cannot read .*manifest.json"):
        open_cell(CELL, data_dir)
