"""The layout of the official CIFAR-10-C files, on small trees of the same form."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from robench.datasets.official import Archive
from robench.errors import InputError

SIZE = 4
LABELS = np.array([3, 8, 8, 0])
IMAGES = np.random.default_rng(0).integers(0, 256, (5 * SIZE, 32, 32, 3), dtype=np.uint8)


def archive(
    folder: Path, images: NDArray[np.generic] = IMAGES, labels: NDArray[np.generic] | None = None
) -> Archive:
    np.save(folder / "fog.npy", images)
    np.save(
        folder / "labels.npy", np.tile(LABELS, 5).astype(np.uint8) if labels is None else labels
    )
    return Archive(folder, SIZE)


def test_severities_follow_each_other(tmp_path: Path) -> None:
    files = archive(tmp_path)

    images = files.images("fog", SIZE)

    assert images.shape == (5, SIZE, 32, 32, 3)
    np.testing.assert_array_equal(images[2], IMAGES[2 * SIZE : 3 * SIZE])
    np.testing.assert_array_equal(files.labels(), LABELS)
    assert files.labels().dtype == np.int64


def test_images_are_mapped_and_not_read(tmp_path: Path) -> None:
    images = archive(tmp_path).images("fog", SIZE)

    assert isinstance(images, np.memmap)
    assert not images.flags.writeable


def test_corruptions_are_the_files_beside_the_labels(tmp_path: Path) -> None:
    assert Archive(tmp_path / "nowhere", SIZE).names() == frozenset()
    files = archive(tmp_path)
    np.save(tmp_path / "snow.npy", IMAGES)
    (tmp_path / "._fog.npy").touch()

    assert files.names() == {"fog", "snow"}
    (tmp_path / "labels.npy").unlink()
    assert files.names() == frozenset()


@pytest.mark.parametrize(
    "images",
    [IMAGES[:-1], IMAGES[:SIZE], IMAGES.transpose(0, 3, 1, 2), IMAGES.astype(np.float32) / 255],
)
def test_images_of_another_shape_or_type_are_refused(
    tmp_path: Path, images: NDArray[np.generic]
) -> None:
    with pytest.raises(InputError, match=r"fog\.npy: expected uint8 of shape \(20, 32, 32, 3\)"):
        archive(tmp_path, images).images("fog", SIZE)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.tile(LABELS, 4), "expected 20 integers"),
        (np.tile(LABELS, 5).astype(float), "expected 20 integers"),
        (np.repeat(LABELS, 5), "not 5 equal blocks"),
    ],
)
def test_labels_that_are_not_five_equal_blocks_are_refused(
    tmp_path: Path, labels: NDArray[np.generic], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        archive(tmp_path, labels=labels).labels()


def test_labels_must_be_those_of_the_clean_images(tmp_path: Path) -> None:
    files = archive(tmp_path)

    np.testing.assert_array_equal(files.labels(LABELS), LABELS)
    with pytest.raises(InputError, match="not those of the clean test set"):
        files.labels(LABELS[::-1])


def test_the_clean_set_decides_how_many_rows_there_must_be(tmp_path: Path) -> None:
    small = Archive(archive(tmp_path).folder, 10_000)

    np.testing.assert_array_equal(small.labels(LABELS), LABELS)
    with pytest.raises(InputError, match="expected 50000 integers"):
        small.labels()
    with pytest.raises(InputError, match=r"\(50000, 32, 32, 3\)"):
        small.images("fog", 10_000)


def test_damaged_files_and_pickled_objects_are_refused(tmp_path: Path) -> None:
    files = archive(tmp_path)
    whole = (tmp_path / "fog.npy").read_bytes()
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    for content in (b"", b"junk", whole[:-100]):
        (tmp_path / "fog.npy").write_bytes(content)
        with pytest.raises(InputError, match=r"Cannot read .*fog\.npy"):
            files.images("fog", SIZE)
    with pytest.raises(InputError, match=r"Cannot read .*objects\.npy"):
        files.images("objects", SIZE)


def test_the_passport_follows_the_content_of_the_file(tmp_path: Path) -> None:
    files = archive(tmp_path)
    before = files.source("fog")

    np.save(tmp_path / "fog.npy", np.append(IMAGES, IMAGES[:1], axis=0))

    assert before["kind"] == "official"
    assert len(before["sha256"]) == 64
    assert files.source("fog")["sha256"] != before["sha256"]
