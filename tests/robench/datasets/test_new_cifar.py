"""CIFAR-10.1 and 10.2 in the layouts of their repositories."""

from pathlib import Path

import numpy as np
import pytest

from robench.datasets import DATASETS, is_present, load_test, open_cell
from robench.errors import InputError
from robench.types import Cell, Images

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
LABELS = np.arange(12) % 10


def publish(folder: Path, version: str = "v6", images: Images = IMAGES) -> None:
    folder.mkdir(parents=True)
    np.save(folder / f"cifar10.1_{version}_data.npy", images)
    np.save(folder / f"cifar10.1_{version}_labels.npy", LABELS.astype(np.int32))


@pytest.mark.parametrize(
    "place", ["cifar10.1", "cifar10.1/datasets", "CIFAR-10.1/datasets", "CIFAR-10.1", "."]
)
@pytest.mark.parametrize(("version", "name"), [("v6", "cifar10.1"), ("v4", "cifar10.1-v4")])
def test_each_version_is_found_by_its_own_files(
    place: str, version: str, name: str, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    publish(data_dir / place, version)

    source = open_cell(Cell(name), data_dir, 5)

    np.testing.assert_array_equal(source.block(0, 5), IMAGES[:5])
    assert source.labels.tolist() == [0, 1, 2, 3, 4]
    assert source.source["verified"] is False
    other = {"cifar10.1": "cifar10.1-v4", "cifar10.1-v4": "cifar10.1"}[name]
    assert not is_present(DATASETS[other], data_dir)


def test_the_published_sizes_are_those_of_the_repository() -> None:
    sizes = {name: DATASETS[name].size for name in ("cifar10.1", "cifar10.1-v4", "cifar10.2")}

    assert sizes == {"cifar10.1": 2000, "cifar10.1-v4": 2021, "cifar10.2": 2000}


@pytest.mark.parametrize("place", ["cifar10.2", "cifar-10.2", "."])
def test_the_second_set_is_one_file(place: str, tmp_path: Path) -> None:
    (tmp_path / place).mkdir(exist_ok=True)
    np.savez(tmp_path / place / "cifar102_test.npz", images=IMAGES, labels=LABELS)

    data = load_test("cifar10.2", tmp_path)

    np.testing.assert_array_equal(data.images, IMAGES)
    assert data.labels.tolist() == LABELS.tolist()
    assert data.class_names[5] == "dog"


def test_missing_files_are_named_with_the_remedy(tmp_path: Path) -> None:
    publish(tmp_path / "cifar10.1")
    (tmp_path / "cifar10.1" / "cifar10.1_v6_labels.npy").unlink()

    with pytest.raises(InputError, match=r"cifar10\.1_v6_labels\.npy.*data get cifar10\.1"):
        load_test("cifar10.1", tmp_path)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (IMAGES[:, :16], LABELS),
        (IMAGES.astype(np.float32), LABELS),
        (IMAGES, LABELS[:11]),
        (IMAGES, LABELS + 1),
        (IMAGES, LABELS - 1),
        (IMAGES, LABELS.astype(np.float64)),
    ],
)
def test_arrays_of_another_form_are_refused(
    images: Images, labels: np.ndarray[tuple[int], np.dtype[np.int64]], tmp_path: Path
) -> None:
    np.savez(tmp_path / "cifar102_test.npz", images=images, labels=labels)

    with pytest.raises(InputError, match=r"cifar102_test\.npz: expected .*Get it again"):
        load_test("cifar10.2", tmp_path)


@pytest.mark.parametrize("damage", ["empty", "cut", "no_zip", "flipped", "keys"])
def test_a_damaged_file_is_named(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "cifar102_test.npz"
    np.savez_compressed(path, images=IMAGES, labels=LABELS)
    content = bytearray(path.read_bytes())
    if damage == "no_zip":
        with path.open("wb") as file:
            np.save(file, IMAGES)
    elif damage == "keys":
        np.savez(path, data=IMAGES)
    else:
        content[200:210] = b"\xff" * 10
        path.write_bytes({"empty": b"", "cut": bytes(content[:900])}.get(damage, bytes(content)))

    with pytest.raises(InputError, match=r"Cannot read images and labels from .*cifar102_test"):
        load_test("cifar10.2", tmp_path)
