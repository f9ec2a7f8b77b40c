"""A network as attacks see it: in evaluation mode, in fp32, with gradients of the images only."""

import contextlib
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from robench.attacks.base import Network
from robench.errors import InputError, RunError

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
        InputError: What comes out is not (N, K).
        RunError: Not finite, or the logits do not depend on the images differentiably.
    """
    logits, gradient = raw_gradient(model, images, labels)
    if gradient is None or not (torch.isfinite(logits).all() & torch.isfinite(gradient).all()):
        raise _useless(logits, gradient)
    return logits.float(), gradient


def raw_gradient(model: Network, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor | None]:
    """`input_gradient` as it comes, finite or not, the logits (N, K) in the dtype they come in.

    None in place of the gradient where none reaches the images.

    Raises:
        InputError: What comes out is not (N, K).
    """
    parts = _parts(images)
    pairs = zip(images.chunk(parts), labels.chunk(parts), strict=True)
    found = [_gradient(model, *pair) for pair in pairs]
    gradients = [gradient for _, gradient in found if gradient is not None]
    whole = torch.cat(gradients) if len(gradients) == len(found) else None
    return torch.cat([logits for logits, _ in found]), whole


def raw_logits(model: Network, images: Tensor) -> Tensor:
    """Logits (N, K) without graph, finite or not, by the same parts as `raw_gradient`.

    Raises:
        InputError: What comes out is not (N, K).
    """
    with torch.no_grad():
        return torch.cat([logits_of(model, some) for some in images.chunk(_parts(images))])


def logits_of(model: Network, images: Tensor) -> Tensor:
    """What the network says of a copy of (N, 3, H, W): some write into their input.

    Returns:
        (N, K) of any float dtype; gradients go through to the images.

    Raises:
        InputError: Something else comes out.
    """
    logits: object = model(images.clone())
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(images):
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
        raise InputError(
            f"Attacks need a network that gives logits (N, K): expected ({len(images)}, K), got "
            f"{shape}. Wrap it in one that returns these alone."
        )
    return logits


def predict(model: Network, images: Tensor) -> Tensor:
    """The class with the largest logit, (N,) int64, of (N, 3, H, W), at least one image.

    Raises:
        InputError: What comes out is not (N, K).
        RunError: Logits that are not finite.
    """
    logits = raw_logits(model, images)
    if not torch.isfinite(logits).all():
        raise not_finite()
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


def not_finite() -> RunError:
    """What logits mean that are not numbers."""
    return RunError(
        "The attack met logits that are not finite: the checkpoint is damaged or diverged."
    )


def _useless(logits: Tensor, gradient: Tensor | None) -> RunError:
    """Why an attack can do nothing with these."""
    if not torch.isfinite(logits).all():
        return not_finite()
    if gradient is None:
        return RunError(
            "The attack needs the gradient of the images, but there is none: the model detaches "
            "its input or runs under no_grad."
        )
    return RunError(
        "The attack met gradients that are not finite, of logits that are: somewhere the network "
        "has no derivative, such as a root or a norm at zero. Attacks that use no gradients can "
        "measure it, torchattacks:Square for one."
    )


def _parts(images: Tensor) -> int:
    """Into how many parts of about equal size a batch is cut."""
    return max(1, math.ceil(len(images) / at_a_time(images)))


def _gradient(model: Network, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor | None]:
    """`raw_gradient` of what fits the cache."""
    images = images.detach().requires_grad_()
    logits = logits_of(model, images)
    gradient = None
    if logits.requires_grad:
        loss = functional.cross_entropy(logits.float(), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, images, allow_unused=True)
    return logits.detach(), gradient
