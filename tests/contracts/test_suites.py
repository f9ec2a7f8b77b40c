"""Promises that every suite keeps: all that it names exists."""

import pytest

from corruptions import PERTURBATION_GROUPS
from robench.attacks import literal
from robench.datasets import DATASETS, regenerated
from robench.metrics import METRICS
from robench.metrics.aggregates import AGGREGATES
from robench.registry import lookup
from robench.suites import SUITES


@pytest.mark.parametrize("name", SUITES)
def test_everything_that_a_suite_names_exists(name: str) -> None:
    suite = SUITES[name]

    assert suite.name == name
    assert DATASETS[suite.clean].role == "clean"
    assert set(suite.anomalies) <= set(DATASETS) - {suite.clean}
    for aggregate in suite.aggregates:
        assert AGGREGATES[aggregate].metric in METRICS
    for attack in suite.attacks:
        assert literal(attack)
    for kind, metrics in suite.metrics.items():
        assert kind in {"clean", "corrupted", "perturbed", "attack", "ood"}
        assert all(lookup(METRICS, metric, "metric") for metric in metrics)


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.perturbed])
def test_its_perturbations_are_published_ones_of_its_own_images(name: str) -> None:
    suite = SUITES[name]
    assert suite.perturbed is not None

    assert DATASETS[suite.perturbed].clean == suite.clean
    assert suite.perturbations == PERTURBATION_GROUPS["test"]


@pytest.mark.parametrize("name", [name for name, suite in SUITES.items() if suite.corrupted])
def test_its_corruptions_are_published_ones_of_its_own_images(name: str) -> None:
    suite = SUITES[name]
    assert suite.corrupted is not None

    assert DATASETS[suite.corrupted].clean == suite.clean
    assert DATASETS[suite.corrupted].classes == DATASETS[suite.clean].classes
    assert set(suite.corruptions) <= set(regenerated.names(DATASETS[suite.corrupted]))
    for aggregate in suite.aggregates:
        assert set(AGGREGATES[aggregate].corruptions) <= set(suite.corruptions)
    assert len(set(suite.corruptions)) == len(suite.corruptions)
