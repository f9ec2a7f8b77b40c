"""Corruptions drawn from clean pictures: the same pixels and passport as the set made on disk."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from picture_trees import LABELS, WNIDS, clean_tree, names, severity_tree
from PIL import Image

from robench.datasets import DATASETS, CellSource, open_cell
from robench.datasets.drawn_cells import drawable
from robench.datasets.making import Request, make_set
from robench.datasets.sequence_folders import sequence_names
from robench.datasets.sequences import stored_name
from robench.datasets.severity_folders import severity_names
from robench.errors import InputError, UnknownNameError
from robench.types import Cell, Preprocess

CELLS = (
    Cell("imagenet-c", "gaussian_noise", 1),
    Cell("imagenet-c", "gaussian_noise", 5),
    Cell("imagenet-c", "pixelate", 3),
    Cell("imagenet-c-bar", "single_frequency_greyscale", 2),
    Cell("imagenet-p", "translate", difficulty=1),
    Cell("imagenet-p", "shot_noise", difficulty=2),
)


def whole(source: CellSource) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return source.block(0, source.size)


def make(data_dir: Path, cell: Cell, only: str, **changes: object) -> Path:
    """Make what a cell needs where evaluation looks for it."""
    asked: dict[str, object] = {
        "name": cell.evalset,
        "data_dir": data_dir,
        "source": data_dir / "imagenet" / "val",
        "only": (only,),
    }
    return make_set(Request(**(asked | changes)), jobs=1).folder  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.slug)
def test_drawn_pixels_are_those_of_the_made_folder(cell: Cell, tmp_path: Path) -> None:
    clean_tree(tmp_path)
    for wnid in WNIDS[1:3]:
        shutil.rmtree(tmp_path / "imagenet" / "val" / wnid)
    drawn = open_cell(cell, tmp_path)
    pixels = whole(drawn)
    make(tmp_path, cell, stored_name(cell.corruption, cell.difficulty))

    stored = open_cell(cell, tmp_path)

    assert "pairing" in stored.provenance
    assert "made_with" in stored.provenance
    assert "made_with" not in drawn.provenance
    np.testing.assert_array_equal(whole(stored), pixels)
    assert stored.source == drawn.source
    assert drawn.source["kind"] == "regenerated"
    assert drawn.source["from"] == "imagenet"
    np.testing.assert_array_equal(stored.labels, drawn.labels)
    np.testing.assert_array_equal(stored.indices, drawn.indices)
    if cell.difficulty:
        assert stored.references is not None
        assert drawn.references is not None
        np.testing.assert_array_equal(stored.references, drawn.references)


def test_pixels_do_not_depend_on_blocks_or_limits_or_pickling(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    cell = Cell("imagenet-c", "gaussian_noise", 3)
    source, limited = open_cell(cell, tmp_path), open_cell(cell, tmp_path, 3)
    pixels = whole(source)

    again = pickle.loads(pickle.dumps(source.read))

    np.testing.assert_array_equal(again(5, 7), pixels[5:7])
    np.testing.assert_array_equal(whole(limited), pixels[[0, 2, 5]])
    assert limited.source == source.source
    assert source.labels.tolist() == list(LABELS)
    assert source.work == "heavy"


def test_stored_corruptions_are_read_and_the_others_drawn(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    severity_tree(tmp_path / "imagenet-c", "fog")

    stored = open_cell(Cell("imagenet-c", "fog", 1), tmp_path)
    drawn = open_cell(Cell("imagenet-c", "contrast", 1), tmp_path)

    assert stored.source["kind"] == "files"
    assert drawn.source["kind"] == "regenerated"
    assert "made_with" not in {**stored.provenance, **drawn.provenance}


def test_the_lite_set_is_drawn_and_scaled(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    plain = open_cell(Cell("imagenet-c", "contrast", 3), tmp_path, 1)
    lite = open_cell(Cell("imagenet-c-lite", "contrast", 3), tmp_path, 1)

    assert lite.source == plain.source
    assert whole(lite).shape == (1, 224, 224, 3)
    assert (whole(lite) != whole(plain)).any()


def test_a_network_of_a_fixed_size_gets_its_size(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    own = Preprocess(180, 160, fixed=True)

    for cell in (CELLS[0], CELLS[4]):
        source = open_cell(cell, tmp_path, 1, preprocess=own)
        assert whole(source).shape[-3:] == (160, 160, 3)
        assert source.preprocess == "centre crop 224, resize 160x160 bilinear"


def test_nothing_is_drawn_without_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="imagenet is not in"):
        open_cell(CELLS[0], tmp_path)
    assert drawable(DATASETS["imagenet-c"], tmp_path) == frozenset()

    clean_tree(tmp_path)
    with pytest.raises(InputError, match="robench data get frost"):
        open_cell(Cell("imagenet-c", "frost", 1), tmp_path)
    with pytest.raises(UnknownNameError, match="gaussian_noise"):
        open_cell(Cell("imagenet-c", "gausian_noise", 1), tmp_path)
    with pytest.raises(UnknownNameError, match="translate"):
        open_cell(Cell("imagenet-p", "translat", difficulty=1), tmp_path)
    assert "fog" in drawable(DATASETS["imagenet-c"], tmp_path)
    assert "frost" not in drawable(DATASETS["imagenet-c"], tmp_path)
    assert "tilt" in drawable(DATASETS["imagenet-p"], tmp_path)


def test_another_seed_or_format_is_another_source(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    cell = CELLS[2]
    drawn = open_cell(cell, tmp_path)

    folder = make(tmp_path, cell, "pixelate", file_format="png")
    lossless = open_cell(cell, tmp_path)
    shutil.rmtree(folder)
    make(tmp_path, cell, "pixelate", seed=1)
    reseeded = open_cell(cell, tmp_path)

    assert {"coding": "lossless"}.items() <= lossless.source.items()
    assert reseeded.source == {**drawn.source, "seed": 1}


def test_a_made_folder_that_lost_its_manifest_is_refused(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    for cell in (CELLS[2], CELLS[4]):
        folder = make(tmp_path, cell, cell.corruption, limit=1)
        (folder / "manifest.json").unlink()

        with pytest.raises(InputError, match="would pass for the published files"):
            open_cell(cell, tmp_path)
        (folder / "pictures.tsv").unlink()
        with pytest.raises(InputError, match="would pass for the published files"):
            open_cell(cell, tmp_path)


def test_pixels_that_only_robench_draws_do_not_pass_for_published_files(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    for cell in (CELLS[0], CELLS[5]):
        name = stored_name(cell.corruption, cell.difficulty)
        folder = make(tmp_path, cell, name, limit=1)
        for path in (*folder.glob("*.*"), *folder.rglob("SHA256SUMS")):
            path.unlink()

        with pytest.raises(InputError, match="would pass for the published files"):
            open_cell(cell, tmp_path)


def test_pixels_that_chance_does_not_change_prove_nothing(tmp_path: Path) -> None:
    for path in clean_tree(tmp_path).glob("*/*"):
        Image.new("RGB", (224, 224)).save(path)
    for level in "12345":  # fog leaves black pictures black, whoever draws it
        shutil.copytree(tmp_path / "imagenet" / "val", tmp_path / "imagenet-c" / "fog" / level)

    source = open_cell(Cell("imagenet-c", "fog", 1), tmp_path)

    assert source.source["kind"] == "files"
    assert whole(source).max() == 0


def test_an_altered_made_folder_is_refused(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    folder = make(tmp_path, CELLS[2], "pixelate")
    picture = folder / "pixelate" / "3" / f"{names()[0]}.JPEG"
    content = picture.read_bytes()

    picture.write_bytes(content + b"\0")
    with pytest.raises(InputError, match="does not hold the 8 pictures"):
        open_cell(CELLS[2], tmp_path)
    picture.write_bytes(content)
    sums = folder / "pixelate" / "3" / "SHA256SUMS"
    sums.write_bytes(sums.read_bytes() + b"\n")
    with pytest.raises(InputError, match="is not the one"):
        open_cell(CELLS[2], tmp_path)


def test_a_set_made_with_other_severities_is_refused(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    make(
        tmp_path,
        CELLS[2],
        "pixelate",
        name="c",
        family="inception",
        out=tmp_path / "imagenet-c",
    )

    with pytest.raises(InputError, match="severities of inception"):
        open_cell(CELLS[2], tmp_path)


def test_cells_that_are_not_finished_do_not_count(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    folder = make(tmp_path, CELLS[2], "pixelate")
    severity_tree(folder, "fog")  # as an interrupted run leaves it, without a list
    make(tmp_path, CELLS[4], "translate", limit=1)
    (tmp_path / "imagenet-p" / "rotate" / "n01440764").mkdir(parents=True)

    assert severity_names(DATASETS["imagenet-c"], tmp_path) == {"pixelate"}
    assert sequence_names(DATASETS["imagenet-p"], tmp_path) == {"translate"}
    assert open_cell(Cell("imagenet-c", "fog", 1), tmp_path).source["kind"] == "regenerated"


@pytest.mark.shared
def test_frost_is_drawn_once_its_textures_are_there(tmp_path: Path, texture_folder: Path) -> None:
    clean_tree(tmp_path)
    (tmp_path / "frost").symlink_to(texture_folder / "frost")
    cell = Cell("imagenet-c", "frost", 2)
    pixels = whole(open_cell(cell, tmp_path))
    make(tmp_path, cell, "frost")

    stored = open_cell(cell, tmp_path)

    assert "frost" in severity_names(DATASETS["imagenet-c"], tmp_path)
    assert "made_with" in stored.provenance
    np.testing.assert_array_equal(whole(stored), pixels)
