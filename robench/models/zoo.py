"""Our networks under their names, registered with timm on import."""

from typing import Any

from timm.models import register_model

from robench.models.air32 import Air32
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
def air32(pretrained: bool = False, **kwargs: object) -> Air32:
    """Air32, 0.15 M parameters: minutes on one core."""
    return Air32(**_arguments(pretrained, kwargs))


def _arguments(pretrained: bool, kwargs: dict[str, object]) -> dict[str, Any]:
    """What the network itself takes."""
    if pretrained:
        raise ValueError("there are no pretrained weights; load a checkpoint instead")
    return {key: value for key, value in kwargs.items() if key not in _OF_TIMM}
