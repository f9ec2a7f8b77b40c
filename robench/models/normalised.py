"""Normalisation as a part of the network."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Normalised(nn.Module):
    """A network that takes images as they are.

    The state dict to save is that of the inner network, ``.model.state_dict()``: mean and
    standard deviation are not parameters, they are saved beside it.

    Args:
        model: Takes normalised images.
        mean: Per channel, on the [0, 1] scale.
        std: Per channel, on the [0, 1] scale, positive.

    Raises:
        ValueError: Not three numbers each, or a standard deviation that is not positive.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        if len(mean) != 3 or len(std) != 3 or not all(value > 0 for value in std):
            raise ValueError(
                f"expected three means and three positive deviations, got {mean}, {std}"
            )
        self.model = model
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, K) of images (N, 3, H, W), float in [0, 1] or uint8; keeps channels_last."""
        logits: Tensor = self.model(self.normalise(images))
        return logits

    def normalise(self, images: Tensor) -> Tensor:
        """Images as the inner network takes them, same shape and memory format.

        Raises:
            TypeError: Neither uint8 nor floating point.
        """
        if images.dtype == torch.uint8:
            images = images.to(self.mean.dtype) / 255
        elif not images.is_floating_point():
            raise TypeError(f"expected images of uint8 or float in [0, 1], got {images.dtype}")
        return (images - self.mean) / self.std
