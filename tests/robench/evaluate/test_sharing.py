"""Several checkpoints in one call."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import small

from robench import checkpoint
from robench.datasets import CellSource, open_cell
from robench.evaluate import setup
from robench.evaluate.run import evaluate, evaluate_all
from robench.types import Cell, Images

pytest_plugins = ("small",)
pytestmark = pytest.mark.usefixtures("_small_suite")


@pytest.fixture
def other_checkpoint(digits_checkpoint: Path, tmp_path: Path) -> Path:
    plain = checkpoint.load(digits_checkpoint)
    plain["state_dict"]["fc.weight"] = -plain["state_dict"]["fc.weight"]
    checkpoint.save(tmp_path / "other.pt", plain)
    return tmp_path / "other.pt"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[Cell, int]]:
    """How often each block of each cell is read, after the trials of each network."""
    counted: Counter[tuple[Cell, int]] = Counter()

    def counting(cell: Cell, *arguments: Any, **keywords: Any) -> CellSource:  # noqa: ANN401
        source = open_cell(cell, *arguments, **keywords)

        def read(start: int, stop: int) -> Images:
            if stop - start > 1 or source.frames > 1:
                counted[cell, start] += 1
            return source.read(start, stop)

        return replace(source, read=read)

    monkeypatch.setattr(setup, "open_cell", counting)
    return counted


def test_each_block_is_read_once_and_the_numbers_are_those_of_each_alone(
    digits_checkpoint: Path,
    other_checkpoint: Path,
    whole: Path,
    tmp_path: Path,
    reads: Counter[tuple[Cell, int]],
) -> None:
    pair = {"one": digits_checkpoint, "two": other_checkpoint}
    one, two = evaluate_all(
        [small.config(path, tmp_path / key, data_dir=tmp_path) for key, path in pair.items()]
    )

    looked = [key for key in reads if key[0].attack and key[1] == 0]
    assert [reads.pop(key) for key in looked] == [1 + len(pair)]  # each network is looked at first
    assert set(reads.values()) == {1}
    reads.update(looked)
    assert len({cell for cell, _ in reads}) == 8
    small.assert_same(whole, one)
    small.assert_same(evaluate(small.config(other_checkpoint, tmp_path / "alone")), two)
    assert small.arrays(one) != small.arrays(two)


def test_only_what_one_of_them_lacks_is_read(
    digits_checkpoint: Path,
    other_checkpoint: Path,
    tmp_path: Path,
    reads: Counter[tuple[Cell, int]],
) -> None:
    done = small.config(digits_checkpoint, tmp_path / "one", suite="digits", data_dir=tmp_path)
    evaluate(done)
    reads.clear()

    evaluate_all([done])
    assert not reads
    other = done.model_copy(
        update={"checkpoint": str(other_checkpoint), "out": tmp_path / "two"},
    )
    _, two = evaluate_all([done, other])

    assert len(reads) == 4
    alone = small.config(other_checkpoint, tmp_path / "alone", suite="digits")
    small.assert_same(evaluate(alone), two)
