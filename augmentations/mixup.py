"""Mixup."""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import Batch
from augmentations.groups import GroupMethod, group_keys, permutation
from augmentations.random import beta, named_keys
from augmentations.switches import ALPHA, require_fields


@dataclass(frozen=True)
class MixUp(GroupMethod):
    """Convex combination of two images and of their labels.

    Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018, eq. 1. One coefficient per
    group. Takes and gives float32 in [0, 1], targets (N, K).

    Args:
        alpha: Both parameters of the Beta distribution; 1 on CIFAR, 0.2 on ImageNet.
        mix_group: Rows that share a coefficient and are permuted.

    Raises:
        ValueError: ``alpha`` is not positive and finite.
    """

    alpha: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_fields(self, numbers={"alpha": ALPHA})

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The weight of the own image (N,) float32 and the partner of each row (N,) int64."""
        keys = named_keys(keys, "mixup")
        share = beta(group_keys(keys, self.mix_group), self.alpha, self.alpha, draw=0)
        return share.to(torch.float32), permutation(keys, self.mix_group, draw=1)

    def _apply(self, batch: Batch, plan: tuple[Tensor, Tensor]) -> Batch:
        """Mix images and targets with the same weight."""
        share, order = plan
        targets = torch.lerp(batch.targets[order], batch.targets, share[:, None])
        share = share[:, None, None, None]
        images = torch.lerp(batch.images[order], batch.images, share)
        return batch.replace(images=images, targets=targets)
