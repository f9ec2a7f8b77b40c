"""Projected gradient descent."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from augmentations.random import by_position, image_keys
from robench.attacks.base import AttackResult, Network
from robench.attacks.gradient import attacked, input_gradient, predict
from robench.registry import canonical


@dataclass(frozen=True)
class PGD:
    """Projected gradient ascent on the summed cross-entropy, in the ball around the clean image.

    Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018, with
    the constants of the PixMix and IPMix papers. Their code centres the ball on the noised image
    and so reaches 4/255; here every value of the result is within ``eps`` of the clean one, exactly
    when compared in float64, and within [0, 1].

    The random start of an image depends on its index and the seed alone, to the bit, whatever the
    batch; the steps after it are equal up to the rounding of the network.

    ``stop="first"`` takes an image as fooled when the network is wrong at any point on its way, the
    clean image included, keeps that point and spends no more steps on it. ``stop="never"`` goes all
    the way and takes it as fooled when the network is wrong at the last point. The way is the same,
    so what ``never`` fools ``first`` fools too (up to the rounding of the network in batches of
    another size), with less work; the reverse does not hold.

    Args:
        steps: Gradient steps, at least 1.
        eps: Radius on the [0, 1] scale, positive.
        step_size: Length of a step on the same scale, positive.
        norm: Of the ball; ``Linf``.
        random_start: Start from a uniform point of the ball, else from the clean image.
        stop: ``first`` or ``never``.
        seed: Of the random start.

    Raises:
        ValueError: An argument outside its range.
    """

    steps: int = 20
    eps: float = 2 / 255
    step_size: float = 0.5 / 255
    norm: Literal["Linf"] = "Linf"
    random_start: bool = True
    stop: Literal["first", "never"] = "first"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        for name in ("eps", "step_size"):
            value = getattr(self, name)
            if not (math.isfinite(value) and 0 < value <= 1):
                raise ValueError(f"{name} must be in (0, 1], the scale of the images, got {value}")
        if self.norm != "Linf":
            raise ValueError(f"norm must be 'Linf', got {self.norm!r}")
        if self.stop not in ("first", "never"):
            raise ValueError(f"stop must be 'first' or 'never', got {self.stop!r}")

    @property
    def literal(self) -> str:
        """``pgd(eps=0.00784313725490196, ...)``: every argument, digits enough to be exact."""
        return canonical("pgd", asdict(self))

    def describe(self) -> dict[str, Any]:
        """Every argument, and the versions of what is not one."""
        return {"name": "pgd", "loss": "sum-ce", "start_version": 1, **asdict(self)}

    def __call__(
        self, model: Network, images: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Attack a batch in fp32, in evaluation mode; the network is left as it was.

        Args:
            model: Takes images in [0, 1] and normalises inside.
            images: (N, 3, H, W) float32 in [0, 1].
            labels: (N,) int64.
            indices: (N,) int64 positions in the data set, which key the random start.

        Returns:
            Images of the same shape, and per image whether and when it was fooled. With ``first``,
            ``steps`` is 1 for an image that the random start itself fools; with ``never`` it is
            the number of all steps for every fooled image.

        Raises:
            ValueError: Arguments of another shape, dtype or range.
            RunError: Logits or gradients that are not finite, or that do not reach the images.
        """
        _check(images, labels, indices)
        with attacked(model, images.device):
            clean = images.detach().clone(memory_format=torch.channels_last)
            labels = labels.clone()  # tensors of inference mode cannot enter a graph
            ball = linf_ball(clean, self.eps)
            start = self.start(clean, indices)
            if self.stop == "first":
                return self._until_fooled(model, clean, start, ball, labels)
            return self._to_the_end(model, start, ball, labels)

    def start(self, images: Tensor, indices: Tensor) -> Tensor:
        """Where the search for each of ``images`` (N, 3, H, W) begins, in the ball and [0, 1]."""
        if not self.random_start:
            return images.clone()
        keys = image_keys(self.seed, 0, indices)
        positions = torch.arange(images.shape[1:].numel(), device=images.device)
        draws = by_position(keys[:, None], positions).view(images.shape)
        noise = (2.0 * draws - 1.0) * self.eps
        start = torch.clamp(images + noise, *linf_ball(images, self.eps))
        return start.contiguous(memory_format=torch.channels_last)

    def _to_the_end(
        self, model: Network, start: Tensor, ball: tuple[Tensor, Tensor], labels: Tensor
    ) -> AttackResult:
        """All steps for all images; the last point decides."""
        points = start
        for _ in range(self.steps):
            points, _ = self._step(model, points, ball, labels)
        fooled = predict(model, points) != labels
        steps = torch.where(fooled, self.steps, -1)
        return AttackResult(points, fooled, steps)

    def _until_fooled(
        self,
        model: Network,
        clean: Tensor,
        start: Tensor,
        ball: tuple[Tensor, Tensor],
        labels: Tensor,
    ) -> AttackResult:
        """Steps for those images that the network still gets right."""
        found, steps = start.clone(), torch.full_like(labels, -1)
        wrong = predict(model, clean) != labels
        found[wrong], steps[wrong] = clean[wrong], 0
        alive = (~wrong).nonzero()[:, 0]
        for step in range(self.steps):
            if not len(alive):
                break
            here = (_rows(ball[0], alive), _rows(ball[1], alive))
            points = _rows(found, alive)
            further, wrong = self._step(model, points, here, labels[alive])
            steps[alive[wrong]] = max(step, 1)
            found[alive[~wrong]] = further[~wrong]
            alive = alive[~wrong]
        if len(alive):
            wrong = predict(model, _rows(found, alive)) != labels[alive]
            steps[alive[wrong]] = self.steps
        return AttackResult(found, steps >= 0, steps)

    def _step(
        self, model: Network, points: Tensor, ball: tuple[Tensor, Tensor], labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The next points (N, 3, H, W), and whether the network was wrong at these (N,)."""
        logits, gradient = input_gradient(model, points, labels)
        return torch.clamp(points + self.step_size * gradient.sign(), *ball), (
            logits.argmax(1) != labels
        )


def pgd20() -> PGD:
    """20 steps of 0.5/255 within 2/255, as the PixMix and IPMix papers say."""
    return PGD()


def linf_ball(images: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Smallest and largest float32 values within ``eps`` of the images and within [0, 1].

    The bounds are rounded towards the images, so that no float32 between them is further away than
    ``eps`` in float64.

    Args:
        images: (N, 3, H, W) float32 in [0, 1].
        eps: Radius on that scale.

    Returns:
        Two tensors of the same shape, dtype and memory format.
    """
    exact = images.double()
    low, high = (exact - eps).float(), (exact + eps).float()
    low = torch.where(exact - low.double() > eps, torch.nextafter(low, images), low)
    high = torch.where(high.double() - exact > eps, torch.nextafter(high, images), high)
    return low.clamp(min=0.0), high.clamp(max=1.0)


def _rows(values: Tensor, index: Tensor) -> Tensor:
    """Some of the images, still channels_last."""
    return values[index].contiguous(memory_format=torch.channels_last)


def _check(images: Tensor, labels: Tensor, indices: Tensor) -> None:
    """Refuse what would be attacked wrongly.

    Raises:
        ValueError: See `PGD.__call__`.
    """
    if images.ndim != 4 or images.dtype != torch.float32:
        raise ValueError(
            f"expected images (N, 3, H, W) of float32, got {tuple(images.shape)} {images.dtype}"
        )
    if labels.shape != images.shape[:1] or indices.shape != images.shape[:1]:
        raise ValueError(
            f"expected one label and one index for each of {len(images)} images, got "
            f"{tuple(labels.shape)} and {tuple(indices.shape)}"
        )
    if len(images) and not (images.min() >= 0 and images.max() <= 1):
        raise ValueError("expected images in [0, 1]: normalisation belongs inside the model")
