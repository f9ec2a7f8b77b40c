"""The residual network of 18 layers for 32 x 32 images."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from robench.models.head import FeatureNet, mean_pool

SHIPPED = 100  # outputs of every ResNet-18 of the IPMix repository


class ResNet18(FeatureNet):
    """ResNet-18 with a 3 x 3 stem and no pooling after it, 11.2 M parameters.

    He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, with the keys of the IPMix
    repository and PyTorch's usual initialisation, as there.

    That repository's constructor ignores the number of classes: its CIFAR-10 checkpoints have 100
    outputs, of which 90 were never the answer. ``resnet18_cifar(head=100)`` with 10 classes reads
    such a checkpoint and gives the first 10 logits.

    Args:
        num_classes: Logits; 0 for none.
        head: Outputs of the linear layer, of which the first ``num_classes`` are given; 0: as many.

    Raises:
        ValueError: More classes than the head has outputs.
    """

    head_note: ClassVar[str] = (
        f"The IPMix repository gives every ResNet-18 {SHIPPED} outputs, for CIFAR-10, too: name "
        f"--arch 'resnet18_cifar(head={SHIPPED})' --classes 10 to measure the first 10 of them."
    )

    def __init__(self, num_classes: int = 10, head: int = 0) -> None:
        super().__init__(num_classes, 512, mean_pool)
        if head and head < num_classes:
            raise ValueError(
                f"head={head} has fewer outputs than {num_classes} classes; say how many of them "
                "are classes with --classes"
            )
        self.conv1 = nn.Sequential(*_normed(3, 64, 3, 1), nn.ReLU())
        self.conv2_x = _group(64, 64, 1)
        self.conv3_x = _group(64, 128, 2)
        self.conv4_x = _group(128, 256, 2)
        self.conv5_x = _group(256, 512, 2)
        self.fc = nn.Linear(512, head or num_classes) if num_classes else nn.Identity()

    def forward_features(self, x: Tensor) -> Tensor:
        """Normalised images (N, 3, H, W) -> feature maps (N, 512, H/8, W/8)."""
        x = self.conv3_x(self.conv2_x(self.conv1(x)))
        features: Tensor = self.conv5_x(self.conv4_x(x))
        return features

    def mix_points(self) -> tuple[nn.Module, nn.Module]:
        """The second and the third group."""
        return self.conv3_x, self.conv4_x

    def early_blocks(self) -> list[nn.Module]:
        """Those of the first three groups."""
        return [*self.conv2_x, *self.conv3_x, *self.conv4_x]

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """Feature maps -> logits (N, num_classes), or pooled features (N, 512)."""
        found = super().forward_head(x, pre_logits)
        return found if pre_logits or not self.num_classes else found[:, : self.num_classes]


class _Block(nn.Module):
    """Two convolutions beside a shortcut, activated after the sum."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.residual_function = nn.Sequential(
            *_normed(inside, outside, 3, stride), nn.ReLU(), *_normed(outside, outside, 3, 1)
        )
        changed = inside != outside
        self.shortcut = nn.Sequential(*(_normed(inside, outside, 1, stride) if changed else ()))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inside, H, W) -> (N, outside, H/stride, W/stride)."""
        return torch.relu(self.residual_function(x) + self.shortcut(x))


def _normed(inside: int, outside: int, side: int, stride: int) -> tuple[nn.Module, nn.Module]:
    """A convolution and its normalisation."""
    convolution = nn.Conv2d(inside, outside, side, stride, padding=side // 2, bias=False)
    return convolution, nn.BatchNorm2d(outside)


def _group(inside: int, outside: int, stride: int) -> nn.Sequential:
    """Two blocks of one resolution."""
    return nn.Sequential(_Block(inside, outside, stride), _Block(outside, outside, 1))
