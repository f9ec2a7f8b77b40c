"""Which folders count as perturbations, and how their sequences are listed."""

from pathlib import Path

import pytest

from robench.datasets import DATASETS
from robench.datasets.sequence_layout import find_sequence_folders, known_names, list_sequences
from robench.errors import InputError
from robench.metrics.aggregates import EXTRA_PERTURBATIONS, TEST_PERTURBATIONS

P = DATASETS["imagenet-p"]


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


def test_the_names_are_the_published_ones_with_three_strengths_of_noise() -> None:
    noises = {f"{kind}_noise{n}" for kind in ("gaussian", "shot", "speckle") for n in ("_2", "_3")}

    assert known_names() == {*TEST_PERTURBATIONS, *EXTRA_PERTURBATIONS, *noises}


def test_other_folders_do_not_count(tmp_path: Path) -> None:
    touch(tmp_path / "imagenet-p", "tilt/n01440764/a.mp4", "noise/shot_noise_3/n01440764/a.mp4")
    touch(tmp_path / "imagenet-p", "tilt_old/n01440764/a.mp4", "tilt_2/n01440764/a.mp4")

    found = find_sequence_folders(P, tmp_path)

    assert found is not None
    assert set(found.perturbations) == {"tilt", "shot_noise_3"}
    assert find_sequence_folders(P, tmp_path / "imagenet-p") is None


def test_videos_are_listed_by_class_and_name(tmp_path: Path) -> None:
    root = touch(tmp_path, "n2/b.mp4", "n2/a.b.MP4", "n1/c.avi", "n1/.x.mp4", "n1/notes.txt")
    (tmp_path / "n3").mkdir()

    files = list_sequences(root)

    assert files.coding == "video"
    assert files.listing.paths == ("n1/c.avi", "n2/a.b.MP4", "n2/b.mp4")
    assert files.stems == ("n1/c", "n2/a.b", "n2/b")
    assert (files.listing.folders, files.listing.counts) == (("n1", "n2"), (1, 2))
    assert files.listing.sizes == tuple(
        (root / path).stat().st_size for path in files.listing.paths
    )


def test_folders_of_frames_are_listed_with_their_size(tmp_path: Path) -> None:
    root = touch(tmp_path, "n1/a/0.png", "n1/a/1.png", "n1/b/0.png", "n1/b/.hidden")

    files = list_sequences(root)

    assert files.coding == "png"
    assert files.listing.paths == files.stems == ("n1/a", "n1/b")
    assert files.listing.sizes == (2 * len("n1/a/0.png"), len("n1/b/0.png"))


def test_neither_videos_nor_frames_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "n1/a.txt")

    with pytest.raises(InputError, match=r"expected class folders with videos .* got none"):
        list_sequences(tmp_path)
