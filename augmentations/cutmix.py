"""CutMix."""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import Batch
from augmentations.boxes import Boxes, half_sides
from augmentations.groups import GroupMethod, group_keys, permutation
from augmentations.random import beta, integers, named_keys, uniform
from augmentations.switches import ALPHA, require_fields


@dataclass(frozen=True)
class CutMix(GroupMethod):
    """A box of another image, and labels mixed by its exact area.

    Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
    Features", ICCV 2019. One box per group; its centre is uniform over the pixels, and what sticks
    out is lost. Takes and gives float32 in [0, 1], targets (N, K).

    Args:
        alpha: Both parameters of the Beta distribution of the kept area; 1 on CIFAR, 0.2 on
            ImageNet in the IPMix paper.
        probability: That a group is mixed; 0.5 on CIFAR.
        mix_group: Rows that share a box and are permuted.

    Raises:
        ValueError: ``alpha`` is not positive and finite, or ``probability`` not in [0, 1].
    """

    alpha: float = 1.0
    probability: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        require_fields(self, numbers={"alpha": ALPHA, "probability": (0, 1)})

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> tuple[Boxes, Tensor]:
        """The box of each row (empty where nothing is mixed) and its partner (N,) int64."""
        keys = named_keys(keys, "cutmix")
        group = group_keys(keys, self.mix_group)
        share = beta(group, self.alpha, self.alpha, draw=0)
        share = torch.where(uniform(group, 1) < self.probability, share, 1.0)
        y, x = (integers(group, 0, side - 1, draw) for side, draw in zip(size, (2, 3), strict=True))
        boxes = Boxes.around(y, x, half_sides(share, size), size)
        return boxes, permutation(keys, self.mix_group, draw=4)

    def _apply(self, batch: Batch, plan: tuple[Boxes, Tensor]) -> Batch:
        """Paste the boxes and mix the targets."""
        boxes, order = plan
        return paste(batch, boxes, order)


def paste(batch: Batch, boxes: Boxes, order: Tensor) -> Batch:
    """Paste the box of row ``order[i]`` into row i; targets (N, K) are mixed by the exact area."""
    height, width = batch.images.shape[2:]
    images = torch.where(boxes.mask((height, width)), batch.images[order], batch.images)
    share = 1 - boxes.area().to(torch.float32) / torch.full_like(boxes.area(), height * width)
    targets = torch.lerp(batch.targets[order], batch.targets, share[:, None])
    return batch.replace(images=images, targets=targets)
