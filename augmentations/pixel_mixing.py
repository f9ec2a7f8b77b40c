"""PixMix's rounds on a whole batch, carried out from a plan without randomness."""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import to_float
from augmentations.chains import ImageSteps
from augmentations.mixing import FLOOR, MIXING_OPS, power
from augmentations.ops import apply_ops_, take_rows

_CACHE_VALUES = 400_000  # float values mixed at a time on a CPU, so that they stay in its cache


@dataclass(frozen=True, eq=False)
class PixelPlan:
    """All decisions for N images of up to k rounds.

    Attributes:
        first: (N,) the operation on what the rounds start from; where it is not active they start
            from the clean image.
        active: (k, N) bool, whether the round is carried out.
        second: (k, N) the operation that makes the second picture from the clean image; where it
            is not active the second picture is that of ``augmented``.
        augmented: (k, N) bool, whether the second picture is the image's own; else the partner.
        op: (k, N) int64 position in ``mixing.MIXING_OPS``, of add or multiply.
        a: (k, N) float32, see ``mixing.add``.
        b: (k, N) float32.
    """

    first: ImageSteps
    active: Tensor
    second: ImageSteps
    augmented: Tensor
    op: Tensor
    a: Tensor
    b: Tensor

    def of_images(self, rows: slice) -> "PixelPlan":
        """The plan of some of the images."""
        return PixelPlan(**{name: value[..., rows] for name, value in vars(self).items()})


def run_rounds(images: Tensor, partners: Tensor, plan: PixelPlan) -> Tensor:
    """Mix every image with its second pictures, in float32, clipped after each round.

    Args:
        images: (N, 3, H, W) uint8.
        partners: (N, 3, H, W) uint8 mixing pictures.
        plan: For N images.

    Returns:
        (N, 3, H, W) float32 in [0, 1].
    """
    count = len(images)
    chunk = count if images.is_cuda else max(1, _CACHE_VALUES // images[0].numel())
    if count <= chunk:
        return _run(images.contiguous(), partners.contiguous(), plan)
    mixed = images.new_empty(images.shape, dtype=torch.float32)
    for start in range(0, count, chunk):
        here = slice(start, start + chunk)
        some = plan.of_images(here)
        mixed[here] = _run(images[here].contiguous(), partners[here].contiguous(), some)
    return mixed


def _run(images: Tensor, partners: Tensor, plan: PixelPlan) -> Tensor:
    """``run_rounds`` on so few images that everything stays in cache."""
    pictures, first, second = _pictures(images, partners, plan)
    state = to_float(take_rows(pictures, first))
    for number, picture_of in enumerate(second):
        for name, mix_ in _MIX.items():
            chosen = plan.active[number] & (plan.op[number] == MIXING_OPS.index(name))
            rows = chosen.nonzero()[:, 0]
            if len(rows):
                other = take_rows(pictures, picture_of[rows])
                weights = plan.a[number][rows], plan.b[number][rows]
                mixed = mix_(state.index_select(0, rows), other, *weights)
                state.index_copy_(0, rows, mixed.clamp_(0, 1))
    return state


def _add_(first: Tensor, second: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``mixing.add`` of float32 and uint8 images (R, 3, H, W), bit for bit, in place."""
    a, b = (weight[:, None, None, None] for weight in (a, b))
    centred = to_float(second).mul_(2).sub_(1).mul_(b)
    return first.mul_(2).sub_(1).mul_(a).add_(centred).add_(1).div_(2)


def _multiply_(first: Tensor, second: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``mixing.multiply``, see ``_add_``; powers of the 256 codes are tabulated once per row."""
    codes = to_float(torch.arange(256, dtype=torch.uint8, device=first.device))
    table = power(codes, b[:, None], floor=FLOOR).flatten()
    start = torch.arange(0, len(table), 256, dtype=torch.int32, device=first.device)
    place = second.view(len(second), -1) + start[:, None]
    right = table.index_select(0, place.flatten()).view(first.shape)
    return first.mul_(2).pow_(a[:, None, None, None]).mul_(right).div_(2)


_MIX = {"add": _add_, "multiply": _multiply_}
ROUND_OPS = tuple(_MIX)


def _pictures(images: Tensor, partners: Tensor, plan: PixelPlan) -> tuple[Tensor, Tensor, Tensor]:
    """All pictures, and the rows that images start from (N,) and rounds mix in (k, N).

    The pictures are the clean images, the partners, and all augmented copies that are needed, made
    together.
    """
    count = len(images)
    own = torch.arange(count, device=images.device)
    second = torch.where(plan.augmented, own, own + count)
    picture_of = torch.cat([own[None], second])
    needed = torch.cat([plan.first.active[None], plan.active & plan.augmented & plan.second.active])
    places = needed.nonzero(as_tuple=True)
    copies = take_rows(images, places[1])
    rows = torch.arange(len(copies), device=images.device)
    op = torch.cat([plan.first.op[None], plan.second.op])[places]
    argument = torch.cat([plan.first.argument[None], plan.second.argument])[places]
    apply_ops_(copies, rows, op, argument)
    picture_of[places] = rows + 2 * count
    return torch.cat([images, partners, copies]), picture_of[0], picture_of[1:]
