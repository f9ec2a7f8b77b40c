"""Methods that mix the images of a batch with one another: within groups, keyed by the group."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from augmentations.base import Augmentation
from augmentations.random import random_bits
from augmentations.switches import require_fields


@dataclass(frozen=True, kw_only=True)
class GroupMethod(Augmentation):
    """Base of the methods that mix images and labels within groups of consecutive rows.

    The published codes draw one coefficient per batch; a group is that batch, with a size that does
    not depend on how many images are computed at a time. The last group may be smaller; a last row
    that would be alone joins the group before it.

    Args:
        mix_group: Rows of a group.

    Raises:
        ValueError: Not a whole number of at least 2 rows.
    """

    mix_group: int = 128

    mixes_labels: ClassVar[bool] = True
    takes: ClassVar[torch.dtype] = torch.float32
    gives: ClassVar[torch.dtype] = torch.float32

    def __post_init__(self) -> None:
        require_fields(self, integers={"mix_group": (2, 1_000_000)})


def group_numbers(rows: int, size: int, device: torch.device) -> Tensor:
    """(rows,) int64: the group of each row, groups being ``size`` consecutive rows.

    A last row that would be alone joins the group before it: it has to have a partner.
    """
    groups = torch.arange(rows, device=device) // size
    if rows > size and rows % size == 1:
        groups[-1] -= 1
    return groups


def group_keys(keys: Tensor, size: int) -> Tensor:
    """One key per group, repeated over its rows: (N,) int64; any row's key changes it.

    Args:
        keys: (N,) int64.
        size: Rows of a group.
    """
    group = group_numbers(len(keys), size, keys.device)
    total = torch.zeros(int(group[-1]) + 1, dtype=torch.int64, device=keys.device)
    total.scatter_add_(0, group, random_bits(keys, 0))  # int64 addition wraps: any order, one sum
    return random_bits(total, 0)[group]


def permutation(keys: Tensor, size: int, draw: int) -> Tensor:
    """A uniform permutation of the rows of every group: (N,) int64 row numbers of the partners.

    Args:
        keys: (N,) int64, of the rows, not of the groups.
        size: Rows of a group.
        draw: Number of the draw.
    """
    order = torch.argsort(random_bits(keys, draw), stable=True)
    group = group_numbers(len(keys), size, keys.device)
    return order[torch.argsort(group[order], stable=True)]
