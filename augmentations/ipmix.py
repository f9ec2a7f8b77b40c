"""IPMix: chains of image-level and patch-level mixing with label-free pictures."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from augmentations.base import Augmentation, Batch, ModelHandle
from augmentations.chains import ChainPlan, ImageSteps, PatchSteps
from augmentations.compiled import wanted
from augmentations.frameworks import SerialPlan, run_plan, serial
from augmentations.ipmix_presets import (
    CHOICES,
    CIFAR_PATCHES,
    FULL_IMAGE,
    IMAGENET_PATCHES,
    PRESETS,
    RANGES,
)
from augmentations.mixing import MIXING_OPS
from augmentations.ops import DISJOINT_OPS, OPS, moving
from augmentations.patches import draw_mixing, draw_patches
from augmentations.random import (
    beta,
    dirichlet,
    integers,
    named_keys,
    part_keys,
    uniform,
    view_keys,
)
from augmentations.switches import from_preset, require, require_fields
from augmentations.tables import draw_ops


class _Draw:
    """Numbers of the draws: of a view, of a chain, and of a step (each has keys of its own)."""

    MIX_WEIGHT = 0
    CHAIN_WEIGHTS = 1  # to k
    METHOD = 0
    DEPTH = 1
    OP = 0  # to 2
    SOURCE = 3
    SOURCE_OP = 4  # to 6
    PATCH = 7  # to 13
    MIXING = 14  # to 18
    STEP_METHOD = 19  # of framework linear


@dataclass(frozen=True)
class IPMix(Augmentation):
    """Mix image-level, patch-level and pixel-level augmentation, keeping the label.

    Huang et al., "IPMix: Label-Preserving Data Augmentation Method for Training Robust
    Classifiers", NeurIPS 2023, Algorithm 1, and the authors' code (050bcb6), which differs from it;
    the presets of ``ipmix`` name the three distributions. State is uint8 after every step, and the
    final mixture is neither rounded nor clipped. Takes square uint8 images, gives float32 in
    [0, 1].

    Args:
        preset: Which published form the other switches started from.
        k: Chains.
        t: Largest depth of a chain.
        min_depth: Smallest depth: 0 in the code, 1 in the paper.
        alpha: Parameter of the Dirichlet (chains) and Beta (clean weight) distributions.
        beta: Severity of add and multiply.
        severity: Largest level of the image operations, up to 10.
        patches: Patch sides; one that exceeds the image means the full image. Empty: by the size of
            the image, (4, 8, 16, 32) below 64 pixels, otherwise (4, 8, 16, 32, 64, 256).
        shapes: ``both``, ``square`` or ``scar``.
        scar_aspect: ``official``, any rectangle up to the size; ``thin`` as the paper words it.
        x_aug: Whether half of the patch steps mix with an augmented copy of the image itself.
        all_ops: Whether to add the five operations that resemble corruptions.
        overflow: ``wrap`` (as the code) or ``clip``.
        methods: ``both`` kinds of chain, or only ``image`` or ``patch`` chains.
        mixing: Subset of ``mixing.MIXING_OPS``.
        framework: ``chain``: chains side by side, as the code; ``linear``: one line of steps, each
            of either kind; ``input``: chains that each start from the rounded mixture of the one
            before. The last two are reconstructions of Figure 4, which has no code.
        linear_steps: Most steps of ``linear``: ``k*t`` or ``t``.
        linear_skip: Whether ``linear`` is mixed with the clean image at the end.

    Raises:
        ValueError: A switch has a value that is not allowed; the message names those that are.
    """

    preset: str = "official_cifar"
    k: int = 3
    t: int = 3
    min_depth: int = 0
    alpha: float = 1.0
    beta: float = 3.0
    severity: float = 3.0
    patches: tuple[int, ...] = CIFAR_PATCHES
    shapes: str = "both"
    scar_aspect: str = "official"
    x_aug: bool = False
    all_ops: bool = False
    overflow: str = "wrap"
    methods: str = "both"
    mixing: tuple[str, ...] = MIXING_OPS
    framework: str = "chain"
    linear_steps: str = "k*t"
    linear_skip: bool = False

    needs_partners: ClassVar[bool] = True
    gives: ClassVar[torch.dtype] = torch.float32

    def __post_init__(self) -> None:
        require_fields(
            self,
            integers={"k": (1, 64), "t": (1, 64), "min_depth": (0, 64)},
            numbers=RANGES,
            flags=("x_aug", "all_ops", "linear_skip"),
            choices=CHOICES,
        )
        whole = all(type(patch) is int and patch >= 2 for patch in self.patches)
        require("IPMix", "patches", self.patches, whole, "integer sides of at least 2")
        fits = self.min_depth <= self.t
        require("IPMix", "min_depth", self.min_depth, fits, f"0 to t={self.t}")
        known = bool(self.mixing) and set(self.mixing) <= set(MIXING_OPS)
        require("IPMix", "mixing", self.mixing, known, f"a non-empty subset of {MIXING_OPS}")

    def views(self, batch: Batch, n: int, model: ModelHandle | None = None) -> list[Batch]:
        """``n`` independent views, computed together; equal to separate calls bit for bit."""
        self._check(batch, model)
        keys = view_keys(batch.keys, torch.arange(n, device=batch.keys.device)[:, None])
        plan = self._draw(keys.flatten(), (batch.images.shape[2], batch.images.shape[3]))
        mixed = torch.split(self._apply(batch, plan).images, len(batch.images))
        return [batch.replace(images=i, keys=k) for i, k in zip(mixed, keys, strict=True)]

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> ChainPlan | SerialPlan:
        """All decisions for the views with these keys (V,)."""
        if wanted(keys) and self.framework != "input":
            from augmentations.compiled.draw import draw_chains  # noqa: PLC0415  needs numba

            return draw_chains(self, keys, size)
        plan = self.draw_chains(keys, size)
        if self.framework != "input":
            return plan
        own = named_keys(keys, "ipmix")
        numbers = torch.arange(self.k, device=keys.device)[:, None] + _Draw.CHAIN_WEIGHTS
        return serial(plan, uniform(own, numbers), self._draw_blend(own))

    def draw_chains(self, keys: Tensor, size: tuple[int, int]) -> ChainPlan:
        """The chains of the views with keys (V,) for images of a size; ``linear`` has one chain."""
        side = self._side(size)
        keys = named_keys(keys, "ipmix")
        linear = self.framework == "linear"
        chains = 1 if linear else self.k
        steps = self.k * self.t if linear and self.linear_steps == "k*t" else self.t
        chain_keys = part_keys(keys, chains).T  # (k, V)
        step_keys = part_keys(chain_keys, steps).movedim(2, 0)  # (t, k, V)
        depth = integers(chain_keys, self.min_depth, steps, _Draw.DEPTH)
        step = torch.arange(steps, device=keys.device)[:, None, None]
        share = {"both": 0.5, "image": 1.0, "patch": 0.0}[self.methods]
        kind = (step_keys, _Draw.STEP_METHOD) if linear else (chain_keys, _Draw.METHOD)
        by_image = uniform(*kind) < share
        names = OPS if self.all_ops else DISJOINT_OPS
        op, argument = draw_ops(step_keys, names, self.severity, side, _Draw.OP)
        active = (step < depth) & by_image & moving(op, argument)
        images = ImageSteps(active, op, argument)
        patches = self._draw_patches(step_keys, (step < depth) & ~by_image, side)
        weights = self._draw_blend(keys) if linear else self._draw_weights(keys)
        return ChainPlan(weights, images, patches)

    def _draw_blend(self, keys: Tensor) -> Tensor:
        """(2, V) float32: 1 - m for the clean image, m for the result; m is 1 without a skip."""
        mixed = beta(keys, self.alpha, self.alpha, _Draw.MIX_WEIGHT)
        if self.framework == "linear" and not self.linear_skip:
            mixed = torch.ones_like(mixed)
        return torch.stack([1 - mixed, mixed]).to(torch.float32)

    def _draw_weights(self, keys: Tensor) -> Tensor:
        """(1 + k, V) float32: 1 - m for the clean image, m w_i for the chains."""
        share = dirichlet(keys, self.k, self.alpha, _Draw.CHAIN_WEIGHTS).T
        mixed = beta(keys, self.alpha, self.alpha, _Draw.MIX_WEIGHT)
        return torch.cat([(1 - mixed)[None], mixed * share]).to(torch.float32)

    def _draw_patches(self, keys: Tensor, active: Tensor, side: int) -> PatchSteps:
        """Patch steps for keys (t, k, V)."""
        sizes = self.patches or (CIFAR_PATCHES if side < 64 else IMAGENET_PATCHES)
        sizes = tuple(dict.fromkeys(min(size, side) for size in sizes))
        patches = draw_patches(keys, sizes, side, (self.shapes, self.scar_aspect), _Draw.PATCH)
        mixing = draw_mixing(keys, self.mixing, self.beta, _Draw.MIXING)
        names = OPS if self.all_ops else DISJOINT_OPS
        op, argument = draw_ops(keys, names, self.severity, side, _Draw.SOURCE_OP)
        augmented = (uniform(keys, _Draw.SOURCE) < 0.5) & self.x_aug
        return PatchSteps(active, patches, mixing, ImageSteps(augmented, op, argument))

    def _apply(self, batch: Batch, plan: ChainPlan | SerialPlan) -> Batch:
        """Carry out a plan of one or more views per image (all of view 0 first)."""
        if batch.partners is None:
            raise ValueError("IPMix needs mixing pictures: set Batch.partners")
        return batch.replace(images=run_plan(batch.images, batch.partners, plan, self.overflow))

    def _side(self, size: tuple[int, int]) -> int:
        """The side of the images, if the preset is meant for it."""
        side = size[0]
        if size[0] != size[1]:
            raise ValueError(f"IPMix expects square images, got {size[0]} x {size[1]}: crop first")
        if self.preset == "official_cifar" and side >= 64:
            raise ValueError(
                f"The IPMix preset 'official_cifar' is for 32 x 32 images, got {side} x {side}: "
                "ImageNet-size data must name its preset, ipmix(preset='official_imagenet')"
            )
        too_large = any(side < patch != FULL_IMAGE for patch in self.patches)
        published = self.patches == PRESETS[self.preset].get("patches", CIFAR_PATCHES)
        if self.preset != "paper" and (too_large or (published and side not in self.patches)):
            raise ValueError(
                f"IPMix patches {self.patches} do not fit images of {side} x {side}: "
                "name the preset of that size (32: official_cifar, 224: official_imagenet), or "
                f"pass patches=(..., {side})"
            )
        return side


def ipmix(preset: str = "official_cifar", **switches: Any) -> IPMix:  # noqa: ANN401
    """Make IPMix from a preset with some switches changed.

    Args:
        preset: ``official_cifar`` or ``official_imagenet``, as the authors' scripts run, or
            ``paper``, Algorithm 1 (where it is silent: severity 3, beta 3, alpha 1, wrap).
        **switches: Fields of ``IPMix``.

    Returns:
        The method.

    Raises:
        ValueError: Unknown preset, unknown switch, or a value that is not allowed.
    """
    return from_preset(IPMix, PRESETS, preset, switches)
