"""The timing of the corruptions measures what it says; how fast is for the benchmark to tell."""

import cv2
import numpy as np
import pytest

from corruptions import GROUPS, PERTURBATIONS, assets_present, corrupt, load
from corruptions.base import Family, image_rng
from robench.datasets.corrupted import HENDRYCKS_GROUPS
from robench.studies import official_cost
from robench.studies.bench_corruptions import (
    BENCHMARKS,
    PEERS,
    corruption_speed,
    photographs,
)

SMALL = {32: 2, 224: 1, 256: 1}


def test_rows_name_every_cell_that_can_be_drawn_and_the_conditions() -> None:
    threads = cv2.getNumThreads()

    rows, absent = corruption_speed(repeats=1, only=["cifar-c", "cifar-p"], batches=SMALL)

    names = [name for group in HENDRYCKS_GROUPS for name in GROUPS[group]]
    drawable = [name for name in names if assets_present(name)]
    assert [row.name for row in rows if row.benchmark == "cifar-c"] == drawable
    assert [row.name for row in rows if row.benchmark == "cifar-p"] == list(PERTURBATIONS)
    assert absent == [f"cifar-c: {name}" for name in names if name not in drawable]
    assert {len(row.milliseconds) for row in rows} == {5, 1}
    assert all(row.total > 0 and row.batch == 2 and row.side == 32 for row in rows)
    assert {row.name for row in rows if row.reference_ratio} == set(PEERS)
    assert cv2.getNumThreads() == threads


def test_the_official_cost_is_known_of_every_cell() -> None:
    names = {name for group in HENDRYCKS_GROUPS for name in GROUPS[group]}
    tables = {"cifar": official_cost.C_BAR_32, "imagenet": official_cost.C_BAR_224}

    assert set(official_cost.C_32) == set(official_cost.C_224) == names
    assert set(official_cost.P_32) == set(official_cost.P_224) == set(PERTURBATIONS)
    for family, table in tables.items():
        assert set(table) == {n for n in GROUPS["bar"] if family in load(n).severities}
    assert len(BENCHMARKS) == 6


@pytest.mark.parametrize(("family", "side"), [("cifar", 32), ("imagenet", 64)])
@pytest.mark.parametrize("name", PEERS)
def test_the_reference_does_the_same_work(name: str, family: Family, side: int) -> None:
    image = photographs(1, side)[0]
    parameters = load(name).parameters(3, family)

    theirs = PEERS[name](image, parameters, image_rng(0, name, 3, 0))
    ours = corrupt(image[None], name, 3, family=family)[0]

    assert np.abs(theirs.astype(int) - ours).max() <= 1


def test_no_repeat_is_refused() -> None:
    with pytest.raises(ValueError, match="got 0"):
        corruption_speed(repeats=0)
