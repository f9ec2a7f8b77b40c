"""SaliencyMix."""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import Batch
from augmentations.boxes import Boxes, half_sides
from augmentations.cutmix import paste
from augmentations.groups import GroupMethod, group_keys, group_numbers, permutation
from augmentations.random import beta, named_keys, uniform
from augmentations.saliency import peaks
from augmentations.switches import ALPHA, require_fields


@dataclass(frozen=True)
class SaliencyMix(GroupMethod):
    """CutMix with the box around the most salient pixel of the picture it is cut from.

    Uddin et al., "SaliencyMix: A Saliency Guided Data Augmentation Strategy for Better
    Regularization", ICLR 2021. As in the published method one image, the partner of the group's
    first row, places the box of the whole group. The saliency is `saliency.saliency` on grey
    levels, not OpenCV's. Takes and gives float32 in [0, 1], targets (N, K).

    Args:
        alpha: Both parameters of the Beta distribution of the kept area.
        probability: That a group is mixed.
        per_sample: Whether each row's box lies at the peak of its own partner; the side stays the
            group's.
        mix_group: Rows that share a coefficient and are permuted.

    Raises:
        ValueError: ``alpha`` is not positive and finite, ``probability`` not in [0, 1], or
            ``per_sample`` not True or False.
    """

    alpha: float = 1.0
    probability: float = 0.5
    per_sample: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        numbers = {"alpha": ALPHA, "probability": (0, 1)}
        require_fields(self, numbers=numbers, flags=("per_sample",))

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """The share of the own image (N,) float64, 1 where nothing is mixed, and the partner."""
        keys = named_keys(keys, "saliencymix")
        group = group_keys(keys, self.mix_group)
        share = beta(group, self.alpha, self.alpha, draw=0)
        share = torch.where(uniform(group, 1) < self.probability, share, 1.0)
        return share, permutation(keys, self.mix_group, draw=2)

    def _apply(self, batch: Batch, plan: tuple[Tensor, Tensor]) -> Batch:
        """Find the peaks, paste the boxes and mix the targets."""
        share, order = plan
        size = (batch.images.shape[2], batch.images.shape[3])
        y, x = self._centres(batch.images, order)
        return paste(batch, Boxes.around(y, x, half_sides(share, size), size), order)

    def _centres(self, images: Tensor, order: Tensor) -> tuple[Tensor, Tensor]:
        """Row and column of each box's centre, (N,) int64 each."""
        if self.per_sample:
            y, x = peaks(images)
            return y[order], x[order]
        y, x = peaks(images[order[:: self.mix_group]])
        group = group_numbers(len(images), self.mix_group, images.device)
        return y[group], x[group]
