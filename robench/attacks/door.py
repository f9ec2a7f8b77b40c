"""A network as torchattacks takes it."""

from typing import Any

import torch
from torch import Tensor, nn

from robench.attacks.base import Network
from robench.attacks.gradient import logits_of


class Door(nn.Module):
    """A module around any network, in evaluation mode, with gradients that may be viewed flat.

    torchattacks asks a network for its mode and its parameters, and calls ``view`` on gradients,
    which fails for those of convolutions in channels-last order. It also mixes logits with numbers
    of fp32, and what a network writes into its input would be taken for the attack's doing.

    Args:
        model: The network; its mode is the caller's business.
        image: (1, 3, H, W), to learn the number of classes from.

    Raises:
        InputError: What comes out of the network is not (N, K).
    """

    def __init__(self, model: Network, image: Tensor) -> None:
        super().__init__()
        self.network = model
        with torch.no_grad():
            self.classes = int(logits_of(model, image).shape[1])
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, K) float32 of images (N, 3, H, W) in [0, 1]."""
        return logits_of(self.network, _Flat.apply(images)).float()


class _Flat(torch.autograd.Function):
    """The identity, whose gradients lie in memory as their indices say."""

    @staticmethod
    def forward(ctx: Any, images: Tensor) -> Tensor:  # noqa: ANN401
        """The images."""
        del ctx
        return images.view_as(images)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ANN401
        """The gradient, contiguous."""
        del ctx
        return gradient.contiguous()
