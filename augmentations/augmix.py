"""AugMix."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from augmentations.base import Batch, ModelHandle
from augmentations.chains import ChainPlan
from augmentations.image_chains import ImageChains, mix_chains
from augmentations.random import named_keys, view_keys
from augmentations.switches import from_preset, require, require_cifar_side

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"official_cifar": {}, "official_imagenet": {"severity": 1.0}}
)


@dataclass(frozen=True, kw_only=True)
class AugMix(ImageChains):
    """Convex combination of the clean image and of chains of image operations.

    Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and
    Uncertainty", ICLR 2020, Algorithm 1, and the authors' code (9b9824c). State is uint8 after
    every operation; the mixture is neither rounded nor clipped. The consistency loss of the paper
    is the trainer's. Takes square uint8 images, gives float32 in [0, 1].

    Args:
        preset: Which published form the other switches started from.
        k: Chains.
        t: Largest depth of a chain.
        min_depth: Smallest depth; equal to ``t`` it fixes the depth.
        alpha: Parameter of the Dirichlet (chains) and Beta (clean weight) distributions.
        severity: Largest level of the operations, up to 10: 3 on CIFAR, 1 on ImageNet.
        all_ops: Whether to add the four operations that resemble corruptions.

    Raises:
        ValueError: A switch has a value that is not allowed; the message says which are.
    """

    preset: str = "official_cifar"

    def __post_init__(self) -> None:
        super().__post_init__()
        known = tuple(PRESETS)
        require("AugMix", "preset", self.preset, self.preset in known, f"one of {known}")

    def views(self, batch: Batch, n: int, model: ModelHandle | None = None) -> list[Batch]:
        """``n`` independent views, computed together; equal to separate calls bit for bit."""
        self._check(batch, model)
        keys = view_keys(batch.keys, torch.arange(n, device=batch.keys.device)[:, None])
        plan = self._draw(keys.flatten(), (batch.images.shape[2], batch.images.shape[3]))
        mixed = torch.split(self._apply(batch, plan).images, len(batch.images))
        return [batch.replace(images=i, keys=k) for i, k in zip(mixed, keys, strict=True)]

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> ChainPlan:
        """All decisions for the views with these keys (V,)."""
        require_cifar_side("AugMix", self.preset, max(size))
        return self.draw_chains(named_keys(keys, "augmix"), size)

    def _apply(self, batch: Batch, plan: ChainPlan) -> Batch:
        """Carry out a plan of one or more views per image (all of view 0 first)."""
        return batch.replace(images=mix_chains(batch.images, plan))


def augmix(preset: str = "official_cifar", **switches: Any) -> AugMix:  # noqa: ANN401
    """Make AugMix from a preset with some switches changed.

    Args:
        preset: ``official_cifar`` or ``official_imagenet``, as the authors' scripts run.
        **switches: Fields of ``AugMix``.

    Raises:
        ValueError: Unknown preset, unknown switch, or a value that is not allowed.
    """
    return from_preset(AugMix, PRESETS, preset, switches)
