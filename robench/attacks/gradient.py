"""A network as attacks see it: in evaluation mode, in fp32, with gradients of the images only."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from robench.attacks.base import Network
from robench.errors import RunError


@contextlib.contextmanager
def attacked(model: Network, device: torch.device) -> Iterator[None]:
    """Put a network into evaluation mode without gradients of its parameters, then put it back.

    Inside, automatic mixed precision is off and gradients are on, whatever holds outside.

    Args:
        model: A module, or any function (which is left to itself).
        device: Where it runs.
    """
    modules = list(model.modules()) if isinstance(model, nn.Module) else []
    parameters = list(model.parameters()) if isinstance(model, nn.Module) else []
    training = [module.training for module in modules]
    needs = [parameter.requires_grad for parameter in parameters]
    try:
        for module in modules:
            module.training = False
        for parameter in parameters:
            parameter.requires_grad = False
        with (
            torch.inference_mode(mode=False),
            torch.enable_grad(),
            torch.autocast(device.type, enabled=False),
        ):
            yield
    finally:
        for module, mode in zip(modules, training, strict=True):
            module.training = mode
        for parameter, need in zip(parameters, needs, strict=True):
            parameter.requires_grad = need


def input_gradient(model: Network, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits, and the gradient of the summed cross-entropy to the images.

    Args:
        model: The network.
        images: (N, 3, H, W) float32.
        labels: (N,) int64.

    Returns:
        (N, K) float32 without graph, and (N, 3, H, W) float32.

    Raises:
        RunError: Not finite, or the logits do not depend on the images differentiably.
    """
    images = images.detach().requires_grad_()
    logits = model(images)
    gradient = None
    if logits.requires_grad:
        loss = functional.cross_entropy(logits.float(), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, images, allow_unused=True)
    if gradient is None:
        raise RunError(
            "The attack needs the gradient of the images, but there is none: the model detaches "
            "its input or runs under no_grad."
        )
    if not (torch.isfinite(logits).all() & torch.isfinite(gradient).all()):
        raise _not_finite()
    return logits.detach().float(), gradient


def predict(model: Network, images: Tensor) -> Tensor:
    """The class with the largest logit, (N,) int64.

    Raises:
        RunError: Logits that are not finite.
    """
    with torch.no_grad():
        logits = model(images)
    if not torch.isfinite(logits).all():
        raise _not_finite()
    return logits.argmax(1)


def _not_finite() -> RunError:
    """What NaN means here."""
    return RunError(
        "The attack met logits or gradients that are not finite: the checkpoint is damaged or "
        "diverged."
    )
