"""Promises that every generator of mixing pictures keeps."""

from pathlib import Path

import numpy as np
import pytest
import torch

from augmentations.mixing_sets import MIXING_SETS, cached
from augmentations.mixing_sets.quality import fault
from augmentations.random import image_keys
from robench.registry import load


@pytest.mark.parametrize("name", MIXING_SETS)
def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(
    name: str, tmp_path: Path
) -> None:
    first = cached(name, 4, 36, tmp_path / "a", seed=1)
    np.random.seed(7)  # noqa: NPY002
    torch.manual_seed(7)
    again = cached(name, 4, 36, tmp_path / "b", seed=1)
    other = cached(name, 4, 36, tmp_path / "c", seed=2)

    assert first.sha256 == again.sha256  # whatever the global generators did in between
    assert first.sha256 != other.sha256


@pytest.mark.parametrize("name", MIXING_SETS)
def test_partners_are_crops_of_pictures_that_pass_every_test(name: str, tmp_path: Path) -> None:
    found = cached(name, 4, 128, tmp_path)

    partners = found.partners(image_keys(0, 0, torch.arange(6)), 96)

    assert partners.shape == (6, 3, 96, 96)
    assert partners.dtype == torch.uint8
    assert all(fault(picture.numpy()) is None for picture in found.pictures)


def test_every_generator_has_a_number_of_its_own() -> None:
    numbers = [load(target).set_id for target in MIXING_SETS.values()]

    assert len(set(numbers)) == len(numbers)
