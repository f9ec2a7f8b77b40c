"""Policies of image operations as torchvision implements them, one seed per image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from augmentations.base import Augmentation, Batch
from augmentations.random import named_keys, random_bits

AUTOAUGMENT_POLICIES = ("cifar10", "imagenet", "svhn")

Policy = Callable[[Image.Image], Image.Image]


@dataclass(frozen=True)
class _TorchvisionPolicy(Augmentation):
    """Run a torchvision policy on Pillow images: nearest neighbour, black where nothing is.

    Takes and gives uint8. The policies draw from the global CPU generator; it is seeded from the
    image's key under a fork and put back, so they must not run in two threads of one process.
    """

    def _policy(self) -> Policy:
        """The torchvision transform."""
        raise NotImplementedError

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> list[int]:
        """The seed of each row, 32 bits: torch's CPU generator uses no more."""
        bits = random_bits(named_keys(keys, type(self).__name__.lower()), 0)
        seeds: list[int] = ((bits >> 32) & (2**32 - 1)).tolist()
        return seeds

    def _apply(self, batch: Batch, plan: list[int]) -> Batch:
        """Carry out the policy image by image, on the CPU."""
        policy = self._policy()
        pixels = batch.images.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        result = np.empty_like(pixels)
        with torch.random.fork_rng(devices=[]):
            for row, seed in enumerate(plan):
                # Not torch.manual_seed: that would seed the CUDA generators, which are not forked.
                torch.default_generator.manual_seed(seed)
                result[row] = np.asarray(policy(Image.fromarray(pixels[row])))
        images = torch.from_numpy(result).permute(0, 3, 1, 2).contiguous()
        return batch.replace(images=images.to(batch.images.device))


@dataclass(frozen=True)
class AutoAugment(_TorchvisionPolicy):
    """A learned policy: 25 pairs of operations, each with a probability and a strength.

    Cubuk et al., "AutoAugment: Learning Augmentation Strategies from Data", CVPR 2019;
    ``torchvision.transforms.v2.AutoAugment``.

    Args:
        policy: Data set that the policy was learned on: ``cifar10`` (for CIFAR-100 too),
            ``imagenet`` or ``svhn``.

    Raises:
        ValueError: Unknown ``policy``.
    """

    policy: str = "cifar10"

    def __post_init__(self) -> None:
        if self.policy not in AUTOAUGMENT_POLICIES:
            raise ValueError(
                f"AutoAugment policy must be one of {AUTOAUGMENT_POLICIES}, got {self.policy!r}"
            )

    def _policy(self) -> Policy:
        """The torchvision transform."""
        from torchvision.transforms import AutoAugmentPolicy, v2  # noqa: PLC0415  takes a second

        policy: Policy = v2.AutoAugment(AutoAugmentPolicy(self.policy))
        return policy


@dataclass(frozen=True)
class RandAugment(_TorchvisionPolicy):
    """A few operations drawn with equal chance, all of one strength.

    Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced Search Space",
    NeurIPS 2020; ``torchvision.transforms.v2.RandAugment``.

    Args:
        num_ops: Operations per image, one after the other.
        magnitude: Strength, from 0 to ``bins - 1``.
        bins: Number of strengths.

    Raises:
        ValueError: An argument is no integer or out of range.
    """

    num_ops: int = 2
    magnitude: int = 9
    bins: int = 31

    def __post_init__(self) -> None:
        _require_integer("RandAugment num_ops", self.num_ops, 1, 64)
        _require_integer("RandAugment bins", self.bins, 2, 1000)
        _require_integer("RandAugment magnitude", self.magnitude, 0, self.bins - 1)

    def _policy(self) -> Policy:
        """The torchvision transform."""
        from torchvision.transforms import v2  # noqa: PLC0415  takes a second

        policy: Policy = v2.RandAugment(self.num_ops, self.magnitude, self.bins)
        return policy


@dataclass(frozen=True)
class TrivialAugment(_TorchvisionPolicy):
    """One operation with a random strength, from the wide space.

    Mueller & Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation", ICCV
    2021; ``torchvision.transforms.v2.TrivialAugmentWide``.

    Args:
        bins: Number of strengths.

    Raises:
        ValueError: ``bins`` is no integer of at least 2.
    """

    bins: int = 31

    def __post_init__(self) -> None:
        _require_integer("TrivialAugment bins", self.bins, 2, 1000)

    def _policy(self) -> Policy:
        """The torchvision transform."""
        from torchvision.transforms import v2  # noqa: PLC0415  takes a second

        policy: Policy = v2.TrivialAugmentWide(self.bins)
        return policy


def _require_integer(name: str, value: int, low: int, high: int) -> None:
    """Refuse what is no integer from ``low`` to ``high``."""
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{name} must be an integer from {low} to {high}, got {value!r}")
