"""Normalisation as a part of the network."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

CACHED = 2**18  # values that are worked on at a time


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
            if images.device.type == "cpu" and _is_channels_last(images):
                return self._in_rows(images)
            images = images.to(self.mean.dtype) / 255
        elif not images.is_floating_point():
            raise TypeError(f"expected images of uint8 or float in [0, 1], got {images.dtype}")
        return (images - self.mean) / self.std

    def _in_rows(self, images: Tensor) -> Tensor:
        """The same bits for bytes in channels-last order, without copies beyond the cache.

        A row of pixels is one run of memory, so that mean and deviation are repeated along it;
        four times as fast as broadcasting over the three channels.
        """
        count, channels, height, width = images.shape
        result = torch.empty_like(images, dtype=self.mean.dtype)
        mean, std = self.mean.flatten().repeat(width), self.std.flatten().repeat(width)
        shape = (count * height, width * channels)
        bytes_ = images.permute(0, 2, 3, 1).view(shape)
        values = result.permute(0, 2, 3, 1).view(shape)
        some = max(1, CACHED // shape[1])
        for source, target in zip(
            torch.split(bytes_, some), torch.split(values, some), strict=True
        ):
            target.copy_(source).div_(255).sub_(mean).div_(std)
        return result


def _is_channels_last(images: Tensor) -> bool:
    return images.shape[1] == 3 and images.permute(0, 2, 3, 1).is_contiguous()
