"""Promises that every suite keeps: all that it names exists."""

import pytest

from corruptions import PERTURBATION_GROUPS
from robench.attacks import literal
from robench.datasets import DATASETS, regenerated
from robench.suites import SUITES


@pytest.mark.parametrize("name", SUITES)
def test_everything_that_a_suite_names_exists(name: str) -> None:
    suite = SUITES[name]

    assert suite.name == name
    assert suite.clean is None or DATASETS[suite.clean].role == "clean"
    assert set(suite.anomalies) <= set(DATASETS) - {suite.clean}
    for attack in suite.attacks:
        assert literal(attack)


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.sequences])
def test_its_perturbations_are_published_ones_of_its_own_images(name: str) -> None:
    suite = SUITES[name]

    for sequences in suite.sequences:
        assert DATASETS[sequences.evalset].clean == suite.clean
        assert set(PERTURBATION_GROUPS["test"]) <= set(sequences.perturbations)


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.grids])
def test_its_corruptions_are_published_ones_of_its_own_images(name: str) -> None:
    suite = SUITES[name]

    for grid in suite.grids:
        entry = DATASETS[grid.evalset]
        assert entry.clean == suite.clean
        assert entry.classes == DATASETS[entry.clean or ""].classes
        assert set(grid.corruptions) <= set(regenerated.names(entry))
        assert len(set(grid.corruptions)) == len(grid.corruptions)
