"""Manifold mixup: what the network is told, on a small network that mixes; laws at 1e-4 each."""

import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from augmentations.base import Augmentation, Batch, ModelHandle
from augmentations.manifold_mixup import ManifoldMixup
from augmentations.mixup import MixUp
from augmentations.random import image_keys

ALARM = 1e-4


class Network(nn.Module):
    """Three stages and a head; mixes rows at the announced points of the next pass."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stages = nn.ModuleList([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), nn.Linear(8, 4)])
        self.announced: tuple[Tensor, Tensor, Tensor] | None = None

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """Remember what to mix."""
        self.announced = layer, order, weight

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, 4)."""
        features = images
        for number, stage in enumerate(self.stages):
            features = self._mixed(features, number)
            features = stage(features.mean((2, 3)) if number == 2 else features).relu()
        self.announced = None
        return features

    def _mixed(self, features: Tensor, number: int) -> Tensor:
        if self.announced is None:
            return features
        layer, order, weight = self.announced
        share = torch.where(layer == number, weight, 1.0)[:, None, None, None]
        return torch.lerp(features[order], features, share)

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """Not asked for."""
        raise NotImplementedError

    def maximise(self, *arguments: object) -> Tensor:
        """Not asked for."""
        raise NotImplementedError


@pytest.fixture
def network() -> Network:
    with torch.random.fork_rng(devices=[]):
        return Network()


def batch(count: int) -> Batch:
    """Random images, one of four classes each."""
    images = torch.rand(count, 3, 10, 10, generator=torch.Generator().manual_seed(1))
    targets = nn.functional.one_hot(torch.arange(count) % 4, 4).float()
    return Batch(images, targets, image_keys(8, 0, torch.arange(count)))


def announced(method: Augmentation, some: Batch, network: Network) -> tuple[Tensor, Tensor, Tensor]:
    """What a call tells the network."""
    method(some, network)
    assert network.announced is not None
    return network.announced


def test_the_images_stay_and_the_targets_are_mixed_as_announced(network: Network) -> None:
    some = batch(32)
    result = ManifoldMixup(mix_group=8)(some, network)
    assert network.announced is not None
    _, order, weight = network.announced
    assert result.images is some.images
    wanted = weight[:, None] * some.targets + (1 - weight)[:, None] * some.targets[order]
    torch.testing.assert_close(result.targets, wanted, atol=1e-6, rtol=0)
    assert not torch.equal(result.targets, some.targets)


def test_at_the_input_it_is_mixup(network: Network) -> None:
    some = batch(16)
    _, order, weight = announced(ManifoldMixup(layers=(0,)), some, network)
    logits = network(some.images)
    mixed = MixUp()._apply(some, (weight, order)).images
    torch.testing.assert_close(logits, network(mixed), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("layer", [1, 2])
def test_behind_a_stage_the_features_are_mixed_and_not_the_images(
    network: Network, layer: int
) -> None:
    some = batch(16)
    layers, order, weight = announced(ManifoldMixup(layers=(layer,)), some, network)
    assert layers.tolist() == [layer] * 16
    logits = network(some.images)
    mixed = MixUp()._apply(some, (weight, order)).images
    assert not torch.allclose(logits, network(mixed), atol=1e-3)


def test_one_training_step_on_the_mixture_lowers_its_loss(network: Network) -> None:
    some = batch(64)
    result = ManifoldMixup(mix_group=16)(some, network)
    plan = network.announced
    optimiser = torch.optim.SGD(network.parameters(), lr=0.05)
    losses = []
    for _ in range(2):
        network.announced = plan
        loss = nn.functional.cross_entropy(network(result.images), result.targets)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(loss.item())
    assert losses[1] < losses[0]


def test_layers_are_equally_likely_and_weights_beta_distributed_one_per_group() -> None:
    keys = image_keys(9, 0, torch.arange(24_000))
    layer, weight, order = ManifoldMixup(mix_group=4)._draw(keys, (8, 8))
    for drawn in (layer.view(-1, 4), weight.view(-1, 4)):
        assert torch.equal(drawn, drawn[:, :1].expand(-1, 4))
    assert stats.chisquare(torch.bincount(layer[::4], minlength=3)).pvalue > ALARM
    assert stats.kstest(weight[::4].double().numpy(), stats.beta(2, 2).cdf).pvalue > ALARM
    assert torch.equal(order // 4, torch.arange(24_000) // 4)


def test_only_the_chosen_layers_are_drawn() -> None:
    keys = image_keys(9, 0, torch.arange(400))
    layer, _, _ = ManifoldMixup(mix_group=2, layers=(2, 0))._draw(keys, (8, 8))
    assert set(layer.tolist()) == {0, 2}


def test_without_a_network_it_refuses_to_run() -> None:
    with pytest.raises(ValueError, match="ManifoldMixup needs the network"):
        ManifoldMixup()(batch(4))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0}, "alpha to be a number from 0.001 to 1000.0, got 0"),
        ({"layers": ()}, r"distinct, of \(0, 1, 2\), got \(\)"),
        ({"layers": (0, 3)}, r"distinct, of \(0, 1, 2\), got \(0, 3\)"),
        ({"layers": (True,)}, r"got \(True,\)"),
        ({"layers": 2.5}, r"distinct, of \(0, 1, 2\), got \(2.5,\)"),
        ({"layers": (1, 1)}, r"distinct, of \(0, 1, 2\), got \(1, 1\)"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ManifoldMixup(**arguments)  # type: ignore[arg-type]


def test_the_network_of_these_tests_fits_the_door(network: Network) -> None:
    door: ModelHandle = network
    door.hidden_mix(torch.zeros(1), torch.zeros(1), torch.ones(1))
    assert network.announced is not None
