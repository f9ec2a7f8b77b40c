"""ResNeXt-29, ResNet-18, AllConv and DenseNet against the official ones."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from official_nets import check_logits, entries, fill_by_formula
from torch import Tensor, nn
from torch.nn import functional

from robench.errors import InputError
from robench.models import create

LOGITS = {
    "resnext29_c100": ("resnext29", 100),
    "resnet18_c100": ("resnet18_cifar", 100),
    "resnet18_c10_intended": ("resnet18_cifar", 10),
    "allconv_c10": ("allconv", 10),
}
KEYS = {
    **LOGITS,
    "resnext29_c10": ("resnext29", 10),
    "resnet18_c10_as_shipped": ("resnet18_cifar(head)", 10),
    "allconv_c100": ("allconv", 100),
    "densenet_c100": ("densenet_cifar", 100),
}


def made(arch: str, classes: int) -> nn.Module:
    """One of `KEYS`."""
    name, head, _ = arch.partition("(head)")
    return create(name, classes, **({"head": 100} if head else {}))


@pytest.mark.parametrize("name", LOGITS)
def test_logits_are_the_official_ones(name: str, golden: Path) -> None:
    network = create(*LOGITS[name])
    fill_by_formula(network)
    with np.load(golden / "models" / "cifar_formula.npz") as stored:
        check_logits(network, stored["input"], stored[name])


@pytest.mark.shared
@pytest.mark.parametrize("name", LOGITS)
def test_logits_are_the_official_ones_on_all_images(name: str, shared: Path) -> None:
    network = create(*LOGITS[name])
    fill_by_formula(network)
    with np.load(shared / "goldens" / "models" / "formula_logits.npz") as stored:
        check_logits(network, stored["input"], stored[f"{name}-logits_float64"])


@pytest.mark.parametrize("name", sorted({*KEYS} - {"resnet18_c10_as_shipped"}))
def test_sizes_and_keys_are_the_official_ones(name: str, golden: Path) -> None:
    official = json.loads((golden / "models" / "cifar_archs.json").read_text())["archs"][name]
    with torch.device("meta"):
        network = create(official["arch"], official["classes"])

    assert sum(p.numel() for p in network.parameters()) == official["parameters"]
    assert sum(b.numel() for b in network.buffers()) == official["buffers"]
    found = hashlib.sha256(json.dumps(entries(network)).encode()).hexdigest()
    assert found == official["sha256"]


@pytest.mark.shared
@pytest.mark.parametrize("name", KEYS)
def test_every_key_and_shape_is_the_official_one(name: str, shared: Path) -> None:
    official = json.loads((shared / "goldens" / "models" / "architectures.json").read_text())
    with torch.device("meta"):
        assert entries(made(*KEYS[name])) == official[name]["state_dict"]


def test_a_resnet_with_a_larger_head_gives_the_first_logits_of_it() -> None:
    whole, cut = create("resnet18_cifar", 100).eval(), create("resnet18_cifar", 10, head=100).eval()
    cut.load_state_dict(whole.state_dict())
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    with torch.inference_mode():
        torch.testing.assert_close(cut(images), whole(images)[:, :10], rtol=0, atol=0)
        assert cut.forward_head(torch.rand(2, 512, 4, 4), pre_logits=True).shape == (2, 512)  # type: ignore[operator]


def test_a_head_without_room_for_all_classes_is_refused() -> None:
    with pytest.raises(InputError, match="head=100 has fewer outputs than 1000 classes"):
        create("resnet18_cifar", 1000, head=100)


def test_allconv_averages_all_positions_but_the_last_two() -> None:
    network = create("allconv", 10).eval()
    maps = torch.zeros(1, 192, 10, 10)
    maps[:, :, 8:, :] = maps[:, :, :, 8:] = 1
    with torch.inference_mode():
        assert network.forward_features(torch.rand(1, 3, 32, 32)).shape == maps.shape  # type: ignore[operator]
        pooled = network.forward_head(maps, pre_logits=True)  # type: ignore[operator]
    assert not pooled.any()


def test_dropout_of_allconv_acts_in_training_only_and_can_be_set() -> None:
    torch.manual_seed(0)
    images = torch.rand(4, 3, 32, 32)
    for rate, alike in ((0.5, False), (0.0, True)):
        network = create("allconv", 10, drop_rate=rate).train()
        assert torch.equal(network(images), network(images)) is alike
        assert torch.equal(network.eval()(images), network(images))


@pytest.mark.parametrize("arch", ["resnext29", "densenet_cifar", "resnet18_cifar"])
def test_others_take_no_dropout_as_the_official_ones(arch: str) -> None:
    with pytest.raises(InputError, match="drop_rate"):
        create(arch, 10, drop_rate=0.3)


def test_a_densenet_is_what_its_paper_draws() -> None:
    network = create("densenet_cifar", 10)
    fill_by_formula(network)
    weights = {key: value.double() for key, value in network.state_dict().items()}
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()

    def layer(x: Tensor, name: str) -> Tensor:
        mean, var = (weights[f"{name}bn1.running_{what}"] for what in ("mean", "var"))
        scale, shift = weights[f"{name}bn1.weight"], weights[f"{name}bn1.bias"]
        return functional.batch_norm(x, mean, var, scale, shift).relu()

    x = functional.conv2d(images, weights["conv1.weight"], padding=1)
    for block in (1, 2, 3):
        for number in range(12):
            name = f"dense{block}.{number}."
            new = functional.conv2d(layer(x, name), weights[f"{name}conv1.weight"], padding=1)
            x = torch.cat((x, new), 1)
        if block < 3:
            name = f"trans{block}."
            mixed = functional.conv2d(layer(x, name), weights[f"{name}conv1.weight"])
            x = mixed.unfold(2, 2, 2).unfold(3, 2, 2).mean((4, 5))
    expected = layer(x, "").mean((2, 3)) @ weights["fc.weight"].T + weights["fc.bias"]

    with torch.inference_mode():
        torch.testing.assert_close(network.double().eval()(images), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("arch", ["resnext29", "allconv", "densenet_cifar"])
def test_initial_weights_have_the_spread_of_he(arch: str) -> None:
    torch.manual_seed(0)
    for name, module in create(arch, 10).named_modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 10_000:
            fan_out = module.out_channels * module.kernel_size[0] ** 2
            # the relative spread of an estimate from 10,000 normal numbers is 0.7 %
            assert module.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.04), name


@pytest.mark.parametrize("arch", sorted({arch for arch, _ in LOGITS.values()} | {"densenet_cifar"}))
def test_every_parameter_gets_a_gradient(arch: str) -> None:
    network = create(arch, 10)
    network(torch.rand(2, 3, 32, 32)).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
