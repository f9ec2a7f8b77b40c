"""The balls that an attack stays in: where it starts, how it steps, and how far it may go."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.random import by_position


@dataclass(frozen=True)
class LinfBall:
    """All images within ``eps`` of their centre in every value, and within [0, 1].

    Attributes:
        low: (N, 3, H, W) float32, the smallest values.
        high: The same, the largest.
    """

    low: Tensor
    high: Tensor

    def rows(self, index: Tensor) -> "LinfBall":
        """The balls of some images."""
        return LinfBall(channels_last(self.low[index]), channels_last(self.high[index]))

    def project(self, points: Tensor) -> Tensor:
        """The nearest point of the ball."""
        return torch.clamp(points, self.low, self.high)

    def step(self, points: Tensor, gradient: Tensor, size: float) -> Tensor:
        """Go ``size`` up in every value where the gradient is positive, down where negative."""
        return self.project(torch.add(points, gradient.sign(), alpha=size))


@dataclass(frozen=True)
class L2Ball:
    """All images within the Euclidean distance ``eps`` of their centre, and within [0, 1].

    Attributes:
        centre: (N, 3, H, W) float32 in [0, 1].
        eps: The radius.
    """

    centre: Tensor
    eps: float

    def rows(self, index: Tensor) -> "L2Ball":
        """The balls of some images."""
        return L2Ball(channels_last(self.centre[index]), self.eps)

    def project(self, points: Tensor) -> Tensor:
        """The point of the ball on the way to the centre, then clipped to [0, 1].

        Where float32 would round away from the centre the next value towards it is taken, so that
        the distance in float64 is at most ``eps``.
        """
        centre = self.centre.double()
        offset = points.double() - centre
        norms = _norms(offset)
        factor = torch.where(norms > self.eps, self.eps / norms, 1.0)
        exact = centre + offset * factor * (1 - 1e-12)
        nearest = exact.float()
        beyond = (nearest.double() - centre).abs() > (exact - centre).abs()
        inside = torch.where(beyond, torch.nextafter(nearest, self.centre), nearest)
        return channels_last(inside.clamp(0.0, 1.0))

    def step(self, points: Tensor, gradient: Tensor, size: float) -> Tensor:
        """Go ``size`` along the gradient of each image; nowhere where it is zero."""
        norms = _norms(gradient)
        scale = torch.where(norms > 0, size / norms.clamp(min=torch.finfo().tiny), 0.0)
        return self.project(points + gradient * scale)


Ball = LinfBall | L2Ball


def linf_noise(keys: Tensor, shape: torch.Size, eps: float) -> Tensor:
    """Uniform noise within ``eps`` in every value: ``shape`` (N, 3, H, W) float32.

    Args:
        keys: (N,) int64, one per image; each image's noise depends on its key alone.
        shape: Of the images.
        eps: Radius.
    """
    return (2.0 * _uniform(keys, shape, 0) - 1.0) * eps


def l2_noise(keys: Tensor, shape: torch.Size, eps: float) -> Tensor:
    """Noise that is uniform in the Euclidean ball of radius ``eps``: (N, 3, H, W) float32.

    A normal direction, and a distance of ``eps`` times the d-th root of a uniform number, d being
    the number of values of an image: nearly all of a ball of many dimensions is at its rim. (The
    peers draw the distance itself uniformly.)

    Args:
        keys: (N,) int64, as for `linf_noise`.
        shape: Of the images.
        eps: Radius.
    """
    size = math.prod(shape[1:])
    first, second = (_uniform(keys, shape, part).double().flatten(1) for part in (0, 1))
    normal = torch.sqrt(-2.0 * torch.log1p(-first)) * torch.cos(2.0 * math.pi * second)
    length = by_position(keys[:, None], torch.tensor([2 * size], device=keys.device)).double()
    norms = _row_sums(normal.square()).sqrt()
    return (normal / norms * eps * length ** (1.0 / size)).float().view(shape)


def linf_ball(images: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Smallest and largest float32 values within ``eps`` of the images and within [0, 1].

    The bounds are rounded towards the images, so that no float32 between them is further away than
    ``eps`` in float64.

    Args:
        images: (N, 3, H, W) float32, at most ``eps`` outside [0, 1].
        eps: Radius on that scale.

    Returns:
        Two tensors of the same shape, dtype and memory format.
    """
    exact = images.double()
    low, high = (exact - eps).float(), (exact + eps).float()
    low = torch.where(exact - low.double() > eps, torch.nextafter(low, images), low)
    high = torch.where(high.double() - exact > eps, torch.nextafter(high, images), high)
    return low.clamp(min=0.0), high.clamp(max=1.0)


def channels_last(images: Tensor) -> Tensor:
    """The same images in the memory format that convolutions are fastest with."""
    return images.contiguous(memory_format=torch.channels_last)


def _uniform(keys: Tensor, shape: torch.Size, part: int) -> Tensor:
    """U[0, 1) of ``shape``, one number per position; parts are independent."""
    size = math.prod(shape[1:])
    positions = torch.arange(part * size, (part + 1) * size, device=keys.device)
    return by_position(keys[:, None], positions).view(shape)


def _norms(values: Tensor) -> Tensor:
    """Euclidean norm of each of (N, 3, H, W): (N, 1, 1, 1)."""
    norms: Tensor = torch.linalg.vector_norm(values.flatten(1), dim=1)
    return norms.view(-1, 1, 1, 1)


def _row_sums(rows: Tensor) -> Tensor:
    """Sum of each row of (N, d), (N, 1), in an order that does not depend on N.

    A library's sum may take its terms in another order for one row than for many.
    """
    while rows.shape[1] > 1:
        half = rows.shape[1] // 2
        rest = rows[:, 2 * half :]
        rows = torch.cat([rows[:, :half] + rows[:, half : 2 * half], rest], 1)
    return rows
