"""The places in a network whose features are drawn."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

BEFORE_ACTIVATION = (nn.Conv2d, nn.BatchNorm2d, nn.GroupNorm)
LEAST = 4
"""Smallest side of the feature maps of a stage; smaller ones see all of the picture at once."""
_FLOOR = 1e-2  # least spread of a channel, as a share of the largest


@dataclass(frozen=True)
class Stage:
    """A place in a network.

    Attributes:
        network: In evaluation mode, without gradients for its parameters.
        module: The last convolution or normalisation of one spatial size, before its activation
            function.
        mean: (C,) float32 of its output on noise, per channel.
        spread: (C,) float32 standard deviation of the same, positive.
    """

    network: nn.Module
    module: nn.Module
    mean: Tensor
    spread: Tensor

    @property
    def channels(self) -> int:
        """Number of feature maps."""
        return len(self.spread)


class _ReachedError(Exception):
    """Ends a forward pass where its result is known."""


def activations(stage: Stage, images: Tensor) -> Tensor:
    """Output of a stage, with gradients.

    Args:
        stage: Of the network that takes ``images``.
        images: (N, 3, H, W) float32 in [0, 1].

    Returns:
        (N, C, h, w) float32. Layers behind the stage are not computed.
    """
    found: list[Tensor] = []

    def keep(module: nn.Module, inputs: object, output: Tensor) -> None:
        found.append(output)
        raise _ReachedError

    handle = stage.module.register_forward_hook(keep)
    try:
        stage.network(images)
    except _ReachedError:
        pass
    finally:
        handle.remove()
    return found[0]


def find_stages(network: nn.Module, noise: Tensor) -> tuple[Stage, ...]:
    """Find a network's stages: the places where feature maps have one size for the last time.

    Args:
        network: Takes (N, 3, H, W) float32 in [0, 1]; it is copied, not changed.
        noise: Such images, of the size that it is going to see.

    Returns:
        One stage per spatial size of at least 4 x 4, in the order of computation.

    Raises:
        ValueError: The network has no convolution or normalisation of feature maps.
    """
    frozen = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
    last: dict[tuple[int, int], Stage] = {}

    def note(module: nn.Module, inputs: object, output: Tensor) -> None:
        if output.ndim == 4 and min(output.shape[2:]) >= LEAST:
            size = (output.shape[2], output.shape[3])
            last.pop(size, None)  # so that the order is that of the last use
            spread, mean = torch.std_mean(output, (0, 2, 3))
            last[size] = Stage(frozen, module, mean, spread.clamp(min=_FLOOR * float(spread.max())))

    kinds = [module for module in frozen.modules() if isinstance(module, BEFORE_ACTIVATION)]
    handles = [module.register_forward_hook(note) for module in kinds]
    try:
        with torch.no_grad():
            frozen(noise.to(device_of(frozen)))
    finally:
        for handle in handles:
            handle.remove()
    if not last:
        raise ValueError(
            f"{type(network).__name__} has no convolutional feature maps of 4 x 4 or more"
        )
    return tuple(last.values())


def device_of(network: nn.Module) -> torch.device:
    """Where a network computes."""
    return next((value.device for value in network.state_dict().values()), torch.device("cpu"))
