"""Aggregated residual networks for 32 x 32 images."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from robench.models.head import FeatureNet, linear, mean_pool

_STEM = 64
_EXPANSION = 4


class ResNeXt29(FeatureNet):
    """ResNeXt-29 with 4 groups of 32 channels, twice as many after each reduction in size.

    Xie et al., "Aggregated Residual Transformations for Deep Neural Networks", CVPR 2017, with the
    keys of the AugMix, PixMix and IPMix repositories. Their papers call it 32 x 4, which in that of
    Xie et al. would be 32 groups of 4 channels. Stride in the 3 x 3 convolution.

    Args:
        num_classes: Outputs; 0 for none.
    """

    head_name: ClassVar[str] = "classifier"

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__(num_classes, 1024, mean_pool)
        self.conv_1_3x3 = nn.Conv2d(3, _STEM, 3, padding=1, bias=False)
        self.bn_1 = nn.BatchNorm2d(_STEM)
        self.stage_1 = _stage(_STEM, 64, 1)
        self.stage_2 = _stage(256, 128, 2)
        self.stage_3 = _stage(512, 256, 2)
        self.classifier = linear(1024, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, 1024, H/4, W/4)."""
        x = torch.relu(self.bn_1(self.conv_1_3x3(x)))
        features: Tensor = self.stage_3(self.stage_2(self.stage_1(x)))
        return features

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The second and the third stage."""
        return self.stage_2, self.stage_3

    def early_blocks(self) -> list[nn.Module]:
        """Those of the first two stages."""
        return [*self.stage_1, *self.stage_2]


class _Bottleneck(nn.Module):
    """1 x 1, grouped 3 x 3, 1 x 1; activation after the sum (type C of the paper)."""

    def __init__(self, inside: int, planes: int, stride: int) -> None:
        super().__init__()
        width, outside = 2 * planes, _EXPANSION * planes
        self.conv_reduce = nn.Conv2d(inside, width, 1, bias=False)
        self.bn_reduce = nn.BatchNorm2d(width)
        self.conv_conv = nn.Conv2d(width, width, 3, stride, padding=1, groups=4, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.conv_expand = nn.Conv2d(width, outside, 1, bias=False)
        self.bn_expand = nn.BatchNorm2d(outside)
        self.downsample = (
            nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )
            if inside != outside
            else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inside, H, W) -> (N, 4 planes, H/stride, W/stride)."""
        out = torch.relu(self.bn_reduce(self.conv_reduce(x)))
        out = torch.relu(self.bn(self.conv_conv(out)))
        shortcut = x if self.downsample is None else self.downsample(x)
        return torch.relu(shortcut + self.bn_expand(self.conv_expand(out)))


def _stage(inside: int, planes: int, stride: int) -> nn.Sequential:
    """Three blocks of one resolution."""
    outside = _EXPANSION * planes
    first = _Bottleneck(inside, planes, stride)
    return nn.Sequential(first, *(_Bottleneck(outside, planes, 1) for _ in range(2)))
