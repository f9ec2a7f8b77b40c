"""Small networks and pictures that the tests of attacks share."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from robench.models.normalised import Normalised

EPS = 2 / 255


def pictures(count: int, side: int = 16) -> Tensor:
    bits = np.random.default_rng(1).integers(0, 256, (count, 3, side, side))
    return torch.from_numpy(bits).float() / 255


def small_network(classes: int = 5) -> Normalised:
    """Untrained, with batch norm, sensitive enough to be fooled now and then."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        layers = nn.Sequential(
            nn.Conv2d(3, 12, 3, padding=1, bias=False),
            nn.BatchNorm2d(12),
            nn.Tanh(),
            nn.AvgPool2d(4),
            nn.Flatten(),
            nn.Linear(12 * 16, classes),
        )
    return Normalised(layers, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def two_classes(direction: Tensor, threshold: float) -> Callable[[Tensor], Tensor]:
    """Logits (0, <direction, image> - threshold)."""

    def network(images: Tensor) -> Tensor:
        score = (images.double() * direction).sum((1, 2, 3)) - threshold
        return torch.stack([torch.zeros_like(score), score], 1).float()

    return network


def predictions(model: nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        return model.eval()(images).argmax(1)  # type: ignore[no-any-return]
