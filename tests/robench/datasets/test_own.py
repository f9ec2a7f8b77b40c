"""Folders of the user's as sets, for networks of their own classes and of ImageNet's."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robench.datasets import load_train, open_cell, own
from robench.datasets.class_lists import wnids
from robench.datasets.own import folder_set
from robench.errors import InputError
from robench.suites import find_suite
from robench.types import Cell, EvalSet, Preprocess

SCALED, STORED = "resize 256 bilinear, centre crop 224", "as stored"


def put(root: Path, *names: str, size: tuple[int, int] = (32, 32)) -> Path:
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (number, 2 * number, 3 * number)).save(root / name)
    return root


def labels(entry: EvalSet) -> list[int]:
    """As evaluation sees them."""
    source = open_cell(Cell(entry.name), Path("nowhere"), own=(entry,))
    return [int(label) for label in source.labels]


def test_folders_are_classes_by_name_where_the_network_knows_its_names(tmp_path: Path) -> None:
    root = put(tmp_path, "dog/1.png", "cat/2.png", "cat/3.PNG")
    known = ("dog", "bird", "cat")

    entry = folder_set(root, 3, known)

    assert labels(entry) == [2, 2, 0]
    assert (entry.classes, entry.size, entry.mask) == (3, 3, None)
    with pytest.raises(InputError, match="1 folders are no classes of the network, such as 'cow'"):
        folder_set(put(tmp_path, "cow/1.png"), 3, known)


def test_without_names_there_is_a_folder_for_each_output_in_order(tmp_path: Path) -> None:
    root = put(tmp_path, "b/1.png", "a/2.png", "C/3.png")

    assert labels(folder_set(root, 3)) == [0, 1, 2]
    assert folder_set(root, 3) == folder_set(root)
    with pytest.raises(InputError, match="has 3 class folders, but the network has 10 outputs"):
        folder_set(root, 10)


def test_empty_and_hidden_folders_are_no_classes_wherever_they_stand(tmp_path: Path) -> None:
    root = put(tmp_path, "b/1.png", "c/2.png", ".thumbnails/3.png", "b/.4.png")
    (root / "a" / "nested").mkdir(parents=True)

    entry = folder_set(root, 2)

    assert labels(entry) == [0, 1]
    assert entry.size == 2


def test_wnids_and_numbers_suit_a_network_of_imagenet(tmp_path: Path) -> None:
    some = put(tmp_path / "wnids", f"{wnids()[9]}/1.png", f"{wnids()[700]}/2.png")
    numbers = put(tmp_path / "numbers", "10/1.png", "9/2.png", "100/3.png")

    assert labels(folder_set(some, 1000)) == [9, 700]
    assert labels(folder_set(numbers, 1000)) == [10, 100, 9]
    words = [f"word {index}" for index in range(1000)]
    assert labels(folder_set(some, 1000, words)) == [9, 700]
    with pytest.raises(InputError, match="Expected a folder for each, or folders named by wnid"):
        folder_set(put(tmp_path / "cats", "cat/1.png"), 1000)


def test_linked_folders_and_names_of_any_script_are_read(tmp_path: Path) -> None:
    put(tmp_path / "store", "x/1.png")
    root = put(tmp_path / "set", "日本/1.png", "Bär/2 b.png")
    (root / "linked").symlink_to(tmp_path / "store" / "x")

    assert labels(folder_set(root, 3, ("linked", "Bär", "日本"))) == [1, 0, 2]


def test_an_accent_may_be_stored_as_a_letter_of_its_own(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "Bär")
    root = put(tmp_path, f"{apart}/1.png")

    assert apart != "Bär"
    assert labels(folder_set(root, 2, ("Affe", "Bär"))) == [1]


@pytest.mark.parametrize(
    ("size", "outputs", "way"),
    [((32, 32), 2, STORED), ((65, 64), 2, SCALED), ((64, 48), 2, STORED), ((32, 32), 1000, SCALED)],
)
def test_only_small_pictures_for_other_classes_are_taken_as_stored(
    size: tuple[int, int], outputs: int, way: str, tmp_path: Path
) -> None:
    root = put(tmp_path, "0/1.png", "1/2.png", size=size)

    assert folder_set(root, outputs).preprocess == way


def test_small_pictures_of_several_sizes_are_scaled(tmp_path: Path) -> None:
    root = put(tmp_path, "a/1.png")
    put(root, "b/1.png", size=(30, 32))

    assert folder_set(root).preprocess == SCALED


def test_small_pictures_are_scaled_for_a_network_of_one_size(tmp_path: Path) -> None:
    entry = folder_set(put(tmp_path, "a/1.png", "b/2.png"))
    fixed = Preprocess(248, 224, "bicubic", fixed=True)

    source = open_cell(Cell(entry.name), tmp_path, preprocess=fixed, own=(entry,))

    assert source.block(0, 2).shape == (2, 224, 224, 3)
    assert source.preprocess == "resize 248 bicubic, centre crop 224"


def test_a_suite_is_made_of_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "mine", "a/1.png", "b/2.png")

    suite = find_suite(f"folder:{tmp_path / 'mine'}", 2)

    assert (suite.name, suite.clean) == ("folder:mine", "folder:mine")
    assert [entry.folder for entry in suite.own] == [str(tmp_path / "mine")]
    with pytest.raises(InputError, match=r"No folder .*elsewhere"):
        find_suite(f"folder:{tmp_path / 'elsewhere'}")


def test_a_damaged_first_picture_is_named_at_once(tmp_path: Path) -> None:
    root = put(tmp_path, "a/1.png", "b/2.png")
    (root / "b" / "2.png").write_bytes(b"")

    with pytest.raises(InputError, match=r"Cannot read the picture .*b/2\.png"):
        folder_set(root)


def test_training_images_are_the_pictures_in_order(tmp_path: Path) -> None:
    root = put(tmp_path, "a/1.png", "a/2.png", "b/3.png")

    data = load_train(f"folder:{root}", tmp_path)

    assert data.class_names == ("a", "b")
    assert data.labels.tolist() == [0, 0, 1]
    assert data.images.shape == (3, 32, 32, 3)
    np.testing.assert_array_equal(data.images[2, 5, 5], [2, 4, 6])


def test_training_images_of_another_size_or_too_many_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = put(tmp_path, "a/1.png", "b/2.png")
    put(root, "b/3.png", size=(30, 32))
    with pytest.raises(InputError, match=r"b/3\.png: expected 32x32 pixels, got 30x32"):
        load_train(f"folder:{root}", tmp_path)

    monkeypatch.setattr(own, "ROOM", 1000)
    with pytest.raises(InputError, match=r"3 pictures would take .* GiB of memory"):
        load_train(f"folder:{root}", tmp_path)
