"""Promises that every kind of mixing pictures keeps, and every mixture of kinds."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from augmentations.mixing_sets import MIXING_SETS, cached
from augmentations.mixing_sets.base import Generator
from augmentations.mixing_sets.kinds import feature_networks, feature_vis
from augmentations.mixing_sets.order import Order
from augmentations.mixing_sets.packed import MixingSet
from augmentations.mixing_sets.quality import average_hash, fault, is_near_duplicate
from augmentations.random import image_keys
from robench.registry import load

KINDS = {name: load(target) for name, target in MIXING_SETS.items()}
N = 5  # of a mixture, one or more of each of its kinds but the rarest


@pytest.fixture(autouse=True)
def _quick_features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feature pictures of a small untrained network, in few steps."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = nn.Conv2d(3, 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 8, 5, 2)
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)).eval()
    monkeypatch.setattr(feature_networks, "default_networks", lambda: (network,))
    settings = partial(feature_vis.Settings, steps=6, rate=0.5, start=1.0)
    monkeypatch.setattr(feature_vis, "Settings", settings)


@pytest.mark.parametrize("name", MIXING_SETS)
def test_the_same_seed_gives_the_same_pictures_and_another_seed_others(
    name: str, tmp_path: Path
) -> None:
    first = cached(name, N, 64, tmp_path / "a", seed=1)
    np.random.seed(7)  # noqa: NPY002
    torch.manual_seed(7)
    again = cached(name, N, 64, tmp_path / "b", seed=1)
    other = cached(name, N, 64, tmp_path / "c", seed=2)

    assert first.sha256 == again.sha256  # whatever the global generators did in between
    assert first.sha256 != other.sha256


@pytest.mark.parametrize("name", MIXING_SETS)
def test_every_picture_passes_the_tests_of_its_kind_and_none_is_like_another(
    name: str, tmp_path: Path
) -> None:
    order = Order.for_side(name, 36)
    small = cached(name, N, 36, tmp_path).pictures.numpy()
    large = MixingSet.open(tmp_path / order.title, order.size).pictures.numpy()

    for position, picture in enumerate(large):
        kind, _ = order.place(position)
        assert fault(picture, order.kinds[kind].limits) is None
    codes = [average_hash(picture) for picture in small]
    assert not any(is_near_duplicate(code, codes[:i]) for i, code in enumerate(codes) if i)


def test_partners_are_crops(tmp_path: Path) -> None:
    found = cached("ipmix13k-nofv", 2, 36, tmp_path)

    partners = found.partners(image_keys(0, 0, torch.arange(6)), 32)

    assert partners.shape == (6, 3, 32, 32)
    assert partners.dtype == torch.uint8


def test_every_generator_has_a_number_of_its_own() -> None:
    numbers = [kind.set_id for kind in KINDS.values() if isinstance(kind, Generator)]

    assert len(set(numbers)) == len(numbers) > 1


@pytest.mark.parametrize("name", [n for n, kind in KINDS.items() if isinstance(kind, Generator)])
def test_an_empty_picture_is_rejected_by_every_kind(name: str) -> None:
    limits = KINDS[name].limits

    for shade in (0, 127, 255):
        assert fault(np.full((128, 128, 3), shade, np.uint8), limits) is not None
