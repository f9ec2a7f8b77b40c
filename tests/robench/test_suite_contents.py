"""What the suites name."""

import pytest

from robench.datasets import DATASETS
from robench.errors import UnknownNameError
from robench.metrics.aggregates import C_BAR, TEST_CORRUPTIONS, TEST_PERTURBATIONS
from robench.suites import SUITES, find_suite
from robench.types import Suite


def sets(suite: Suite) -> set[str]:
    """All sets of a suite."""
    names = {grid.evalset for grid in suite.grids} | {one.evalset for one in suite.sequences}
    return names | {*suite.shifted, *suite.anomalies, suite.clean or ""} - {""}


@pytest.mark.parametrize("clean", ["cifar10", "cifar100", "digits"])
def test_everything_of_small_images_is_in_their_suite(clean: str) -> None:
    suite = SUITES[f"{clean}-all"]

    related = {name for name, entry in DATASETS.items() if entry.clean == clean}
    assert related == {f"{clean}-c", f"{clean}-c-bar", f"{clean}-p"}
    assert sets(suite) >= {clean, *related, "gaussian", "rademacher", "blobs", "photos"}
    assert suite.attacks == ("pgd20",)


def test_each_cifar_is_the_anomaly_of_the_other_and_the_new_ones_are_shifts() -> None:
    assert "cifar100" in SUITES["cifar10-all"].anomalies
    assert "cifar10" in SUITES["cifar100-all"].anomalies
    assert SUITES["cifar10-all"].shifted == ("cifar10.1", "cifar10.1-v4", "cifar10.2")


def test_everything_of_imagenet_is_in_its_suite() -> None:
    entries = (entry for entry in DATASETS.values() if entry.logits == 1000)

    assert sets(SUITES["imagenet-all"]) == {entry.name for entry in entries} - {"imagenet-c-lite"}


def test_the_grids_of_imagenet_are_the_published_ones() -> None:
    grids = {grid.evalset: grid for grid in SUITES["imagenet-all"].grids}
    [sequences] = SUITES["imagenet-all"].sequences

    assert grids["imagenet-c"].corruptions == TEST_CORRUPTIONS
    assert grids["imagenet-c-bar"].corruptions == C_BAR["imagenet"]
    assert (sequences.perturbations, sequences.difficulties) == (TEST_PERTURBATIONS, (1,))


def test_the_light_suite_is_the_fifteen_corruptions_at_severity_three() -> None:
    suite = SUITES["imagenet-c-lite"]

    assert suite.clean == "imagenet"
    assert [(grid.corruptions, grid.severities) for grid in suite.grids] == [
        (TEST_CORRUPTIONS, (3,))
    ]
    assert DATASETS["imagenet-c-lite"].headline == "predicted_mce"
    assert DATASETS["imagenet-c-lite"].preprocess == "resize 256 bilinear, centre crop 224"


@pytest.mark.parametrize("name", [n for n, e in DATASETS.items() if e.role != "ood" or e.clean])
def test_every_set_can_be_measured_alone(name: str) -> None:
    suite = find_suite(name)

    assert name in sets(suite)
    assert sets(suite) <= {name, DATASETS[name].clean}


def test_unknown_suites_are_answered_with_near_ones() -> None:
    with pytest.raises(UnknownNameError, match="imagenet-all"):
        find_suite("imagenet-al")
