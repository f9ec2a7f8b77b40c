"""Networks by name, and the conveniences by which timm's tools address them."""

import pickle
import subprocess
import sys

import pytest
import timm
import torch
from torch import nn

import robench.models.zoo as zoo  # noqa: PLR0402  the module itself, its import registers
from robench.errors import InputError, UnknownNameError
from robench.models import ARCHS, create

SMALL = ("air32", "wrn16_1", "allconv", "densenet_cifar")


def test_every_arch_is_registered_with_timm_under_its_name() -> None:
    assert zoo.__name__ == "robench.models.zoo"
    assert sorted(ARCHS) == timm.list_models(module="zoo")


@pytest.mark.parametrize("arch", SMALL)
def test_timm_makes_the_same_network(arch: str) -> None:
    theirs, ours = timm.create_model(arch, num_classes=7), create(arch, 7)

    assert type(theirs) is type(ours)
    assert [p.shape for p in theirs.parameters()] == [p.shape for p in ours.parameters()]


@pytest.mark.parametrize("arch", SMALL)
def test_pretrained_weights_do_not_exist(arch: str) -> None:
    with pytest.raises(ValueError, match="no pretrained weights"):
        timm.create_model(arch, pretrained=True)


@pytest.mark.parametrize("arch", ARCHS)
def test_networks_have_the_conveniences_of_timm(arch: str) -> None:
    network = create(arch, 5).eval()
    size = 8 if arch == "wrn28_10" else 32

    with torch.inference_mode():
        features = network.forward_features(torch.rand(2, 3, size, size))  # type: ignore[operator]
        pooled = network.forward_head(features, pre_logits=True)  # type: ignore[operator]
        logits = network.forward_head(features)  # type: ignore[operator]
        classified = network.get_classifier()(pooled)  # type: ignore[operator]

    assert pooled.shape == (2, network.num_features)
    assert logits.shape == (2, 5)
    torch.testing.assert_close(classified, logits)


@pytest.mark.parametrize("arch", SMALL)
def test_the_head_can_be_replaced_or_taken_off(arch: str) -> None:
    network = create(arch, 5)
    images = torch.rand(2, 3, 32, 32)

    network.reset_classifier(9)  # type: ignore[operator]
    assert network(images).shape == (2, 9)
    network.reset_classifier(0)  # type: ignore[operator]
    assert network(images).shape == (2, network.num_features)
    with pytest.raises(ValueError, match="pooling of"):
        network.reset_classifier(3, global_pool="max")  # type: ignore[operator]


@pytest.mark.parametrize("arch", SMALL)
def test_networks_can_be_sent_to_other_processes(arch: str) -> None:
    network = create(arch, 5).eval()
    images = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(pickle.loads(pickle.dumps(network))(images), network(images))


def test_air32_has_the_size_and_the_shapes_of_its_description() -> None:
    network = create("air32", 10).eval()
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]

    assert sum(p.numel() for p in network.parameters()) == 146_754
    assert [m.out_channels for m in convolutions] == [24, 32, 32, 64, 64, 64, 64]
    assert [m.bias is not None for m in convolutions] == [True] + [False] * 6
    features = network.forward_features(torch.rand(1, 3, 32, 32))  # type: ignore[operator]
    assert features.shape == (1, 64, 3, 3)
    pooled = network.forward_head(features, pre_logits=True)  # type: ignore[operator]
    torch.testing.assert_close(pooled, features.amax(dim=(2, 3)))


def test_names_of_timm_are_known() -> None:
    network = create("vit_tiny_patch16_224", 10, img_size=32, patch_size=4)
    assert network(torch.rand(1, 3, 32, 32)).shape == (1, 10)


@pytest.mark.parametrize(("name", "near"), [("wrn40_5", "wrn40_4"), ("resnet51", "resnet50")])
def test_unknown_names_get_the_nearest_of_ours_and_of_timm(name: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=f"Unknown arch '{name}'.*'{near}'.*wrn40_4"):
        create(name, 10)


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match=r"arch 'air32' with {'drop_rate': 0\.3}"):
        create("air32", 10, drop_rate=0.3)
    with pytest.raises(InputError, match="at least 1 class, got 0"):
        create("air32", 0)


def test_listing_archs_imports_no_torch() -> None:
    code = "import sys, robench.models, robench.checkpoint; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
