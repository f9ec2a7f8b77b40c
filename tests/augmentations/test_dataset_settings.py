"""What a data set says about a method can be said to the method."""

import pytest

import augmentations
from augmentations.datasets import DATASETS, settings_for


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("method", augmentations.METHODS)
def test_every_method_takes_the_settings_of_every_data_set(dataset: str, method: str) -> None:
    settings = settings_for(dataset, method, {})
    made = augmentations.build(method, **settings)

    assert all(getattr(made, name) == value for name, value in settings.items())


def test_settings_are_for_listed_methods_and_what_is_given_counts() -> None:
    named = {method for dataset in DATASETS.values() for method in dataset.settings}

    assert named <= set(augmentations.METHODS)
    assert settings_for("cifar100", "cutout", {}) == {"size": 8}
    assert settings_for("cifar100", "cutout", {"size": 12}) == {"size": 12}
    assert settings_for("imagenet", "ipmix", {"preset": "paper"}) == {"preset": "paper"}
    assert settings_for("digits", "cutout", {}) == {}
