"""CIFAR from small files of the official form, and from the official files themselves."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from python2_pickle import dumps

from robench.datasets import DATASETS, Labelled, check, is_present, load_test, load_train
from robench.datasets.cifar import CIFAR10, CIFAR100, Layout, train_images
from robench.datasets.cifar import test_images as held_out_images
from robench.datasets.tiny import FILE
from robench.errors import InputError, UnknownNameError

PLANES = np.random.default_rng(0).integers(0, 256, (6, 3, 32, 32), dtype=np.uint8)


def small(data_dir: Path, layout: Layout = CIFAR10) -> Layout:
    """Write two images per file; the layout then knows the checksums of what was written."""
    folder = data_dir / layout.folder
    folder.mkdir(parents=True)

    def write(name: str, plain: dict[bytes, object]) -> tuple[str, str]:
        content = dumps(plain)
        (folder / name).write_bytes(content)
        return name, hashlib.md5(content, usedforsecurity=False).hexdigest()

    def batch(name: str, first: int) -> tuple[str, str]:
        rows = PLANES[first : first + 2].reshape(2, -1)
        return write(name, {b"data": rows, layout.labels: [first, first + 1]})

    return replace(
        layout,
        train=(batch(layout.train[0][0], 0), batch("second", 2)),
        test=(batch(layout.test[0][0], 4),),
        meta=write(layout.meta[0], {layout.names: [b"cat", b"dog"]}),
    )


@pytest.mark.parametrize("layout", [CIFAR10, CIFAR100])
def test_batches_become_images_in_their_order(tmp_path: Path, layout: Layout) -> None:
    layout = small(tmp_path, layout)

    train, held_out = train_images(layout, tmp_path), held_out_images(layout, tmp_path)

    np.testing.assert_array_equal(train.images, PLANES[:4].transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(held_out.images, PLANES[4:].transpose(0, 2, 3, 1))
    assert train.images.flags.c_contiguous
    assert train.labels.tolist() == [0, 1, 2, 3]
    assert held_out.labels.tolist() == [4, 5]
    assert train.labels.dtype == np.int64
    assert train.class_names == ("cat", "dog")


def test_nobody_can_write_into_the_shared_images(tmp_path: Path) -> None:
    layout = small(tmp_path)
    data = held_out_images(layout, tmp_path)

    assert held_out_images(layout, tmp_path) is data
    with pytest.raises(ValueError, match="read-only"):
        data.images[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        data.labels[0] = 0


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    layout = small(tmp_path)
    path = tmp_path / layout.folder / "second"
    path.write_bytes(path.read_bytes()[:-2] + b"!.")

    with pytest.raises(InputError, match=r"second is not the official file: expected md5"):
        train_images(layout, tmp_path)

    assert len(held_out_images(layout, tmp_path).labels) == 2


def test_files_of_the_right_name_only_are_refused(tmp_path: Path) -> None:
    small(tmp_path)

    assert is_present(DATASETS["cifar10"], tmp_path)
    with pytest.raises(InputError, match="expected md5 40351d587109b95175f43aff81a1287e"):
        check(DATASETS["cifar10"], tmp_path)


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "cifar100-tiny"])
def test_missing_data_are_one_message_with_the_way_out(tmp_path: Path, name: str) -> None:
    folder = DATASETS[name].folder
    assert folder

    with pytest.raises(InputError) as caught:
        load_train(name, tmp_path)

    message = str(caught.value)
    assert not is_present(DATASETS[name], tmp_path)
    for part in (str(tmp_path), "--data-dir", "ROBENCH_DATA", "expected", "missing"):
        assert part in message
    if name != "cifar100-tiny":
        assert "https://www.cs.toronto.edu/~kriz/cifar.html" in message
        assert folder in message


def test_the_message_names_the_files_that_are_missing(tmp_path: Path) -> None:
    layout = small(tmp_path)
    (tmp_path / layout.folder / "second").unlink()

    with pytest.raises(InputError, match=r"missing: second\."):
        train_images(layout, tmp_path)


@pytest.mark.parametrize("name", ["gaussian", "cifar10-c", "cifar"])
def test_sets_without_training_images_are_unknown_here(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match="Known: cifar10, cifar100, cifar100-tiny, digits"):
        load_train(name, tmp_path)


def tiny_file(data_dir: Path, images: NDArray[np.uint8]) -> None:
    labels = np.arange(1000) % 100
    names = np.array([f"c{n}" for n in range(100)])
    np.savez(data_dir / FILE, test_images=images, test_labels=labels, classes=names)


def test_the_extract_never_stands_in_for_cifar100(tmp_path: Path) -> None:
    tiny_file(tmp_path, np.zeros((1000, 32, 32, 3), np.uint8))

    data = load_test("cifar100-tiny", tmp_path)

    assert (len(data.labels), len(data.class_names)) == (1000, 100)
    assert not is_present(DATASETS["cifar100"], tmp_path)
    with pytest.raises(InputError, match="CIFAR-100 is not in"):
        load_test("cifar100", tmp_path)


def test_an_extract_of_another_shape_is_refused(tmp_path: Path) -> None:
    tiny_file(tmp_path, np.zeros((1000, 3, 32, 32), np.uint8))

    with pytest.raises(InputError, match=r"expected test_images \(1000, 32, 32, 3\)"):
        load_test("cifar100-tiny", tmp_path)
    with pytest.raises(InputError, match="another layout: 'train_images"):
        load_train("cifar100-tiny", tmp_path)


@pytest.mark.data
def test_the_official_cifar10_is_read(data_dir: Path) -> None:
    held_out: Labelled = load_test("cifar10", data_dir)

    assert held_out.images.shape == (10_000, 32, 32, 3)
    assert np.bincount(held_out.labels).tolist() == [1000] * 10
    assert held_out.labels[:8].tolist() == [3, 8, 8, 0, 6, 6, 1, 6]
    assert held_out.class_names[3] == "cat"
    assert held_out.images[0, 0, 0].tolist() == [158, 112, 49]


@pytest.mark.data
def test_the_official_training_images_are_read(data_dir: Path) -> None:
    train = load_train("cifar10", data_dir)

    assert train.images.shape == (50_000, 32, 32, 3)
    assert np.bincount(train.labels).tolist() == [5000] * 10
    mean = train.images.reshape(-1, 3).mean(0, dtype=np.float64) / 255
    np.testing.assert_allclose(mean, [0.4914, 0.4822, 0.4465], atol=5e-5)
