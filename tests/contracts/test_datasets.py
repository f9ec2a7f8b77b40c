"""Promises that every data set keeps; what needs files is tested with those that are there."""

from pathlib import Path

import numpy as np
import pytest

from robench.datasets import DATASETS, available, check, is_present, load_train, open_cell
from robench.errors import InputError
from robench.types import Cell

NOWHERE = Path("no-such-folder")
ANOMALIES = [name for name, entry in DATASETS.items() if entry.role == "ood"]
WITHOUT_FILES = [name for name, entry in DATASETS.items() if is_present(entry, NOWHERE)]


@pytest.mark.parametrize("name", DATASETS)
def test_an_entry_describes_itself(name: str) -> None:
    entry = DATASETS[name]

    assert entry.name == name
    assert entry.size > 0
    assert entry.preprocess
    assert entry.paper
    assert (entry.classes == 0) == (entry.role == "ood")
    made = entry.role in ("corrupted", "perturbed")
    assert entry.clean in DATASETS if made or entry.mask == "imagenet-o" else entry.clean is None
    assert bool(entry.family) == made


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in WITHOUT_FILES])
def test_missing_files_are_one_message_with_the_remedy(name: str) -> None:
    with pytest.raises(InputError, match=r"--data-dir|ROBENCH_DATA"):
        check(DATASETS[name], NOWHERE)


@pytest.mark.parametrize("name", WITHOUT_FILES)
def test_a_block_holds_the_same_pixels_however_it_is_read(name: str) -> None:
    source = open_cell(_cell(name), NOWHERE, limit=60)

    whole = source.block(0, source.size)
    parts = [source.block(i, min(i + 5, source.size)) for i in range(0, source.size, 5)]

    assert whole.dtype == np.uint8
    frames = () if source.references is None else (source.frames,)
    assert whole.shape == (source.size, *frames, 32, 32, 3)
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert len(source.labels) == source.size <= source.n_expected
    assert source.source["kind"]


def _cell(name: str) -> Cell:
    """One cell of a set."""
    if name in ANOMALIES:
        return Cell(name, against="digits")
    if DATASETS[name].role == "corrupted":
        return Cell(name, sorted(available(DATASETS[name], NOWHERE))[0], 3)
    if DATASETS[name].role == "perturbed":
        return Cell(name, "brightness", difficulty=1)
    return Cell(name)


def test_training_and_test_digits_share_no_image() -> None:
    source = open_cell(Cell("digits"), NOWHERE)
    seen = {image.tobytes() for image in load_train("digits", NOWHERE).images}

    repeated = sum(image.tobytes() in seen for image in source.block(0, source.size))

    assert repeated == 0
