"""What the entries of shifted and anomalous sets declare."""

import pytest

from robench.datasets import DATASETS
from robench.datasets.class_lists import class_mask
from robench.datasets.shifted import SHIFTED
from robench.types import EvalSet

SIZES = {
    "imagenet-r": 30_000,
    "imagenet-a": 7_500,
    "imagenet-o": 2_000,
    "imagenet-sketch": 50_889,
    "imagenet-v2": 10_000,
    "imagenet-v2-threshold0.7": 10_000,
    "imagenet-v2-top-images": 10_000,
    "objectnet": 18_574,
    "stylized-imagenet": 50_000,
}  # of specs/evaluation.md, section 4


@pytest.mark.parametrize("name", SIZES)
def test_the_published_sizes_are_those_of_the_specification(name: str) -> None:
    assert DATASETS[name].size == SIZES[name]
    assert DATASETS[name].logits == 1000


@pytest.mark.parametrize("entry", SHIFTED, ids=lambda entry: entry.name)
def test_a_set_of_fewer_classes_than_the_network_has_the_mask_of_its_own(entry: EvalSet) -> None:
    masked = entry.logits != entry.classes

    assert entry.mask == (entry.name if masked else None)
    if entry.mask and entry.classes:
        assert class_mask(entry.mask).classes == entry.classes


def test_only_objectnet_has_a_border_to_lose() -> None:
    ways = {name: DATASETS[name].preprocess for name in SIZES}

    assert ways.pop("objectnet") == "crop 2 px border, resize 256 bilinear, centre crop 224"
    assert set(ways.values()) == {"resize 256 bilinear, centre crop 224"}


def test_objectnet_may_not_be_trained_on() -> None:
    assert "terms forbid training" in DATASETS["objectnet"].licence
