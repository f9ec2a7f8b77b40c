"""The network of convolutions alone, for 32 x 32 images."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from robench.models.head import FeatureNet, linear

_SECOND, _THIRD = 11, 22  # where the stages behind the two poolings begin


class AllConv(FeatureNet):
    """AllConv, 1.4 M parameters.

    After Springenberg et al., "Striving for Simplicity: The All Convolutional Net", ICLR workshop
    2015, in the form of the AugMix repository and with its keys: maxima in place of strided
    convolutions, batch normalisation, x sigmoid(1.702 x) for activation. Published quirks, which
    its checkpoints need: both 1 x 1 convolutions are padded by 1, and of the 10 x 10 positions that
    result the first 8 x 8 are averaged. Images need at least 12 pixels a side.

    Args:
        num_classes: Outputs; 0 for none.
        drop_rate: Dropout after both poolings. It has no entry in the state dict.
    """

    head_name: ClassVar[str] = "classifier"

    def __init__(self, num_classes: int = 10, drop_rate: float = 0.5) -> None:
        super().__init__(num_classes, 192, _mean_of_corner)
        self.features = nn.Sequential(
            *_layers((3, 96), (96, 96), (96, 96)),
            *(nn.MaxPool2d(2), nn.Dropout(drop_rate)),
            *_layers((96, 192), (192, 192), (192, 192)),
            *(nn.MaxPool2d(2), nn.Dropout(drop_rate)),
            *_layer(192, 192, 3, 0),
            *_layer(192, 192, 1, 1),
            *_layer(192, 192, 1, 1),
        )
        self.classifier = linear(192, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, 192, H/4 + 2, W/4 + 2)."""
        features: Tensor = self.features(x)
        return features

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The first convolutions behind the two poolings."""
        return self.features[_SECOND], self.features[_THIRD]

    def early_blocks(self) -> list[nn.Module]:
        """The layers before either pooling, as two blocks."""
        return [self.features[:_SECOND], self.features[_SECOND:_THIRD]]


class _FastGELU(nn.Module):
    """x sigmoid(1.702 x)."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape, the same shape."""
        return x * torch.sigmoid(1.702 * x)


def _layer(inside: int, outside: int, side: int, padding: int) -> tuple[nn.Module, ...]:
    """Convolution, normalisation, activation."""
    convolution = nn.Conv2d(inside, outside, side, padding=padding)
    return convolution, nn.BatchNorm2d(outside), _FastGELU()


def _layers(*channels: tuple[int, int]) -> list[nn.Module]:
    """3 x 3 layers that keep the size."""
    return [module for inside, outside in channels for module in _layer(inside, outside, 3, 1)]


def _mean_of_corner(x: Tensor) -> Tensor:
    """Mean without the last two rows and columns, (N, C, H, W) -> (N, C)."""
    return x[:, :, :-2, :-2].mean(dim=(2, 3))
