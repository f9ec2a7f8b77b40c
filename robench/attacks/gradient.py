"""A network as attacks see it: in evaluation mode, in fp32, with gradients of the images only."""

import contextlib
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from robench.attacks.base import Network
from robench.errors import RunError

CACHED = 2**18
"""Values of images that a CPU core takes at a time, so that activations stay in its cache."""
FEWEST = 8
"""Images at a time at least, however large: fewer cost the kernels more than the cache gains."""


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
        images: (N, 3, H, W) float32, at least one.
        labels: (N,) int64.

    Returns:
        (N, K) float32 without graph, and (N, 3, H, W) float32.

    Raises:
        RunError: Not finite, or the logits do not depend on the images differentiably.
    """
    parts = _parts(images)
    pairs = zip(images.chunk(parts), labels.chunk(parts), strict=True)
    found = [_gradient(model, *pair) for pair in pairs]
    return torch.cat([logits for logits, _ in found]), torch.cat([grad for _, grad in found])


def predict(model: Network, images: Tensor) -> Tensor:
    """The class with the largest logit, (N,) int64, of (N, 3, H, W), at least one image.

    Raises:
        RunError: Logits that are not finite.
    """
    with torch.no_grad():
        logits = torch.cat([model(some) for some in images.chunk(_parts(images))])
    if not torch.isfinite(logits).all():
        raise _not_finite()
    return logits.argmax(1)


def at_a_time(images: Tensor) -> int:
    """How many of (N, 3, H, W) the network takes at a time: all, but on the CPU as fit its cache.

    Of 32 x 32 images that is 85 for each core. The activations of many more are fetched from
    memory, in pages that the system has to clear first; see ``reports/attacks``.
    """
    if images.device.type != "cpu":
        return max(1, len(images))
    return max(FEWEST, CACHED // images[0].numel()) * torch.get_num_threads()


def check_images(images: Tensor, labels: Tensor) -> None:
    """Refuse what would be attacked wrongly.

    Raises:
        ValueError: Images that are not (N, 3, H, W) float32 in [0, 1], or labels that are not one
            for each.
    """
    if images.ndim != 4 or images.dtype != torch.float32:
        raise ValueError(
            f"expected images (N, 3, H, W) of float32, got {tuple(images.shape)} {images.dtype}"
        )
    if labels.shape != images.shape[:1]:
        raise ValueError(
            f"expected one label for each of {len(images)} images, got {tuple(labels.shape)}"
        )
    if len(images) and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError("expected images in [0, 1]: normalisation belongs inside the model")


def _parts(images: Tensor) -> int:
    """Into how many parts of about equal size a batch is cut."""
    return max(1, math.ceil(len(images) / at_a_time(images)))


def _gradient(model: Network, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """`input_gradient` of what fits the cache."""
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


def _not_finite() -> RunError:
    """What NaN means here."""
    return RunError(
        "The attack met logits or gradients that are not finite: the checkpoint is damaged or "
        "diverged."
    )
