"""Digits: real images without a download, split for good."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from robench.datasets.digits import split, split_indices

TRAIN, TEST = split()


def test_there_are_500_test_images_and_the_rest_is_for_training() -> None:
    assert TRAIN.images.shape == (1297, 32, 32, 3)
    assert TEST.images.shape == (500, 32, 32, 3)
    assert TRAIN.images.dtype == TEST.images.dtype == np.uint8
    assert TRAIN.class_names == tuple("0123456789")


def test_every_class_gives_its_share_to_the_test() -> None:
    shares = np.bincount(load_digits().target) * 500 / 1797

    assert (np.abs(np.bincount(TEST.labels) - shares) < 1).all()


def test_no_image_is_in_both_parts() -> None:
    def keys(images: NDArray[np.generic]) -> set[bytes]:
        return {image.tobytes() for image in images}

    assert len(keys(TRAIN.images)) == 1297
    assert not keys(TRAIN.images) & keys(TEST.images)


def test_images_are_enlarged_light_ink_on_black() -> None:
    train, _ = split_indices(load_digits().target.astype(np.int64), 500)
    small = load_digits().images[train] * (255 / 16)
    cells = TRAIN.images[..., 0].reshape(-1, 8, 4, 8, 4).mean((2, 4))

    assert (TRAIN.images[..., :1] == TRAIN.images).all()
    assert np.abs(cells - small).mean() < 12
    assert np.corrcoef(cells.ravel(), small.ravel())[0, 1] > 0.97
    assert np.median(TEST.images[:, 0, 0]) == 0


def test_a_part_in_order_is_a_fair_sample() -> None:
    assert np.bincount(TEST.labels[:100], minlength=10).min() >= 3
    assert np.bincount(TRAIN.labels[:200], minlength=10).min() >= 8


def test_the_split_and_the_pixels_never_change() -> None:
    def sha256(array: NDArray[np.generic]) -> str:
        return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]

    assert sha256(TEST.labels.astype("<i8")) == "418ecc482b5e65f4"
    assert sha256(TEST.images) == "0b74304e982770e0"


@pytest.mark.parametrize("size", [0, 1, 7, 30])
def test_rounding_never_changes_the_size_of_the_test(size: int) -> None:
    labels = np.array([0] * 3 + [1] * 10 + [2] * 17, dtype=np.int64)

    train, test = split_indices(labels, size)

    assert len(test) == size
    assert sorted([*train, *test]) == list(range(30))


def test_shared_images_are_read_only() -> None:
    assert not TEST.images.flags.writeable
    assert split()[1] is TEST
