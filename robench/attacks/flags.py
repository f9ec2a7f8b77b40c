"""Warnings about a network that make the result of an attack doubtful.

After the checks of Croce & Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble
of Diverse Parameter-free Attacks", ICML 2020: what is no fault of the attack must be seen beside
its number.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from robench.attacks.base import Network
from robench.attacks.gradient import attacked, check_images, input_gradient

INSPECTED = 256
"""Images that are looked at, the first ones."""
_ROUNDING = 1e-4  # relative to the largest logit: kernels that add in another order differ by less


def network_flags(model: Network, images: Tensor, labels: Tensor) -> list[str]:
    """Look at a network as an attack would see it, with two forward passes and one backward.

    Args:
        model: The network; left as it was.
        images: (N, 3, H, W) float32 in [0, 1]; the first `INSPECTED` are used.
        labels: (N,) int64.

    Returns:
        One sentence for each of these that holds: two passes over the same images differ, the
        outputs look like probabilities, they are the same for every image, the gradient is zero in
        every pixel of some image. Empty for a sound network or no images.

    Raises:
        ValueError: Arguments of another shape, dtype or range.
        RunError: Outputs or gradients that are not finite, or that do not reach the images.
    """
    check_images(images, labels)
    images, labels = images[:INSPECTED], labels[:INSPECTED]
    if not len(images):
        return []
    with attacked(model, images.device):
        clean = images.detach().clone(memory_format=torch.channels_last)
        logits, gradient = input_gradient(model, clean, labels.clone())
        again = model(clean).detach().float()
    return [*_outputs(logits, again), *_gradients(gradient)]


def _outputs(logits: Tensor, again: Tensor) -> Iterator[str]:
    """What two passes (N, K) over the same images say."""
    largest = float(logits.abs().max())
    apart = float((logits - again).abs().max())
    if apart > _ROUNDING * largest:
        yield (
            f"the network is not deterministic: two passes over the same images differ by up to "
            f"{apart:.3g} (largest output {largest:.3g}). A gradient attack underestimates the "
            f"error of a randomised network."
        )
    if bool((logits >= 0).all()) and float((logits.sum(1) - 1).abs().max()) < 1e-4:
        yield (
            "the outputs look like probabilities (each row is non-negative and sums to 1), not "
            "like logits: the cross-entropy of the attack takes a second softmax of them and its "
            "gradients vanish."
        )
    if len(logits) > 1 and float((logits - logits[:1]).abs().max()) == 0:
        yield f"the outputs are the same for all of {len(logits)} images."


def _gradients(gradient: Tensor) -> Iterator[str]:
    """What the gradients (N, 3, H, W) of the loss say."""
    zero = int((gradient.flatten(1).abs().amax(1) == 0).sum())
    if zero:
        yield (
            f"the gradient is zero in every pixel of {zero} of {len(gradient)} images: the attack "
            f"cannot move them."
        )
