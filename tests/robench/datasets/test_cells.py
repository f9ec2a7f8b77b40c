"""Every cell gives the same pixels whatever the blocks, and says where they come from."""

import json
from pathlib import Path

import numpy as np
import pytest

from corruptions import corrupt
from robench.datasets import (
    DATASETS,
    CellSource,
    available,
    cells,
    check,
    is_present,
    load_test,
    open_cell,
    presence,
)
from robench.datasets.labelled import Labelled
from robench.errors import InputError, UnknownNameError
from robench.types import Cell

NOWHERE = Path("nowhere")
CELLS = (
    Cell("digits"),
    Cell("digits", attack="pgd(steps=1)"),
    Cell("digits-c", "gaussian_noise", 3),
    Cell("digits-c", "contrast", 5),
    Cell("gaussian", against="digits"),
    Cell("photos", against="digits"),
)


def small_cifar(monkeypatch: pytest.MonkeyPatch) -> Labelled:
    """Ten random images pose as the test images of CIFAR-10."""
    images = np.random.default_rng(2).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
    data = Labelled(images, np.arange(10), tuple("abcdefghij"))
    for module in (cells, presence):
        monkeypatch.setattr(module, "load_test", lambda *_: data)
    return data


def official(data_dir: Path, *names: str) -> None:
    """An archive of CIFAR-10-C for those ten images; the value of a pixel is its severity."""
    folder = data_dir / "CIFAR-10-C"
    folder.mkdir()
    np.save(folder / "labels.npy", np.tile(np.arange(10), 5))
    levels = np.repeat(np.arange(1, 6, dtype=np.uint8), 10)
    for name in names:
        np.save(folder / f"{name}.npy", np.tile(levels[:, None, None, None], (1, 32, 32, 3)))


@pytest.fixture
def with_clean(monkeypatch: pytest.MonkeyPatch) -> Labelled:
    """CIFAR-10 is at hand."""
    monkeypatch.setattr(presence, "is_present", lambda *_: True)
    return small_cifar(monkeypatch)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.slug)
def test_pixels_do_not_depend_on_the_blocks(cell: Cell) -> None:
    source = open_cell(cell, NOWHERE, 60)
    whole = source.block(0, source.size)

    for size in (1, 7):
        parts = [
            source.block(start, min(start + size, source.size))
            for start in range(0, source.size, size)
        ]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert whole.shape == (source.size, 32, 32, 3)
    assert whole.dtype == np.uint8


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.slug)
def test_a_limit_takes_the_first_images(cell: Cell) -> None:
    some, more = open_cell(cell, NOWHERE, 25), open_cell(cell, NOWHERE, 50)

    np.testing.assert_array_equal(some.block(0, some.size), more.block(0, some.size))
    np.testing.assert_array_equal(some.labels, more.labels[: some.size])
    assert some.size == (5 if cell.against else 25)
    assert some.n_expected == more.n_expected == open_cell(cell, NOWHERE).size


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.slug)
def test_the_source_is_plain_data_for_the_passport(cell: Cell) -> None:
    source = open_cell(cell, NOWHERE).source

    assert json.loads(json.dumps(source)) == source
    assert source["kind"] in {"bundled", "regenerated", "generated"}


def test_corrupted_digits_are_the_corruption_of_the_clean_ones() -> None:
    source = open_cell(Cell("digits-c", "shot_noise", 2), NOWHERE)
    clean = load_test("digits", NOWHERE)

    expected = corrupt(clean.images[40:44], "shot_noise", 2, family="cifar", indices=range(40, 44))

    np.testing.assert_array_equal(source.block(40, 44), expected)
    np.testing.assert_array_equal(source.labels, clean.labels)
    assert source.source["from"] == "digits"


@pytest.mark.parametrize(("limit", "size"), [(None, 100), (500, 100), (499, 99), (5, 1), (1, 1)])
def test_one_anomaly_comes_on_five_images(limit: int | None, size: int) -> None:
    source = open_cell(Cell("blobs", against="digits"), NOWHERE, limit)

    assert source.size == size
    assert source.n_expected == 100
    assert (source.labels == -1).all()
    assert source.source == {"kind": "generated", "seed": 0, "version": 1, "in_per_out": 5}


def test_anomalies_are_the_same_pictures_for_every_set() -> None:
    for_cifar = open_cell(Cell("rademacher", against="cifar10"), NOWHERE)
    for_digits = open_cell(Cell("rademacher", against="digits"), NOWHERE)

    assert (for_cifar.size, for_digits.size) == (2000, 100)
    np.testing.assert_array_equal(for_cifar.block(90, 100), for_digits.block(90, 100))


def test_official_files_come_before_making_them(tmp_path: Path, with_clean: Labelled) -> None:
    official(tmp_path, "brightness")

    stored = open_cell(Cell("cifar10-c", "brightness", 4), tmp_path)
    made = open_cell(Cell("cifar10-c", "contrast", 4), tmp_path, 3)

    assert (stored.block(2, 5) == 4).all()
    assert (stored.source["kind"], made.source["kind"]) == ("official", "regenerated")
    expected = corrupt(with_clean.images[:3], "contrast", 4, family="cifar")
    np.testing.assert_array_equal(made.block(0, 3), expected)
    assert stored.labels.tolist() == list(range(10))
    assert available(DATASETS["cifar10-c"], tmp_path) >= {"brightness", "contrast"}
    check(DATASETS["cifar10-c"], tmp_path)


@pytest.mark.usefixtures("with_clean")
def test_a_damaged_archive_is_found_before_anything_starts(tmp_path: Path) -> None:
    official(tmp_path, "fog")
    np.save(tmp_path / "CIFAR-10-C" / "snow.npy", np.zeros((49, 32, 32, 3), np.uint8))

    with pytest.raises(InputError, match=r"snow\.npy: expected uint8"):
        check(DATASETS["cifar10-c"], tmp_path)


def test_official_files_alone_must_have_the_published_size(tmp_path: Path) -> None:
    official(tmp_path, "fog")

    assert available(DATASETS["cifar10-c"], tmp_path) == {"fog"}
    with pytest.raises(InputError, match="expected 50000 integers"):
        open_cell(Cell("cifar10-c", "fog", 1), tmp_path)


def test_without_any_data_the_message_says_what_is_needed(tmp_path: Path) -> None:
    assert available(DATASETS["cifar10-c"], tmp_path) == frozenset()
    assert not is_present(DATASETS["cifar10-c"], tmp_path)
    with pytest.raises(
        InputError, match=r"no official files in .*CIFAR-10-C; to make it, CIFAR-10"
    ):
        check(DATASETS["cifar10-c"], tmp_path)
    with pytest.raises(InputError, match="CIFAR-10 is not in"):
        open_cell(Cell("cifar10-c", "contrast", 1), tmp_path)


@pytest.mark.parametrize("name", ["digits", "digits-c", "gaussian", "photos"])
def test_what_needs_no_files_is_always_there(name: str) -> None:
    assert is_present(DATASETS[name], NOWHERE)
    check(DATASETS[name], NOWHERE)


@pytest.mark.parametrize(
    ("cell", "limit", "message"),
    [
        (Cell("digits"), 0, "--limit must be at least 1"),
        (Cell("digits-c", "contrast"), None, "severity from 1 to 5, got 0"),
        (Cell("digits-c", "contrast", 6), None, "severity from 1 to 5, got 6"),
        (Cell("gaussian"), None, "needs a set to be compared with"),
        (Cell("digits", against="cifar10"), None, "at least 2000 images, got 500"),
        (Cell("digits", against="digits"), None, "expected another set"),
    ],
)
def test_cells_that_make_no_sense_are_refused(cell: Cell, limit: int | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_cell(cell, NOWHERE, limit)


@pytest.mark.parametrize(
    "cell", [Cell("digit"), Cell("digits-c", "contrats", 1), Cell("gaussian", against="digit")]
)
def test_unknown_names_are_answered_with_near_ones(cell: Cell) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean"):
        open_cell(cell, NOWHERE)


def test_blocks_outside_the_cell_are_refused() -> None:
    source: CellSource = open_cell(Cell("digits"), NOWHERE, 10)

    for start, stop in ((-1, 3), (3, 3), (5, 11)):
        with pytest.raises(ValueError, match="start < stop <= 10"):
            source.block(start, stop)


@pytest.mark.data
def test_real_cifar_cells_open(data_dir: Path) -> None:
    clean = open_cell(Cell("cifar10"), data_dir)
    noisy = open_cell(Cell("cifar10-c", "gaussian_noise", 5), data_dir, 1000)
    difference = noisy.block(0, 20).astype(int) - clean.block(0, 20).astype(int)

    assert clean.source == {"kind": "official"}
    assert (clean.size, noisy.size, noisy.n_expected) == (10_000, 1000, 10_000)
    assert 18 < difference.std() < 26.5  # 0.10 of 255, less what is clipped


@pytest.mark.data
def test_the_extract_is_shown_as_what_it_is(data_dir: Path) -> None:
    source = open_cell(Cell("cifar100-tiny"), data_dir)

    assert (source.size, source.n_expected) == (1000, 1000)
    assert source.source["kind"] == "extract"
