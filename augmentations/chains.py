"""IPMix's chains on a whole batch, carried out from a plan without randomness."""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.compiled import wanted
from augmentations.ops import apply_ops_, take_rows
from augmentations.patch_mixing import Rows, mix_patches_
from augmentations.patches import Index, Mixing, Patches

_CACHE_VALUES = 600_000  # values mixed at a time on a CPU, so that the chains stay in its cache


@dataclass(frozen=True, eq=False)
class ImageSteps:
    """An image operation for each step; every field has the same shape.

    Attributes:
        active: bool, whether the step is carried out.
        op: int64 position in ``ops.OPS``.
        argument: float64, see ``tables.op_arguments``.
    """

    active: Tensor
    op: Tensor
    argument: Tensor

    def __getitem__(self, index: Index) -> "ImageSteps":
        """The same selection of every field."""
        return ImageSteps(self.active[index], self.op[index], self.argument[index])


@dataclass(frozen=True, eq=False)
class PatchSteps:
    """A patch operation for each step; every field has the same shape.

    Attributes:
        active: bool, whether the step is carried out.
        patches: Where.
        mixing: How.
        source: The operation that makes the second picture from the clean image; where it is not
            active the second picture is the partner.
    """

    active: Tensor
    patches: Patches
    mixing: Mixing
    source: ImageSteps


@dataclass(frozen=True, eq=False)
class ChainPlan:
    """All decisions for V views of k chains of t steps.

    Attributes:
        weights: (1 + k, V) float32, rows of a convex combination: the clean image, the chains.
        images: Image steps, (t, k, V).
        patches: Patch steps, (t, k, V).
    """

    weights: Tensor
    images: ImageSteps
    patches: PatchSteps

    def of_views(self, index: Tensor) -> "ChainPlan":
        """The plan of some of the views."""
        where = (..., index)
        patches = PatchSteps(
            self.patches.active[where],
            self.patches.patches[where],
            self.patches.mixing[where],
            self.patches.source[where],
        )
        return ChainPlan(self.weights[where], self.images[where], patches)


def run_chains(images: Tensor, partners: Tensor, plan: ChainPlan, overflow: str) -> Tensor:
    """Mix every view of every image.

    Args:
        images: (N, 3, H, W) uint8.
        partners: (N, 3, H, W) uint8 mixing pictures.
        plan: For V views; view v belongs to image v modulo N.
        overflow: ``wrap`` or ``clip``, see ``mixing.quantise``.

    Returns:
        (V, 3, H, W) float32 in [0, 1], neither quantised nor clipped.
    """
    if wanted(images):
        from augmentations.compiled.chains import run  # noqa: PLC0415  needs numba

        return run(images, partners, plan, overflow)
    count, views = len(images), plan.weights.shape[1]
    chunk = count if images.is_cuda else max(1, _CACHE_VALUES // images[0].numel())
    if count <= chunk:
        return _run(images, partners, plan, overflow)
    mixed = images.new_empty((views // count, *images.shape), dtype=torch.float32)
    numbers = torch.arange(views, device=images.device).view(-1, count)
    for start in range(0, count, chunk):
        here = slice(start, start + chunk)
        some = plan.of_views(numbers[:, here].flatten())
        result = _run(images[here], partners[here], some, overflow)
        mixed[:, here] = result.view(len(mixed), -1, *images.shape[1:])
    return mixed.flatten(0, 1)


def _run(images: Tensor, partners: Tensor, plan: ChainPlan, overflow: str) -> Tensor:
    """``run_chains`` on so few images that everything stays in cache."""
    steps, chains, views = plan.images.active.shape
    images, partners = images.contiguous(), partners.contiguous()
    state = images.repeat(chains * views // len(images), 1, 1, 1)
    pictures, picture_of = _second_pictures(images, partners, plan.patches)
    for step in range(steps):
        todo = plan.images[step]
        rows = todo.active.flatten().nonzero()[:, 0]
        apply_ops_(state, rows, todo.op.flatten()[rows], todo.argument.flatten()[rows])
        where = plan.patches.active[step].nonzero(as_tuple=True)
        rows = where[0] * views + where[1]
        source = Rows(pictures, picture_of[step][where])
        patches, mixing = plan.patches.patches[step][where], plan.patches.mixing[step][where]
        mix_patches_(Rows(state, rows), source, patches, mixing, overflow)
    return _combine(images, state.view(chains, views, *images.shape[1:]), plan.weights)


def _second_pictures(images: Tensor, partners: Tensor, plan: PatchSteps) -> tuple[Tensor, Tensor]:
    """The partners followed by all augmented copies, and the row that each step uses (t, k, V)."""
    views = plan.active.shape[2]
    image_of = torch.arange(views, device=images.device) % len(images)
    picture_of = image_of.expand(plan.active.shape).clone()
    wanted = plan.active & plan.source.active
    places = wanted.nonzero()
    if len(places) == 0:
        return partners, picture_of
    rows = torch.arange(len(places), device=images.device)
    copies = take_rows(images, image_of[places[:, 2]])
    todo = plan.source[wanted]
    apply_ops_(copies, rows, todo.op, todo.argument)
    picture_of[wanted] = rows + len(images)
    return torch.cat([partners, copies]), picture_of


def _combine(images: Tensor, state: Tensor, weights: Tensor) -> Tensor:
    """Convex combination in float32 of the images and the chains (k, V, 3, H, W)."""
    chains, views = state.shape[:2]
    scaled = (weights / torch.full_like(weights, 255.0))[..., None, None, None]
    clean = images.to(torch.float32).repeat(views // len(images), 1, 1, 1)
    mixed = clean.mul_(scaled[0])
    for chain in range(chains):
        mixed.addcmul_(state[chain].to(torch.float32), scaled[chain + 1])
    return mixed.clamp_(max=1.0)  # the weights sum to 1 up to rounding
