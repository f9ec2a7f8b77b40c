"""Wide residual networks against the official ones."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from official_nets import check_logits, entries, fill_by_formula
from torch import Tensor, nn

from robench.models import create
from robench.models.wide_resnet import WideResNet


def test_logits_of_wrn_40_4_are_the_official_ones(golden: Path) -> None:
    network = create("wrn40_4", 100)
    fill_by_formula(network)
    with np.load(golden / "models" / "wrn40_4_formula.npz") as stored:
        check_logits(network, stored["input"], stored["logits_float64"])


@pytest.mark.shared
def test_logits_of_wrn_40_4_are_the_official_ones_on_all_images(shared: Path) -> None:
    network = create("wrn40_4", 100)
    fill_by_formula(network)
    with np.load(shared / "goldens" / "models" / "formula_logits.npz") as stored:
        check_logits(network, stored["input"], stored["wrn_40_4_c100-logits_float64"])


@pytest.mark.parametrize("arch", ["wrn40_4", "wrn40_2", "wrn28_10", "wrn16_1", "wrn40_1"])
def test_sizes_and_keys_are_the_official_ones(arch: str, golden: Path) -> None:
    official = json.loads((golden / "models" / "architectures.json").read_text())["archs"][arch]
    with torch.device("meta"):
        network = create(arch, official["classes"])

    assert sum(p.numel() for p in network.parameters()) == official["parameters"]
    assert sum(b.numel() for b in network.buffers()) == official["buffers"]
    if "state_dict" in official:
        assert entries(network) == official["state_dict"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("arch", "name", "classes"),
    [
        ("wrn40_4", "wrn_40_4_c100_drop0.3", 100),
        ("wrn40_4", "wrn_40_4_c10_drop0.3", 10),
        ("wrn40_2", "wrn_40_2_c10", 10),
        ("wrn28_10", "wrn_28_10_c100_drop0.3", 100),
        ("wrn28_10", "wrn_28_10_c10_drop0.3", 10),
        ("wrn16_1", "wrn_16_1_c10", 10),
        ("wrn40_1", "wrn_40_1_c100", 100),
    ],
)
def test_every_key_and_shape_is_the_official_one(
    arch: str, name: str, classes: int, shared: Path
) -> None:
    official = json.loads((shared / "goldens" / "models" / "architectures.json").read_text())
    with torch.device("meta"):
        assert entries(create(arch, classes, drop_rate=0.3)) == official[name]["state_dict"]


def test_initial_weights_have_the_spread_of_he() -> None:
    torch.manual_seed(0)
    network = WideResNet(16, 4)
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 10_000:
            fan_out = module.out_channels * module.kernel_size[0] ** 2
            # the relative spread of an estimate from 10,000 normal numbers is 0.7 %
            assert module.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.04), name
    assert network.fc.bias is not None
    assert not torch.as_tensor(network.fc.bias).any()


def test_dropout_acts_in_training_only() -> None:
    torch.manual_seed(0)
    network, images = WideResNet(10, 1, drop_rate=0.5), torch.rand(4, 3, 32, 32)

    network.train()
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))


@pytest.mark.parametrize("depth", [4, 39, 41])
def test_impossible_depths_are_refused(depth: int) -> None:
    with pytest.raises(ValueError, match=f"depth must be 6 n \\+ 4, got {depth}"):
        WideResNet(depth, 1)


def test_every_parameter_gets_a_gradient() -> None:
    network = WideResNet(16, 1)
    loss: Tensor = network(torch.rand(2, 3, 32, 32)).square().sum()
    loss.backward()  # type: ignore[no-untyped-call]
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
