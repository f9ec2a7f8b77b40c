"""The speed goals: run with ``-m bench``. References are our own restatements, see ``peers``."""

import pytest

from robench.studies.bench_augmentations import augmentation_speed, cases

GOALS = {"ipmix": 8.0, "augmix": 8.0, "pixmix": 3.0, "ipmix 224": 1.3}
COMPILED_GOALS = {"ipmix": 40.0, "ipmix 224": 5.0}


@pytest.mark.bench
@pytest.mark.parametrize("reference", GOALS)
def test_each_published_pipeline_is_so_many_times_faster(reference: str) -> None:
    case = next(case for case in cases(512) if case.reference == reference)
    rows = {row.contestant: row for row in augmentation_speed(only=[case])}
    speedup = rows["robench"].speedup
    assert speedup is not None
    assert speedup >= GOALS[reference], rows


@pytest.mark.bench
@pytest.mark.parametrize("reference", COMPILED_GOALS)
def test_compiled_loops_are_so_many_times_faster(reference: str) -> None:
    pytest.importorskip("numba")
    case = next(case for case in cases(512) if case.reference == reference)
    rows = {row.contestant: row for row in augmentation_speed(only=[case])}
    speedup = rows["robench, compiled"].speedup
    assert speedup is not None
    assert speedup >= COMPILED_GOALS[reference], rows
