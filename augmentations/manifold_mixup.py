"""Manifold mixup."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from augmentations.base import Batch, ModelHandle
from augmentations.groups import GroupMethod, group_keys, permutation
from augmentations.random import beta, integers, named_keys
from augmentations.switches import ALPHA, listed, require, require_fields

MIXING_POINTS = (0, 1, 2)
"""The input, behind the first stage, behind the second."""


@dataclass(frozen=True)
class ManifoldMixup(GroupMethod):
    """Mixup of hidden features: the images stay, the network mixes its rows at a random depth.

    Verma et al., "Manifold Mixup: Better Representations by Interpolating Hidden States", ICML
    2019. One depth and one coefficient per group. Takes and gives float32 in [0, 1], unchanged;
    targets (N, K) come back mixed, and `ModelHandle.hidden_mix` is told what the next training step
    mixes. The loss is the recipe's; the authors use binary cross-entropy of the softmax.

    Args:
        alpha: Both parameters of the Beta distribution.
        layers: Mixing points to choose from, of 0 (the input), 1 and 2 (behind the first and the
            second stage), each with the same chance.
        mix_group: Rows that share a coefficient and are permuted.

    Raises:
        ValueError: ``alpha`` is not positive and finite, or ``layers`` empty, repeated or unknown.
    """

    alpha: float = 2.0
    layers: tuple[int, ...] = MIXING_POINTS

    needs_model: ClassVar[bool] = True
    mixes_features: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require_fields(self, numbers={"alpha": ALPHA})
        object.__setattr__(self, "layers", listed(self.layers))
        whole = all(type(layer) is int for layer in self.layers)
        known = whole and 0 < len(set(self.layers)) == len(self.layers)
        fits = known and set(self.layers) <= set(MIXING_POINTS)
        require("ManifoldMixup", "layers", self.layers, fits, f"distinct, of {MIXING_POINTS}")

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
        """Layer (N,) int64, weight of the own features (N,) float32, partner (N,) int64."""
        keys = named_keys(keys, "manifold_mixup")
        group = group_keys(keys, self.mix_group)
        share = beta(group, self.alpha, self.alpha, draw=0).to(torch.float32)
        layer = torch.tensor(self.layers, device=keys.device)[
            integers(group, 0, len(self.layers) - 1, draw=1)
        ]
        return layer, share, permutation(keys, self.mix_group, draw=2)

    def _apply_with_model(
        self, batch: Batch, plan: tuple[Tensor, Tensor, Tensor], model: ModelHandle | None
    ) -> Batch:
        """Announce the mixture to the network and mix the targets."""
        if model is None:
            raise ValueError("ManifoldMixup needs the network: pass model=")
        layer, share, order = plan
        model.hidden_mix(layer, order, share)
        return batch.replace(
            targets=torch.lerp(batch.targets[order], batch.targets, share[:, None])
        )
