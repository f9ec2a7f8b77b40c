"""Chains of image operations side by side: what AugMix and AugMax have in common."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

import torch
from torch import Tensor

from augmentations.augmix_ops import draw_image_steps
from augmentations.base import Augmentation
from augmentations.chains import ChainPlan, ImageSteps, PatchSteps, run_chains
from augmentations.patches import Mixing, Patches
from augmentations.random import beta, dirichlet, integers, part_keys
from augmentations.switches import require, require_fields, require_square


class _Draw(IntEnum):
    """Numbers of the draws: of a view, of a chain, and of a step (each has keys of its own)."""

    MIX_WEIGHT = 0
    CHAIN_WEIGHTS = 1  # to k
    DEPTH = 0
    OP = 0  # to 2


@dataclass(frozen=True, kw_only=True)
class ImageChains(Augmentation):
    """Base of the methods that mix chains of AugMix's operations with the clean image.

    Takes square uint8 images, gives float32 in [0, 1].

    Args:
        k: Chains.
        t: Largest depth of a chain.
        min_depth: Smallest depth; equal to ``t`` it fixes the depth.
        alpha: Parameter of the Dirichlet (chains) and Beta (clean weight) distributions.
        severity: Largest level of the operations, up to 10.
        all_ops: Whether to add the four operations that resemble corruptions.

    Raises:
        ValueError: A switch has a value that is not allowed; the message says which are.
    """

    k: int = 3
    t: int = 3
    min_depth: int = 1
    alpha: float = 1.0
    severity: float = 3.0
    all_ops: bool = False

    gives: ClassVar[torch.dtype] = torch.float32

    def __post_init__(self) -> None:
        require_fields(
            self,
            integers={"k": (1, 64), "t": (1, 64), "min_depth": (0, 64)},
            numbers={"alpha": (0.01, 1e6), "severity": (0.1, 10)},
            flags=("all_ops",),
        )
        fits = self.min_depth <= self.t
        require(type(self).__name__, "min_depth", self.min_depth, fits, f"at most t={self.t}")

    def draw_chains(self, keys: Tensor, size: tuple[int, int]) -> ChainPlan:
        """The chains of V views.

        Args:
            keys: (V,) int64 that serve nothing else (see ``random.named_keys``).
            size: Height and width of the images.

        Raises:
            ValueError: The images are not square.
        """
        side = require_square(type(self).__name__, size)
        chain_keys = part_keys(keys, self.k).T  # (k, V)
        step_keys = part_keys(chain_keys, self.t).movedim(2, 0)  # (t, k, V)
        depth = integers(chain_keys, self.min_depth, self.t, _Draw.DEPTH)
        step = torch.arange(self.t, device=keys.device)[:, None, None]
        steps = draw_image_steps(step_keys, (self.all_ops, self.severity, side), _Draw.OP)
        images = ImageSteps((step < depth) & steps.active, steps.op, steps.argument)
        return ChainPlan(self._draw_weights(keys), images, _no_patches(images))

    def _draw_weights(self, keys: Tensor) -> Tensor:
        """(1 + k, V) float32: 1 - m for the clean image, m w_i for the chains."""
        share = dirichlet(keys, self.k, self.alpha, _Draw.CHAIN_WEIGHTS).T
        mixed = beta(keys, self.alpha, self.alpha, _Draw.MIX_WEIGHT)
        return torch.cat([(1 - mixed)[None], mixed * share]).to(torch.float32)


def mix_chains(images: Tensor, plan: ChainPlan) -> Tensor:
    """Carry out chains without patches, and mix them with the clean images.

    Args:
        images: (N, 3, H, W) uint8.
        plan: For V views; view v belongs to image v modulo N.

    Returns:
        (V, 3, H, W) float32 in [0, 1].
    """
    return run_chains(images, images, plan, "wrap")  # partners and overflow belong to patches


def chain_images(images: Tensor, plan: ChainPlan) -> Tensor:
    """Carry out the same chains, and mix nothing.

    Args:
        images: (N, 3, H, W) uint8.
        plan: For N views of k chains.

    Returns:
        (k, N, 3, H, W) float32 in [0, 1]: every chain's picture.
    """
    steps, chains, views = plan.images.active.shape
    apart = ImageSteps(*(field.reshape(steps, 1, -1) for field in vars(plan.images).values()))
    only_the_chain = plan.weights.new_tensor([0.0, 1.0])[:, None].expand(2, chains * views)
    result = mix_chains(images, ChainPlan(only_the_chain, apart, _no_patches(apart)))
    return result.view(chains, *images.shape)


def _no_patches(like: ImageSteps) -> PatchSteps:
    """Patch steps of the same shape, none of which is carried out."""
    never, number = torch.zeros_like(like.active), torch.zeros_like(like.op)
    fraction = number.to(torch.float32)
    patches = Patches(left=number, top=number, width=number, height=number)
    mixing = Mixing(op=number, a=fraction, b=fraction, keep=fraction, mask_keys=number)
    return PatchSteps(never, patches, mixing, ImageSteps(never, like.op, like.argument))
