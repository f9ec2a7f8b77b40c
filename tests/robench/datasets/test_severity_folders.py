"""Corrupted sets as folders of pictures: layouts, size, severities, pairing, what is refused."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_pictures import pixels
from picture_trees import LABELS, clean_tree, names, severity_tree, smooth
from PIL import Image
from torchvision.transforms import v2

from robench.datasets import DATASETS, CellSource, open_cell
from robench.datasets.severity_folders import open_severity, severity_names
from robench.datasets.severity_layout import incomplete
from robench.errors import InputError, UnknownNameError
from robench.types import Cell, Preprocess

C, LITE, BAR = (DATASETS[name] for name in ("imagenet-c", "imagenet-c-lite", "imagenet-c-bar"))
FOG = Cell("imagenet-c", "fog", 3)


def whole(source: CellSource) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return source.block(0, source.size)


def test_files_are_read_as_they_are(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c", "fog")

    source = open_cell(FOG, tmp_path)

    stored = [pixels(root / "fog" / "3" / f"{name}.JPEG") for name in names()]
    np.testing.assert_array_equal(whole(source), np.stack(stored))
    assert source.labels.tolist() == list(LABELS)
    assert source.indices.tolist() == list(range(8))
    assert source.source["kind"] == "files"
    assert source.source["images"] == 8
    assert source.preprocess is None
    assert source.work == "heavy"
    assert source.n_expected == 50_000


@pytest.mark.parametrize(
    "place",
    ["imagenet-c/fog", "ImageNet-C/fog", "imagenet-c/weather/fog", "imagenet-c/inner/fog"],
)
def test_the_layouts_in_use_are_one_set(place: str, tmp_path: Path) -> None:
    severity_tree(tmp_path / "elsewhere", "fog")
    expected = whole(_moved(tmp_path, "elsewhere/fog", "imagenet-c/fog"))
    source = _moved(tmp_path, "imagenet-c/fog", place)

    np.testing.assert_array_equal(whole(source), expected)
    assert severity_names(C, tmp_path) == {"fog"}


def _moved(data_dir: Path, before: str, after: str) -> CellSource:
    if before != after:
        (data_dir / after).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(data_dir / before, data_dir / after)
        if not any((data_dir / "imagenet-c").iterdir()):
            (data_dir / "imagenet-c").rmdir()
    return open_cell(FOG, data_dir)


def test_the_spellings_of_tfds_are_known(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet2012_corrupted", "frosted_glass_blur")
    severity_tree(root, "elastic")
    for level in "12345":
        shutil.copytree(root / "elastic" / level, root / f"gaussian_noise_{level}")

    assert severity_names(C, tmp_path) == {"glass_blur", "elastic_transform", "gaussian_noise"}
    elastic = open_cell(Cell("imagenet-c", "elastic_transform", 4), tmp_path)
    noise = open_cell(Cell("imagenet-c", "gaussian_noise", 4), tmp_path)
    np.testing.assert_array_equal(whole(elastic), whole(noise))


def test_other_folders_do_not_count(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c", "fog")
    severity_tree(root, "speckle_noise")
    severity_tree(root, "my_own_fog")

    assert severity_names(C, tmp_path) == {"fog", "speckle_noise"}
    assert severity_names(LITE, tmp_path) == {"fog"}
    with pytest.raises(UnknownNameError, match="my_own_fog"):
        open_cell(Cell("imagenet-c", "my_own_fog", 3), tmp_path)


def test_a_corruption_without_all_severities_is_absent_with_the_reason(tmp_path: Path) -> None:
    severity_tree(tmp_path / "imagenet-c", "fog", ("1", "3"))

    assert severity_names(C, tmp_path) == frozenset()
    assert "lacks severity 2, 4, 5" in incomplete(C, tmp_path)["fog"]
    with pytest.raises(InputError, match="lacks severity 2, 4, 5"):
        open_cell(FOG, tmp_path)
    assert severity_names(LITE, tmp_path) == {"fog"}


def test_folders_of_c_bar_may_be_named_by_its_real_numbers(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c-bar", "plasma_noise", ("4.75", "7.00", "8.50"))
    severity_tree(root, "plasma_noise", ("9.25", "10.00", "3.33"))
    severity_tree(root, "checkerboard_cutout")

    assert severity_names(BAR, tmp_path) == {"plasma_noise", "checkerboard_cutout"}
    source = open_cell(Cell("imagenet-c-bar", "plasma_noise", 4), tmp_path)
    stored = pixels(root / "plasma_noise" / "9.25" / f"{names()[5]}.JPEG")
    np.testing.assert_array_equal(source.block(5, 6)[0], stored)
    assert source.provenance["magnitude"] == 9.25
    plain = open_cell(Cell("imagenet-c-bar", "checkerboard_cutout", 4), tmp_path)
    assert "magnitude" not in plain.provenance


def test_files_of_another_size_are_cropped_and_said_so_or_refused(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c", "fog", side=256)
    source = open_cell(FOG, tmp_path)
    stored = pixels(root / "fog" / "3" / f"{names()[0]}.JPEG")
    np.testing.assert_array_equal(source.block(0, 1)[0], stored[16:240, 16:240])
    assert source.source["stored"] == "256x256"

    shutil.rmtree(root)
    severity_tree(root, "fog", side=64)
    with pytest.raises(InputError, match="expected 224x224 pixels, got 64x64"):
        open_cell(FOG, tmp_path)


def test_a_picture_of_another_size_than_the_first_is_named(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c", "fog")
    odd = root / "fog" / "3" / f"{names()[5]}.JPEG"
    smooth(0, (256, 224)).save(odd)
    source = open_cell(FOG, tmp_path)

    with pytest.raises(InputError, match=f"{odd.name}.*got 256x224"):
        whole(source)


def test_the_lite_set_scales_the_files_as_its_prediction_was_fitted(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c", "fog")
    source = open_cell(Cell("imagenet-c-lite", "fog", 3), tmp_path)
    reference = v2.Compose([v2.Resize(256), v2.CenterCrop(224)])

    with Image.open(root / "fog" / "3" / f"{names()[2]}.JPEG") as opened:
        expected = np.asarray(reference(opened))
    np.testing.assert_array_equal(source.block(2, 3)[0], expected)
    assert source.preprocess is None
    with pytest.raises(InputError, match="expected severity 3, got 1"):
        open_cell(Cell("imagenet-c-lite", "fog", 1), tmp_path)


def test_only_a_network_of_a_fixed_size_changes_the_pixels(tmp_path: Path) -> None:
    severity_tree(tmp_path / "imagenet-c", "fog")
    free, fixed = Preprocess(342, 299), Preprocess(342, 299, "bicubic", fixed=True)

    as_stored = open_severity(C, FOG, tmp_path, None, free)
    scaled = open_severity(C, FOG, tmp_path, None, fixed)

    np.testing.assert_array_equal(whole(as_stored), whole(open_cell(FOG, tmp_path)))
    assert as_stored.preprocess is None
    assert scaled.preprocess == "centre crop 224, resize 299x299 bicubic"
    picture = Image.fromarray(as_stored.block(0, 1)[0])
    again = np.asarray(picture.resize((299, 299), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(scaled.block(0, 1)[0], again)


def test_pictures_keep_the_numbers_of_their_clean_ones(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    root = severity_tree(tmp_path / "imagenet-c", "fog")
    (root / "fog" / "3" / f"{names()[2]}.JPEG").unlink()
    by_number = {"0": 0, "1": 1, "2": 2, "999": 999}
    for wnid, number in zip(sorted((root / "fog" / "5").iterdir()), by_number, strict=True):
        wnid.rename(wnid.with_name(number))

    lacking = open_cell(FOG, tmp_path)
    renamed = open_cell(Cell("imagenet-c", "fog", 5), tmp_path)

    assert lacking.indices.tolist() == [0, 1, 3, 4, 5, 6, 7]
    assert lacking.labels.tolist() == [LABELS[index] for index in lacking.indices]
    assert renamed.indices.tolist() == list(range(8))
    assert renamed.labels.tolist() == list(LABELS)
    assert "all 7 pictures" in lacking.provenance["pairing"]


def test_strange_names_are_noted(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    root = severity_tree(tmp_path / "imagenet-c", "fog")
    path = root / "fog" / "3" / f"{names()[2]}.JPEG"
    path.rename(path.with_name("other.JPEG"))

    assert "only 7 of 8" in open_cell(FOG, tmp_path).provenance["pairing"]


def test_a_limit_takes_the_same_pictures_of_clean_and_corrupted_cells(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    severity_tree(tmp_path / "imagenet-c", "fog")
    cells = (
        Cell("imagenet"),
        FOG,
        Cell("imagenet-c", "brightness", 1),
        Cell("imagenet-p", "brightness", difficulty=1),
    )

    sources = [open_cell(cell, tmp_path, 3) for cell in cells]

    for source in sources:
        assert source.indices.tolist() == [0, 2, 5]
        assert source.labels.tolist() == [0, 1, 2]


def test_the_reader_goes_through_pickle(tmp_path: Path) -> None:
    severity_tree(tmp_path / "imagenet-c", "fog")
    source = open_cell(FOG, tmp_path)

    again = pickle.loads(pickle.dumps(source.read))

    np.testing.assert_array_equal(again(3, 6), whole(source)[3:6])


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    root = severity_tree(tmp_path / "imagenet-c", "fog")
    path = root / "fog" / "3" / f"{names()[4]}.JPEG"
    path.write_bytes(path.read_bytes()[:300])
    source = open_cell(FOG, tmp_path)

    with pytest.raises(InputError, match=path.name):
        whole(source)
