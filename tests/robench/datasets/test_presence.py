"""What is at hand, what is not, and the words for it."""

from pathlib import Path

import pytest
from picture_trees import clean_tree, severity_tree, video_tree
from PIL import Image

from robench.datasets import DATASETS, absent, available, check, is_present, is_stored
from robench.datasets.presence import why_absent
from robench.errors import InputError
from robench.metrics.aggregates import TEST_CORRUPTIONS, TEST_PERTURBATIONS

PICTURES = [name for name, entry in DATASETS.items() if entry.layout != "arrays"]


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_present_in_an_empty_folder(name: str, tmp_path: Path) -> None:
    entry = DATASETS[name]

    assert not is_present(entry, tmp_path)
    assert f"robench data get {name}" in (absent(entry, tmp_path) or "")
    with pytest.raises(InputError, match=f"expected {entry.folder}/"):
        check(entry, tmp_path)


def test_with_clean_pictures_all_but_frost_can_be_drawn(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    c, p = DATASETS["imagenet-c"], DATASETS["imagenet-p"]

    assert set(TEST_CORRUPTIONS) - available(c, tmp_path) == {"frost"}
    assert available(p, tmp_path) >= set(TEST_PERTURBATIONS)
    assert is_present(c, tmp_path)
    assert not is_stored(c, tmp_path)
    assert not is_stored(p, tmp_path)
    assert "robench data get frost" in why_absent(c, "frost", tmp_path)


def test_without_clean_pictures_the_files_alone_count(tmp_path: Path) -> None:
    severity_tree(tmp_path / "imagenet-c", "fog")
    video_tree(tmp_path / "imagenet-p", "tilt", 2)

    assert available(DATASETS["imagenet-c"], tmp_path) == {"fog"}
    assert available(DATASETS["imagenet-p"], tmp_path) == {"tilt"}
    assert is_stored(DATASETS["imagenet-c-lite"], tmp_path)
    assert absent(DATASETS["imagenet-c"], tmp_path) is None
    assert "snow is neither among the files" in why_absent(DATASETS["imagenet-c"], "snow", tmp_path)


def test_edits_are_the_folders_that_hold_class_folders(tmp_path: Path) -> None:
    for name in ("full/n01440764/a.png", ".old/n01440764/a.png", "masks/a.png"):
        (tmp_path / "imagenet-e" / name).parent.mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "imagenet-e" / name)
    (tmp_path / "imagenet-e" / "empty").mkdir()

    assert available(DATASETS["imagenet-e"], tmp_path) == {"full"}
    assert absent(DATASETS["imagenet-e"], tmp_path) is None


def test_folders_of_another_set_are_found_out_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "imagenet-a" / "cats").mkdir(parents=True)
    Image.new("RGB", (4, 4)).save(tmp_path / "imagenet-a" / "cats" / "a.png")

    assert is_present(DATASETS["imagenet-a"], tmp_path)
    assert "expected class folders named by wnid" in (
        absent(DATASETS["imagenet-a"], tmp_path) or ""
    )
