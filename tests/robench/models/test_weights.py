"""State dicts as research code leaves them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from robench.errors import InputError
from robench.models import create
from robench.models.weights import count_classes, fill, find_weights

PATH = Path("theirs.pth")
ONE, TWO = torch.ones(1), torch.full((1,), 2.0)


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({"w": ONE}, ONE),
        ({"state_dict": {"w": ONE}, "model": {"w": TWO}}, ONE),
        ({"state_dict": None, "model_state_dict": {"w": TWO}}, TWO),
        ({"model": "wrn", "state_dict": {"module.w": ONE}}, ONE),
        ({"net": {"_orig_mod.module._orig_mod.w": ONE}}, ONE),
    ],
)
def test_weights_are_found_under_the_usual_names(plain: dict[str, Any], expected: Tensor) -> None:
    found = find_weights(PATH, plain)
    assert list(found) == ["w"]
    assert torch.equal(found["w"], expected)


def test_names_that_only_look_like_prefixes_stay() -> None:
    keys = {"modules.w": ONE, "head.module.w": ONE, "module_list.0.w": ONE}
    assert find_weights(PATH, keys).keys() == keys.keys()


@pytest.mark.parametrize(
    "plain", [{}, {"state_dict": {}}, {"epoch": 3}, {"state_dict": {"w": [1.0]}}]
)
def test_a_dict_without_tensors_has_no_weights(plain: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="has no weights: expected tensors under 'state_dict'"):
        find_weights(PATH, plain)


@pytest.mark.parametrize(
    "arch",
    [
        *("wrn16_1", "allconv", "resnet18_cifar"),
        *("timm:test_resnet", "timm:test_vit", "torchvision:squeezenet1_1"),  # a convolution, last
    ],
)
@pytest.mark.parametrize("classes", [2, 1000, 1203])
def test_the_last_layer_tells_the_number_of_classes(arch: str, classes: int) -> None:
    assert count_classes(arch, {}, create(arch, classes).state_dict()) == classes


def test_weights_without_a_last_layer_tell_nothing() -> None:
    weights = {k: v for k, v in create("wrn16_1", 3).state_dict().items() if "fc" not in k}
    assert count_classes("wrn16_1", {}, weights) == 1000
    assert count_classes("wrn16_1", {}, weights, usual=10) == 10


def test_arguments_are_those_of_the_network() -> None:
    weights = create("wrn16_1", 7, drop_rate=0.1).state_dict()
    assert count_classes("wrn16_1", {"drop_rate": 0.1}, weights) == 7
    with pytest.raises(InputError, match=r"with \{'depth': 3\}"):
        count_classes("wrn16_1", {"depth": 3}, weights)


def state(classes: int = 3, **changes: Tensor) -> dict[str, Tensor]:
    torch.manual_seed(0)
    return create("wrn16_1", classes).state_dict() | {
        key.replace("__", "."): value for key, value in changes.items()
    }


def test_half_precision_is_widened() -> None:
    network = create("wrn16_1", 3)
    weights = {k: v.half() if v.is_floating_point() else v for k, v in state().items()}

    fill(PATH, network, weights, "wrn16_1", 3)

    assert {p.dtype for p in network.parameters()} == {torch.float32}
    torch.testing.assert_close(network.state_dict(), state(), rtol=1e-3, atol=1e-4)


def test_nothing_is_copied_where_anything_does_not_fit() -> None:
    network = create("wrn16_1", 3)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    for weights in (state(4), state(extra=ONE), state(conv1__weight=torch.zeros(16, 3, 5, 5))):
        with pytest.raises(InputError):
            fill(PATH, network, weights, "wrn16_1", 3)
        torch.testing.assert_close(network.state_dict(), before, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (state(4), "head of 4 classes, but 3 are expected: --classes 4 takes them all"),
        (state(extra=ONE), r"does not hold a wrn16_1: missing nothing; unexpected extra\."),
        (state(fc__weight=torch.zeros(3, 5)), r"head of 3 classes, but 3"),
        (
            state(4, conv1__weight=torch.zeros(16, 3, 5, 5)),
            r"shapes of conv1\.weight \(16, 3, 5, 5\), fc\.weight \(4, 64\), fc\.bias \(4,\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(weights: dict[str, Tensor], words: str) -> None:
    with pytest.raises(InputError, match=words):
        fill(PATH, create("wrn16_1", 3), weights, "wrn16_1", 3)


def test_a_network_without_the_conveniences_of_timm_is_filled_as_well() -> None:
    network, other = nn.Sequential(nn.Linear(2, 3)), nn.Sequential(nn.Linear(2, 3))
    fill(PATH, network, dict(other.state_dict()), "own", 3)
    torch.testing.assert_close(network.state_dict(), other.state_dict())
    with pytest.raises(InputError, match=r"shapes of 0\.weight \(4, 2\), 0\.bias \(4,\)"):
        fill(PATH, network, dict(nn.Sequential(nn.Linear(2, 4)).state_dict()), "own", 3)
