"""A network of 0.15 million parameters that learns 32 x 32 images within minutes on one core."""

from torch import Tensor, nn

from robench.models.head import FeatureNet, linear, max_pool


class Air32(FeatureNet):
    """Stem, three groups of two convolutions, global maximum, linear layer.

    After Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, narrowed, and with
    PyTorch's usual initialisation. Images need at least 9 pixels a side.

    Args:
        num_classes: Outputs; 0 for none.
    """

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__(num_classes, 64, max_pool)
        self.stem = nn.Sequential(nn.Conv2d(3, 24, 2), nn.GELU())
        self.groups = nn.Sequential(_group(24, 32), _group(32, 64), _group(64, 64))
        self.fc = linear(64, num_classes)

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, 64, h, w), 3 x 3 for 32 x 32."""
        features: Tensor = self.groups(self.stem(x))
        return features

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The second and the third group."""
        return self.groups[1], self.groups[2]

    def early_blocks(self) -> list[nn.Module]:
        """The first two groups."""
        return [self.groups[0], self.groups[1]]


def _group(inside: int, outside: int) -> nn.Sequential:
    """Two convolutions, the first pooled to half the size."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(outside),
        nn.GELU(),
        nn.Conv2d(outside, outside, 3, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.GELU(),
    )
