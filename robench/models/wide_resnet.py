"""Wide residual networks for 32 x 32 images."""

import torch
from torch import Tensor, nn

from robench.models.head import FeatureNet, linear, mean_pool


class WideResNet(FeatureNet):
    """WRN-depth-width.

    Zagoruyko & Komodakis, "Wide Residual Networks", BMVC 2016. The keys of the state dict are
    those of the official AugMix, PixMix and IPMix repositories, so that their checkpoints load.
    Pooling takes whatever is left of the image, hence other sizes than 32 work.

    Args:
        depth: Layers, 6 n + 4.
        width: Factor on the channels 16, 32, 64.
        num_classes: Outputs; 0 for none.
        drop_rate: Dropout between the two convolutions of a block; the authors of IPMix train
            WRN-40-4 with 0.3. It has no entry in the state dict.

    Raises:
        ValueError: The depth is not of the form 6 n + 4.
    """

    def __init__(
        self, depth: int, width: int, num_classes: int = 10, drop_rate: float = 0.0
    ) -> None:
        if depth < 10 or (depth - 4) % 6:
            raise ValueError(f"depth must be 6 n + 4, got {depth}")
        n, channels = (depth - 4) // 6, [16, 16 * width, 32 * width, 64 * width]
        super().__init__(num_classes, channels[3], mean_pool)
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.block1 = _Group(channels[0], channels[1], n, 1, drop_rate)
        self.block2 = _Group(channels[1], channels[2], n, 2, drop_rate)
        self.block3 = _Group(channels[2], channels[3], n, 2, drop_rate)
        self.bn1 = nn.BatchNorm2d(channels[3])
        self.fc = linear(channels[3], num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, 64 width, H/4, W/4)."""
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return torch.relu(self.bn1(x))

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The second and the third group."""
        return self.block2, self.block3

    def early_blocks(self) -> list[nn.Module]:
        """Those of the first two groups."""
        return [*self.block1.layer, *self.block2.layer]


class _Block(nn.Module):
    """Pre-activation block; where the channels change, the shortcut is activated as well."""

    def __init__(self, inside: int, outside: int, stride: int, drop_rate: float) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inside)
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.dropout = nn.Dropout(drop_rate)
        self.conv_shortcut = (
            nn.Conv2d(inside, outside, 1, stride, bias=False) if inside != outside else None
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inside, H, W) -> (N, outside, H/stride, W/stride)."""
        active = torch.relu(self.bn1(x))
        out = self.dropout(torch.relu(self.bn2(self.conv1(active))))
        shortcut = x if self.conv_shortcut is None else self.conv_shortcut(active)
        total: Tensor = shortcut + self.conv2(out)
        return total


class _Group(nn.Module):
    """Blocks of one resolution, under the official key ``layer``."""

    def __init__(
        self, inside: int, outside: int, blocks: int, stride: int, drop_rate: float
    ) -> None:
        super().__init__()
        first = _Block(inside, outside, stride, drop_rate)
        rest = [_Block(outside, outside, 1, drop_rate) for _ in range(blocks - 1)]
        self.layer = nn.Sequential(first, *rest)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inside, H, W) -> (N, outside, H/stride, W/stride)."""
        out: Tensor = self.layer(x)
        return out
