"""Where features are mixed in networks that are not ours."""

import pytest
import torch
from torch import nn

from robench.errors import InputError
from robench.models import create
from robench.models.mix_points import mix_points


@pytest.mark.parametrize("name", ["timm:resnet18", "timm:resnet50", "torchvision:resnet18"])
def test_resnets_are_mixed_before_their_second_and_third_stage(name: str) -> None:
    model, shapes = create(name, 10).eval(), []
    for module in mix_points(model):
        module.register_forward_pre_hook(lambda _, inputs: shapes.append(inputs[0].shape[2]))

    with torch.inference_mode():
        model(torch.zeros(1, 3, 64, 64))

    assert shapes == [64, 16, 8]


def test_a_network_may_state_its_points() -> None:
    class Plugged(nn.Sequential):
        def mix_points(self) -> tuple[nn.Module, nn.Module]:
            return self[0], self[1]

    model = Plugged(nn.Identity(), nn.Identity())

    assert mix_points(model) == (model, model[0], model[1])


def test_a_network_without_known_points_is_refused() -> None:
    with pytest.raises(InputError, match="a VGG can be mixed"):
        mix_points(create("torchvision:vgg11", 10))
