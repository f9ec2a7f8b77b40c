"""The store: nothing half-written, lost or doubled, whatever kills the process."""

import errno
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from robench.errors import InputError, RunError
from robench.files import write_atomic
from robench.passport import inputs_id, passport_id
from robench.store import Store
from robench.types import Cell, Outputs, Passport, Record

PASSPORT = Passport({"set": "digits"}, {"metric": "error"}, {"threads": 1})
CELL = Cell("digits-c", "gaussian_noise", 3)


def record(value: float = 0.25, cell: Cell = CELL, passport: Passport = PASSPORT) -> Record:
    return Record(
        checkpoint="0" * 64,
        model={"arch": "air32"},
        cell=cell,
        metric="error",
        version=1,
        value=value,
        stderr=0.01,
        n=100,
        n_expected=500,
        passport_id=passport_id(passport),
        time="2026-01-01T00:00:00+00:00",
    )


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.append([(record(), PASSPORT)])

    assert Store(tmp_path).records() == [record()]
    assert Store(tmp_path).passports()[passport_id(PASSPORT)]["inputs"] == {"set": "digits"}


def test_a_number_that_is_there_is_not_written_again(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert store.append([(record(), PASSPORT)])
        assert not store.append([(record(0.5), PASSPORT)])
    with Store(tmp_path) as store:
        assert not store.append([(record(0.5), PASSPORT)])

    assert [item.value for item in Store(tmp_path).records()] == [0.25]


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_a_torn_last_line_is_dropped_and_can_be_written_again(tmp_path: Path, kept: int) -> None:
    with Store(tmp_path) as store:
        store.append([(record(), PASSPORT)])
        store.append([(record(0.5, replace(CELL, severity=4)), PASSPORT)])
    first, second, _ = (tmp_path / "results.jsonl").read_bytes().split(b"\n")
    (tmp_path / "results.jsonl").write_bytes(first + b"\n" + second[:kept])

    assert len(Store(tmp_path).records()) == 1
    with Store(tmp_path) as store:
        assert store.append([(record(0.5, replace(CELL, severity=4)), PASSPORT)])

    assert (tmp_path / "results.jsonl").read_bytes() == first + b"\n" + second + b"\n"


def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.append([(record(), PASSPORT)])
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"{not json}\n" + path.read_bytes())

    with pytest.raises(InputError, match="line 1 is damaged"):
        Store(tmp_path).records()


@pytest.mark.parametrize("line", ["[1, 2]", "null", '"text"', "3"])
def test_a_line_that_is_no_object_is_damaged(line: str, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text(line + "\n")

    with pytest.raises(InputError, match="line 1 is damaged: expected a record"):
        Store(tmp_path).records()


def test_outputs_come_back_to_the_bit_with_their_passport(tmp_path: Path) -> None:
    outputs = Outputs(
        indices=np.arange(3),
        labels=np.array([0, 1, 1]),
        logits=np.array([[1e-30, 2.5], [3.0, -4.0], [np.float32(1 / 3), 0.0]], np.float32),
    )
    with Store(tmp_path) as store:
        store.write_outputs(CELL, PASSPORT, outputs)

    [path] = Store(tmp_path).stored_paths()
    cell, passport, back = Store(tmp_path).read_outputs(path)

    assert (cell, inputs_id(passport)) == (CELL, inputs_id(PASSPORT))
    assert back.logits is not None
    assert outputs.logits is not None
    assert back.logits.tobytes() == outputs.logits.tobytes()
    assert back.fooled is None


def test_damaged_outputs_are_named(tmp_path: Path) -> None:
    outputs = Outputs(np.arange(2), np.zeros(2, np.int64), np.zeros((2, 3), np.float32))
    with Store(tmp_path) as store:
        store.write_outputs(CELL, PASSPORT, outputs)
    path = store.outputs_path(CELL, inputs_id(PASSPORT))
    path.write_bytes(path.read_bytes()[:200])

    with pytest.raises(InputError, match="is damaged"):
        Store(tmp_path).read_outputs(path)
    with pytest.raises(InputError, match="is damaged"):
        Store(tmp_path).read_identity(path)


def test_two_processes_cannot_write_to_one_store(tmp_path: Path) -> None:
    with Store(tmp_path), pytest.raises(InputError, match="Another process"), Store(tmp_path):
        pass


def test_the_disk_filling_up_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_atomic(path, b"before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left"):
        write_atomic(path, b"after, and longer")

    assert [item.name for item in tmp_path.iterdir()] == ["file.json"]
    assert path.read_bytes() == b"before"


def test_a_full_disk_while_appending_leaves_whole_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path) as store:
        store.append([(record(), PASSPORT)])
        before = (tmp_path / "results.jsonl").read_bytes()

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(RunError, match="No space left"):
            store.append([(record(0.5, Cell("digits")), PASSPORT)])

    assert (tmp_path / "results.jsonl").read_bytes() == before


def _write_many(folder: Path) -> None:
    with Store(folder) as store:
        for level in range(10_000):
            store.append([(record(0.1, replace(CELL, severity=level + 1)), PASSPORT)])


def test_kill_nine_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    rng = np.random.default_rng(0)
    for _ in range(8):
        process = context.Process(target=_write_many, args=(tmp_path,))
        process.start()
        time.sleep(float(rng.uniform(0.02, 0.15)))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    with Store(tmp_path) as store:
        levels = [item.cell.severity for item in store.records()]

    assert levels == list(range(1, len(levels) + 1))
    assert len(levels) > 0
    assert set(Store(tmp_path).passports()) == {passport_id(PASSPORT)}
