"""Our networks under their names, registered with timm on import."""

from typing import Any

from timm.models import register_model

from robench.models.air32 import Air32
from robench.models.all_conv import AllConv
from robench.models.densenet import DenseNet
from robench.models.resnet18 import ResNet18
from robench.models.resnext import ResNeXt29
from robench.models.wide_resnet import WideResNet

_OF_TIMM = ("pretrained_cfg", "pretrained_cfg_overlay", "cache_dir")  # what its factory passes on


@register_model
def wrn40_4(pretrained: bool = False, **kwargs: object) -> WideResNet:
    """WRN-40-4, 8.95 M parameters: the CIFAR network of PixMix and IPMix."""
    return WideResNet(40, 4, **_arguments(pretrained, kwargs))


@register_model
def wrn40_2(pretrained: bool = False, **kwargs: object) -> WideResNet:
    """WRN-40-2, 2.24 M parameters: the CIFAR network of AugMix."""
    return WideResNet(40, 2, **_arguments(pretrained, kwargs))


@register_model
def wrn40_1(pretrained: bool = False, **kwargs: object) -> WideResNet:
    """WRN-40-1, 0.56 M parameters."""
    return WideResNet(40, 1, **_arguments(pretrained, kwargs))


@register_model
def wrn28_10(pretrained: bool = False, **kwargs: object) -> WideResNet:
    """WRN-28-10, 36.5 M parameters."""
    return WideResNet(28, 10, **_arguments(pretrained, kwargs))


@register_model
def wrn16_1(pretrained: bool = False, **kwargs: object) -> WideResNet:
    """WRN-16-1, 0.18 M parameters: for tests."""
    return WideResNet(16, 1, **_arguments(pretrained, kwargs))


@register_model
def resnext29(pretrained: bool = False, **kwargs: object) -> ResNeXt29:
    """ResNeXt-29 (4 groups of base width 32), 6.90 M parameters: of AugMix, PixMix and IPMix."""
    return ResNeXt29(**_arguments(pretrained, kwargs))


@register_model
def resnet18_cifar(pretrained: bool = False, **kwargs: object) -> ResNet18:
    """ResNet-18 for 32 x 32 images, 11.2 M parameters: of IPMix."""
    return ResNet18(**_arguments(pretrained, kwargs))


@register_model
def allconv(pretrained: bool = False, **kwargs: object) -> AllConv:
    """AllConv, 1.41 M parameters: of AugMix."""
    return AllConv(**_arguments(pretrained, kwargs))


@register_model
def densenet_cifar(pretrained: bool = False, **kwargs: object) -> DenseNet:
    """DenseNet-40-12, 1.10 M parameters: of IPMix."""
    return DenseNet(**_arguments(pretrained, kwargs))


@register_model
def air32(pretrained: bool = False, **kwargs: object) -> Air32:
    """Air32, 0.15 M parameters: minutes on one core."""
    return Air32(**_arguments(pretrained, kwargs))


def _arguments(pretrained: bool, kwargs: dict[str, object]) -> dict[str, Any]:
    """What the network itself takes."""
    if pretrained:
        raise ValueError("there are no pretrained weights; load a checkpoint instead")
    return {key: value for key, value in kwargs.items() if key not in _OF_TIMM}
