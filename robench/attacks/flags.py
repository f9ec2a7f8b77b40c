"""Warnings about a network that make the result of an attack doubtful.

After the checks of Croce & Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble
of Diverse Parameter-free Attacks", ICML 2020: what is no fault of the attack must be seen beside
its number.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from robench.attacks.base import Attack, Network
from robench.attacks.gradient import (
    attacked,
    check_images,
    not_finite,
    raw_gradient,
    raw_logits,
)

INSPECTED = 256
"""Images that are looked at, the first ones."""
_ROUNDING = 1e-4  # relative to the largest logit: kernels that add in another order differ by less


def inspect_attack(
    attack: Attack, model: Network, images: Tensor, labels: Tensor, indices: Tensor
) -> list[str]:
    """What the attack itself says of a network, or `network_flags` where it has no ``inspect``.

    Args:
        attack: Of this package or another.
        model: The network; left as it was.
        images: (N, 3, H, W) float32 in [0, 1], the first of the data set.
        labels: (N,) int64.
        indices: (N,) int64 positions in the data set.

    Returns:
        Sentences; errors as for `network_flags`.
    """
    own = getattr(attack, "inspect", None)
    if own is None:
        return network_flags(model, images, labels)
    return list(own(model, images, labels, indices))


def network_flags(model: Network, images: Tensor, labels: Tensor) -> list[str]:
    """Look at a network as an attack would see it, with two forward passes and one backward.

    Args:
        model: The network; left as it was.
        images: (N, 3, H, W) float32 in [0, 1]; the first `INSPECTED` are used.
        labels: (N,) int64.

    Returns:
        One sentence for each of these that holds: two passes over the same images differ, the
        outputs look like probabilities, they are the same for every image or not of fp32, no
        gradient reaches the images, or that of some image is not finite or zero in every pixel.
        They hold no measured number but counts, so that equal faults read alike. Empty for a sound
        network or no images.

    Raises:
        ValueError: Arguments of another shape, dtype or range.
        InputError: What comes out is not (N, K).
        RunError: Outputs that are not finite.
    """
    check_images(images, labels)
    images, labels = images[:INSPECTED], labels[:INSPECTED]
    if not len(images):
        return []
    with attacked(model, images.device):
        clean = images.detach().clone(memory_format=torch.channels_last)
        logits, gradient = raw_gradient(model, clean, labels.clone())
        again = raw_logits(model, clean)
    if not (torch.isfinite(logits).all() & torch.isfinite(again).all()):
        raise not_finite()
    return [
        *_precision(logits.dtype),
        *_outputs(logits.float(), again.float()),
        *_gradients(gradient, len(clean)),
    ]


def _precision(dtype: torch.dtype) -> Iterator[str]:
    """What the dtype of the outputs says; attacks turn mixed precision off outside the network."""
    if dtype != torch.float32:
        low = "; low precision can mask gradients" if dtype.itemsize < 4 else ""
        yield f"the network computes in {dtype} inside, although the passport says fp32{low}."


def _outputs(logits: Tensor, again: Tensor) -> Iterator[str]:
    """What two passes (N, K) over the same images say."""
    largest = float(logits.abs().max())
    apart = float((logits - again).abs().max())
    if apart > _ROUNDING * largest:
        yield (
            "the network is not deterministic: two passes over the same images differ. A gradient "
            "attack underestimates the error of a randomised network."
        )
    if bool((logits >= 0).all()) and float((logits.sum(1) - 1).abs().max()) < 1e-4:
        yield (
            "the outputs look like probabilities (each row is non-negative and sums to 1), not "
            "like logits: the cross-entropy of the attack takes a second softmax of them and its "
            "gradients vanish."
        )
    if len(logits) > 1 and float((logits - logits[:1]).abs().max()) == 0:
        yield f"the outputs are the same for all of {len(logits)} images."


def _gradients(gradient: Tensor | None, count: int) -> Iterator[str]:
    """What the gradients (N, 3, H, W) of the loss say, or that there are none."""
    if gradient is None:
        yield (
            "no gradient reaches the images: the network detaches them or runs under no_grad. An "
            "attack that needs one finds nothing, whatever the network is worth."
        )
        return
    broken = int((~torch.isfinite(gradient)).flatten(1).any(1).sum())
    if broken:
        yield (
            f"the gradient is not finite in {broken} of {count} images: an attack that goes on all "
            f"the same finds nothing there, whatever the network is worth."
        )
    zero = int((gradient.flatten(1).abs().amax(1) == 0).sum())
    if zero:
        yield (
            f"the gradient is zero in every pixel of {zero} of {count} images: the attack cannot "
            f"move them."
        )
