"""The rates of the generators are those of accepted pictures, with and without compiled loops."""

import pytest

from augmentations.compiled import SWITCH
from robench.studies.bench_mixing_sets import mixing_set_speed


def test_each_set_is_timed_with_the_loops_that_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robench.studies.bench_mixing_sets.available", lambda: True)
    rows = mixing_set_speed(pictures=2, repeats=1, names=["ifs", "plasma"])

    assert [(row.name, row.loops) for row in rows] == [
        (name, loops) for name in ("ifs", "plasma") for loops in ("numpy", "compiled")
    ]
    assert all(row.accepted_per_cpu_second > 0 and 0 < row.accepted_share <= 1 for row in rows)
    assert rows[0].accepted_share == rows[1].accepted_share  # the same pictures


def test_without_numba_only_numpy_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    [row] = mixing_set_speed(pictures=1, repeats=1, names=["plasma"])
    assert row.loops == "numpy"
