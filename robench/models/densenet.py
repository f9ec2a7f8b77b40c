"""The densely connected network for 32 x 32 images."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from robench.models.head import FeatureNet, linear, mean_pool

_GROWTH, _LAYERS = 12, 12


class DenseNet(FeatureNet):
    """DenseNet-40 with a growth of 12, without bottlenecks or compression, 1.1 M parameters.

    Huang et al., "Densely Connected Convolutional Networks", CVPR 2017, with the keys of the
    AugMix, PixMix and IPMix repositories; no dropout, as there.

    Args:
        num_classes: Outputs; 0 for none.
    """

    def __init__(self, num_classes: int = 10) -> None:
        grown = [2 * _GROWTH + number * _LAYERS * _GROWTH for number in range(4)]
        super().__init__(num_classes, grown[3], mean_pool)
        self.conv1 = nn.Conv2d(3, grown[0], 3, padding=1, bias=False)
        self.dense1 = _dense(grown[0])
        self.trans1 = _Transition(grown[1])
        self.dense2 = _dense(grown[1])
        self.trans2 = _Transition(grown[2])
        self.dense3 = _dense(grown[2])
        self.bn1 = nn.BatchNorm2d(grown[3])
        self.fc = linear(grown[3], num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, 456, H/4, W/4)."""
        x = self.trans1(self.dense1(self.conv1(x)))
        x = self.dense3(self.trans2(self.dense2(x)))
        return torch.relu(self.bn1(x))

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The second and the third dense stage, behind the transitions."""
        return self.dense2, self.dense3

    def early_blocks(self) -> list[nn.Module]:
        """The layers of the first two dense stages."""
        return [*self.dense1, *self.dense2]


class _Activated(nn.Module):
    """Normalisation, activation, convolution."""

    def __init__(self, inside: int, outside: int, side: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inside)
        self.conv1 = nn.Conv2d(inside, outside, side, padding=side // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inside, H, W) -> (N, outside, H, W)."""
        out: Tensor = self.conv1(torch.relu(self.bn1(x)))
        return out


class _Growing(_Activated):
    """A layer whose maps are put behind those that it gets."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, inside, H, W) -> (N, inside + growth, H, W)."""
        return torch.cat((x, super().forward(x)), dim=1)


class _Transition(_Activated):
    """To half the size."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H/2, W/2)."""
        return functional.avg_pool2d(super().forward(x), 2)


def _dense(inside: int) -> nn.Sequential:
    """Layers of one resolution."""
    widths = [inside + number * _GROWTH for number in range(_LAYERS)]
    return nn.Sequential(*(_Growing(width, _GROWTH, 3) for width in widths))
