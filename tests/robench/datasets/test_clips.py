"""Videos and folders of frames: how many, in which order, which colours, what is refused."""

from pathlib import Path

import numpy as np
import pytest
from picture_trees import frames, write_video
from PIL import Image

from robench.datasets.clips import StoredSequences, read_frames, read_video
from robench.datasets.preprocessing import AS_FILES
from robench.errors import InputError
from robench.types import Images


def colours(count: int = 6) -> Images:
    """(count, 64, 96, 3): left red, middle green, right blue; brighter from frame to frame."""
    found = np.zeros((count, 64, 96, 3), np.uint8)
    for place in range(count):
        for channel in range(3):
            found[place, :, 32 * channel : 32 * channel + 32, channel] = 60 + 30 * place
    return found


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
def test_every_frame_comes_in_order_with_its_colours(suffix: str, tmp_path: Path) -> None:
    written = colours()
    write_video(tmp_path / f"clip{suffix}", written)

    found = read_video(tmp_path / f"clip{suffix}")

    assert found.shape == written.shape
    inner = np.s_[:, 8:-8, 8:24]  # away from the edges, which the coding blurs
    for channel in range(3):
        part = found[:, :, 32 * channel : 32 * channel + 32][inner].mean((1, 2))
        np.testing.assert_allclose(part[:, channel], 60 + 30 * np.arange(6), atol=12)
        assert np.delete(part, channel, axis=1).max() < 30


def test_frames_without_loss_are_read_exactly(tmp_path: Path) -> None:
    long = np.concatenate([colours(), colours()[::-1]])
    for place, frame in enumerate(long):
        Image.fromarray(frame).save(tmp_path / f"{place}.png")

    np.testing.assert_array_equal(read_frames(tmp_path), long)


def test_frames_of_two_sizes_or_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected frames of one size"):
        read_frames(tmp_path)
    for place, size in enumerate(((8, 8), (8, 9))):
        Image.new("RGB", size).save(tmp_path / f"{place}.png")
    with pytest.raises(InputError, match="expected frames of one size"):
        read_frames(tmp_path)


def reader(root: Path, coding: str, count: int) -> StoredSequences:
    suffix = ".mp4" if coding == "video" else ""
    return StoredSequences(root, (f"clip{suffix}",), coding, count, AS_FILES)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_a_truncated_video_is_named(part: float, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_video(path, frames(0, 5))
    whole = path.read_bytes()
    assert reader(tmp_path, "video", 5)(0, 1).shape == (1, 5, 224, 224, 3)

    path.write_bytes(whole[: int(part * len(whole))])

    with pytest.raises(InputError, match=r"clip\.mp4"):
        reader(tmp_path, "video", 5)(0, 1)


@pytest.mark.parametrize("count", [4, 6])
def test_another_number_of_frames_is_refused(count: int, tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", frames(0, 5))

    with pytest.raises(InputError, match=f"expected {count} frames of 224x224.*got 5 frames"):
        reader(tmp_path, "video", count)(0, 1)


def test_frames_of_another_size_are_refused(tmp_path: Path) -> None:
    (tmp_path / "clip").mkdir()
    for place in range(3):
        Image.new("RGB", (256, 200)).save(tmp_path / "clip" / f"{place}.png")

    with pytest.raises(InputError, match=r"expected 3 frames of 224x224.*got 3 frames of 256x200"):
        reader(tmp_path, "png", 3)(0, 1)


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    (tmp_path / "clip").mkdir()
    for place in range(3):
        Image.new("RGB", (224, 224)).save(tmp_path / "clip" / f"{place}.png")
    (tmp_path / "clip" / "1.png").write_bytes(b"")

    with pytest.raises(InputError, match=r"clip/1\.png"):
        reader(tmp_path, "png", 3)(0, 1)
