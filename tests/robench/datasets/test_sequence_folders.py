"""Perturbed sets as videos and as folders of frames: layouts, frames, what is refused."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from picture_trees import (
    LABELS,
    WNIDS,
    clean_tree,
    frames,
    names,
    video_tree,
    wrap,
    write_video,
)
from PIL import Image

from robench.datasets import DATASETS, CellSource, open_cell
from robench.datasets.clips import frame_names, read_video
from robench.datasets.sequence_folders import sequence_names
from robench.errors import InputError
from robench.types import Cell, Preprocess

P = DATASETS["imagenet-p"]
BRIGHTNESS = Cell("imagenet-p", "brightness", difficulty=1)


def whole(source: CellSource) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return source.block(0, source.size)


def png_tree(root: Path, perturbation: str, count: int) -> None:
    """Folders of frames for two pictures, whose names have numbers without leading zeros."""
    for number in (0, 6):
        folder = root / perturbation / names()[number]
        folder.mkdir(parents=True)
        for place, frame in enumerate(frames(number, count)):
            Image.fromarray(frame).save(folder / f"{place}.png", compress_level=1)


def test_videos_are_read_frame_by_frame(tmp_path: Path) -> None:
    video_tree(tmp_path / "imagenet-p", "brightness", 31)

    source = open_cell(BRIGHTNESS, tmp_path)

    pixels = source.block(2, 4)
    assert pixels.shape == (2, 31, 224, 224, 3)
    for row, number in enumerate((2, 3)):
        difference = pixels[row].astype(int) - frames(number, 31)
        assert np.abs(difference).mean() < 6  # the loss of the coding
        steps = np.diff(pixels[row].mean(axis=(1, 2, 3)))
        np.testing.assert_allclose(steps, 3, atol=1.5)  # every frame, in order
    assert source.labels.tolist() == list(LABELS)
    assert source.references is not None
    assert source.references.tolist() == [-1, *range(30)]
    assert source.source["kind"] == "files"
    assert source.source["coding"] == "video"
    assert source.n_expected == 50_000
    assert source.work == "heavy"


def test_frames_that_are_pictures_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    png_tree(tmp_path / "imagenet-p", "translate", 41)

    source = open_cell(Cell("imagenet-p", "translate", difficulty=1), tmp_path)

    np.testing.assert_array_equal(whole(source), np.stack([frames(0, 41), frames(6, 41)]))
    assert source.labels.tolist() == [0, 999]
    assert source.source["coding"] == "png"


@pytest.mark.parametrize("inner", ["noise", "ImageNet-P"])
def test_groups_and_a_folder_around_are_entered(inner: str, tmp_path: Path) -> None:
    root = video_tree(tmp_path / "ImageNet-P", "gaussian_noise_2", 31)
    wrap(root, inner)

    assert sequence_names(P, tmp_path) == {"gaussian_noise_2"}
    source = open_cell(Cell("imagenet-p", "gaussian_noise", difficulty=2), tmp_path, 1)
    assert source.references is not None
    assert source.references.tolist() == [-1] + [0] * 30


def test_a_difficulty_of_a_smooth_sequence_compares_frames_further_apart(tmp_path: Path) -> None:
    video_tree(tmp_path / "imagenet-p", "brightness", 31)

    source = open_cell(Cell("imagenet-p", "brightness", difficulty=3), tmp_path, 1)

    assert source.references is not None
    assert source.references.tolist() == [-1, -1, -1, *range(28)]
    with pytest.raises(InputError, match="difficulty from 1 to 3, got 0"):
        open_cell(Cell("imagenet-p", "brightness"), tmp_path)


def test_a_video_that_lacks_frames_is_named(tmp_path: Path) -> None:
    root = video_tree(tmp_path / "imagenet-p", "brightness", 31)
    short = root / "brightness" / f"{names()[3]}.mp4"
    write_video(short, frames(3, 30))
    source = open_cell(BRIGHTNESS, tmp_path)

    assert source.block(0, 3).shape[1] == 31
    with pytest.raises(InputError, match=f"{short.name}: expected 31 frames.*got 30 frames"):
        source.block(3, 4)
    short.write_bytes(b"no video")
    with pytest.raises(InputError, match=f"Cannot decode the video .*{short.name}"):
        source.block(3, 4)


def test_a_set_of_another_length_fails_at_once(tmp_path: Path) -> None:
    video_tree(tmp_path / "imagenet-p", "translate", 31)

    with pytest.raises(InputError, match="expected 41 frames"):
        open_cell(Cell("imagenet-p", "translate", difficulty=1), tmp_path)


def test_videos_and_frames_together_are_refused(tmp_path: Path) -> None:
    root = video_tree(tmp_path / "imagenet-p", "brightness", 2)
    png_tree(root, "extra", 2)
    shutil.move(root / "extra" / names()[6], root / "brightness" / WNIDS[3] / "frames")

    with pytest.raises(InputError, match="got both"):
        open_cell(BRIGHTNESS, tmp_path)


def test_sequences_are_paired_with_their_clean_pictures(tmp_path: Path) -> None:
    clean_tree(tmp_path)
    png_tree(tmp_path / "imagenet-p", "brightness", 31)

    source = open_cell(BRIGHTNESS, tmp_path)

    assert source.indices.tolist() == [0, 6]
    assert "all 2 pictures" in source.provenance["pairing"]


def test_a_network_of_a_fixed_size_gets_scaled_frames(tmp_path: Path) -> None:
    png_tree(tmp_path / "imagenet-p", "brightness", 31)
    own = Preprocess(160, 160, fixed=True)

    source = open_cell(BRIGHTNESS, tmp_path, 1, preprocess=own)

    expected = Image.fromarray(frames(0, 31)[4]).resize((160, 160), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(source.block(0, 1)[0, 4], np.asarray(expected))
    assert source.preprocess == "centre crop 224, resize 160x160 bilinear"


def test_the_reader_of_sequences_goes_through_pickle(tmp_path: Path) -> None:
    png_tree(tmp_path / "imagenet-p", "brightness", 31)
    source = open_cell(BRIGHTNESS, tmp_path)

    again = pickle.loads(pickle.dumps(source.read))

    np.testing.assert_array_equal(again(1, 2), source.block(1, 2))


def test_colours_are_not_swapped(tmp_path: Path) -> None:
    red = np.zeros((3, 32, 32, 3), dtype=np.uint8)
    red[..., 0] = 200
    write_video(tmp_path / "red.mp4", red)

    decoded = read_video(tmp_path / "red.mp4")

    assert decoded.shape == (3, 32, 32, 3)
    assert decoded[..., 0].min() > 150
    assert decoded[..., 1:].max() < 60


@pytest.mark.parametrize("ending", ["", "_of_100"])
def test_frames_are_ordered_by_their_numbers(ending: str, tmp_path: Path) -> None:
    for name in ("10", "9", "100"):
        (tmp_path / f"frame_{name}{ending}.png").touch()
    for name in (".hidden.png", "notes.txt"):
        (tmp_path / name).touch()

    assert frame_names(tmp_path) == [f"frame_{n}{ending}.png" for n in (9, 10, 100)]
