"""Feature pictures are drawn from the same networks in every process."""

from pathlib import Path

import pytest
import torch
from torch import nn

from augmentations.mixing_sets import build as module
from augmentations.mixing_sets.build import build, make
from augmentations.mixing_sets.feature_loan import lend
from augmentations.mixing_sets.folder import read_manifest
from augmentations.mixing_sets.kinds import feature_networks, feature_vis
from augmentations.mixing_sets.kinds.feature_networks import digest
from augmentations.mixing_sets.order import Order


def network(seed: int) -> nn.Module:
    """A small untrained network."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = nn.Conv2d(3, 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 8, 5, 2)
        head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)
        return nn.Sequential(*layers, *head).eval()


def order(networks: list[nn.Module]) -> Order:
    return Order("feature-vis", 64, networks=digest(networks) if networks else "")


def test_two_processes_draw_from_the_networks_that_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK", 1)
    given = [network(0), network(1)]

    one = build(order(given), 2, tmp_path / "one", networks=given)
    two = build(order(given), 2, tmp_path / "two", networks=given, jobs=2)

    names = ("pictures-64.npy", "pictures-36.npy", "manifest.json")
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)
    assert read_manifest(one)["networks_sha256"] == digest(given)
    assert read_manifest(one)["libraries"]["torch"] == torch.__version__.partition("+")[0]


def test_other_networks_give_other_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fault", lambda *_: None)
    pictures = []
    for seed in (0, 1):
        given = [network(seed)]
        lend(order(given), given)
        pictures.append(make(order(given), 0)[0])
    assert (pictures[0] != pictures[1]).any()


def test_without_networks_the_default_ones_are_lent_and_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = (network(3),)
    used: list[str] = []
    monkeypatch.setattr(feature_networks, "default_networks", lambda: own)
    monkeypatch.setattr(feature_vis, "use_networks", lambda found: used.append(digest(found)))

    loan = lend(order([]), ())

    assert loan.facts == {"networks_sha256": digest(own)}
    assert used == [digest(own)]


def test_networks_of_another_digest_are_refused() -> None:
    with pytest.raises(ValueError, match="not those whose digest"):
        lend(order([network(0)]), [network(1)])


def test_a_set_of_other_kinds_takes_no_networks(tmp_path: Path) -> None:
    assert lend(Order("orbit-traps", 64), ()).facts == {}
    with pytest.raises(ValueError, match="not those whose digest"):
        build(Order("orbit-traps", 64), 1, tmp_path, networks=[network(0)])
