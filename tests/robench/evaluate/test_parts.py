"""Unfinished outputs of a cell."""

from pathlib import Path

import numpy as np
import pytest

from robench.errors import RunError
from robench.evaluate.parts import Parts

CONDITIONS = {"block": 3, "checkpoint": "a"}


def block(number: int, rows: int = 3) -> dict[str, np.ndarray]:
    first = np.arange(rows, dtype=np.float32) + 10 * number
    return {"logits": np.stack([first, -first], axis=1), "label_rank": first.astype(np.int16)}


def parts(folder: Path, **changes: object) -> Parts:
    return Parts(folder / "digits.0a1b2c3d.npz", {**CONDITIONS, **changes})


def test_blocks_come_together_in_their_order_whoever_wrote_them_and_when(tmp_path: Path) -> None:
    one, two = parts(tmp_path), parts(tmp_path)
    one.add(2, block(2, rows=1))
    one.flush()
    two.add(0, block(0))
    two.add(1, block(1))

    merged = two.merged([3, 3, 1])

    assert merged["logits"].tolist() == [
        *([0, 0], [1, -1], [2, -2], [10, -10], [11, -11], [12, -12], [20, -20]),
    ]
    assert merged["label_rank"].tolist() == [0, 1, 2, 10, 11, 12, 20]
    assert [array.dtype.name for array in merged.values()] == ["float32", "int16"]


def test_a_block_that_is_missing_is_named(tmp_path: Path) -> None:
    some = parts(tmp_path)
    some.add(0, block(0))

    with pytest.raises(RunError, match="2 of 3 blocks are missing, the first is 1"):
        some.merged([3, 3, 1])


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_a_block_with_other_rows_than_it_should_have_is_refused(tmp_path: Path, rows: int) -> None:
    some = parts(tmp_path)
    some.add(0, block(0, rows))
    some.flush()

    with pytest.raises(RunError, match="block 0 has logits of"):
        some.merged([3])


def test_what_is_pending_is_not_done_until_it_is_written(tmp_path: Path) -> None:
    some = parts(tmp_path)
    some.add(4, block(4))

    assert parts(tmp_path).done() == set()
    some.flush()
    assert parts(tmp_path).done() == {4}
    assert some.pending == {}


@pytest.mark.parametrize("change", [{"block": 4}, {"checkpoint": "b"}, {"cpu": "another"}])
def test_blocks_made_under_other_conditions_are_dropped(
    tmp_path: Path, change: dict[str, object]
) -> None:
    some = parts(tmp_path)
    some.add(0, block(0))
    some.flush()
    other = parts(tmp_path, **change)

    assert other.done() == set()
    with pytest.raises(RunError, match="missing"):
        other.merged([3])
    assert some.drop_unlike() == 0
    assert other.drop_unlike() == 1
    assert some.done() == set()


@pytest.mark.parametrize("kept", [0, 10, -1, -30])
def test_a_damaged_file_counts_as_nothing(tmp_path: Path, kept: int) -> None:
    some = parts(tmp_path)
    some.add(0, block(0))
    some.flush()
    [path] = some.folder.iterdir()
    path.write_bytes(path.read_bytes()[:kept])

    assert some.done() == set()
    assert some.drop_unlike() == 1


def test_altered_content_is_found_when_it_is_read(tmp_path: Path) -> None:
    some = parts(tmp_path)
    some.add(0, block(0))
    some.flush()
    [path] = some.folder.iterdir()
    content = block(0)["logits"].tobytes()
    path.write_bytes(path.read_bytes().replace(content, bytes(len(content))))

    with pytest.raises(RunError, match="is damaged"):
        some.merged([3])


def test_a_file_that_is_not_renamed_yet_is_not_read(tmp_path: Path) -> None:
    some = parts(tmp_path)
    some.add(0, block(0))
    some.flush()
    [path] = some.folder.iterdir()
    path.rename(path.with_name(f".{path.name}"))

    assert some.done() == set()
