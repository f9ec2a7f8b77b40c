"""Where the features of images can be mixed inside a network."""

from torch import nn

from robench.errors import InputError

_OF_RESNETS = ("layer2", "layer3")  # second and third stage in timm's and torchvision's ResNets


def mix_points(network: nn.Module) -> tuple[nn.Module, nn.Module, nn.Module]:
    """The modules whose inputs are the input and the features after the first and second stage.

    After Verma et al., "Manifold Mixup: Better Representations by Interpolating Hidden States",
    ICML 2019, who mix at these three points.

    Args:
        network: One of ours, or a ResNet of timm or torchvision; one of a plug-in states
            ``mix_points()``, the modules that take the features of the last two.

    Raises:
        InputError: The points of this network are not known.
    """
    find = getattr(network, "mix_points", None)
    if callable(find):
        second, third = find()
        return network, second, third
    stages = [getattr(network, name, None) for name in _OF_RESNETS]
    if all(isinstance(stage, nn.Module) for stage in stages):
        return network, *stages  # type: ignore[return-value]
    raise InputError(
        f"It is not known where features of a {type(network).__name__} can be mixed: expected one "
        "of robench ls archs, a ResNet of timm or torchvision, or a network with mix_points()."
    )
