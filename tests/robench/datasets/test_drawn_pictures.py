"""Drawn pictures are the published recipe: scale, crop, corrupt, code as JPEG, decode."""

import io
from pathlib import Path

import numpy as np
import pytest
from picture_trees import clean_tree, names
from PIL import Image
from torchvision import transforms

from corruptions import corrupt, perturb
from robench.datasets import DATASETS
from robench.datasets.drawn_pictures import (
    CleanFiles,
    DrawnPictures,
    DrawnSequences,
    coding_of,
    drawn_source,
    shaped,
)
from robench.datasets.preprocessing import AS_FILES, USUAL
from robench.errors import InputError


def clean(data_dir: Path) -> CleanFiles:
    """The third and the first of eight pictures."""
    paths = tuple(f"{names()[number]}.JPEG" for number in (2, 0))
    return CleanFiles(clean_tree(data_dir), paths, np.array([2, 0]))


def test_a_corrupted_picture_goes_through_the_jpeg_of_the_published_set(tmp_path: Path) -> None:
    files = clean(tmp_path)
    ready = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224)])
    made = corrupt(
        np.asarray(ready(files.open(0)))[None], "shot_noise", 2, family="imagenet", indices=[2]
    )[0]
    buffer = io.BytesIO()
    Image.fromarray(made).save(buffer, "JPEG", quality=85, optimize=True)

    found = DrawnPictures(files, "imagenet", "shot_noise", 2, tmp_path, AS_FILES)(0, 1)[0]

    np.testing.assert_array_equal(found, np.asarray(Image.open(buffer)))
    assert (found != made).any()


def test_a_sequence_is_drawn_from_the_scaled_picture_and_stored_without_loss(
    tmp_path: Path,
) -> None:
    files = clean(tmp_path)
    scaled = np.asarray(transforms.Resize(256)(files.open(1)))[None]

    found = DrawnSequences(files, "imagenet", "brightness", 1, AS_FILES)(1, 2)[0]

    expected = perturb(scaled, "brightness", family="imagenet", indices=[0], difficulty=1)[0]
    np.testing.assert_array_equal(found, expected)
    assert found.shape == (31, 224, 224, 3)


def test_a_damaged_clean_picture_is_named(tmp_path: Path) -> None:
    files = clean(tmp_path)
    (files.folder / files.paths[1]).write_bytes(b"")

    with pytest.raises(InputError, match=files.paths[1]):
        DrawnPictures(files, "imagenet", "contrast", 1, tmp_path, AS_FILES)(1, 2)


def test_frames_that_need_nothing_are_not_copied() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), np.uint8)

    assert shaped(frames, AS_FILES) is frames
    scaled = shaped(frames, USUAL)
    np.testing.assert_array_equal(scaled[1], USUAL(Image.fromarray(frames[1])))


def test_the_source_says_what_was_drawn_from_what_and_how_it_was_coded() -> None:
    drawn = drawn_source(DATASETS["imagenet-c"], "abc", 8)

    assert drawn["kind"] == "regenerated"
    assert (drawn["from"], drawn["seed"], drawn["images"]) == ("imagenet", 0, 8)
    assert drawn["coding"] == "jpeg, quality 85, 4:2:0"
    assert drawn_source(DATASETS["imagenet-p"], "abc", 8)["coding"] == coding_of("png")
    assert drawn != drawn_source(DATASETS["imagenet-c"], "abd", 8)
