"""Projected gradient descent."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from augmentations.random import image_keys
from robench.attacks.balls import (
    Ball,
    L2Ball,
    LinfBall,
    channels_last,
    l2_noise,
    linf_ball,
    linf_noise,
)
from robench.attacks.base import AttackResult, Network
from robench.attacks.gradient import attacked, check_images, input_gradient, predict
from robench.attacks.ranges import check_pgd
from robench.registry import canonical

_LATER = {"restarts": 1, "centre": "clean"}
"""Arguments that results older than they are do not name; left out while they say nothing new."""


@dataclass(frozen=True)
class PGD:
    """Projected gradient ascent on the summed cross-entropy, in the ball around the clean image.

    Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018, with
    the constants of the PixMix and IPMix papers. Every value of the result is within ``eps`` of the
    clean one (``L2``: the whole image is), exactly when compared in float64, and within [0, 1].

    The random start of an image depends on its index, the seed and the number of the restart alone,
    to the bit, whatever the batch; the steps after it are equal up to the rounding of the network.

    ``stop="first"`` takes an image as fooled when the network is wrong at any point on its way, the
    clean image included, keeps that point and spends no more steps on it. ``stop="never"`` goes all
    the way and takes it as fooled when the network is wrong at the last point of a restart. The way
    is the same, so what ``never`` fools ``first`` fools too (up to the rounding of the network in
    batches of another size), with less work; the reverse does not hold.

    ``centre="start"`` is what the published code of PixMix and IPMix does: its random start is
    added to the clean image itself, so that the ball is around the start, which is not clipped, and
    values of the result lie up to twice ``eps`` from the clean ones. Each step is clipped to
    [0, 1], the last point decides.

    Args:
        steps: Gradient steps, at least 1.
        eps: Radius on the [0, 1] scale, positive; ``Linf``: at most 1, ``L2``: at most 10,000.
        step_size: Length of a step on the same scale, positive.
        norm: Of the ball; ``Linf``, or ``L2`` of the whole image with steps along the normalised
            gradient.
        random_start: Start from a uniform point of the ball, else from the clean image.
        stop: ``first`` or ``never``.
        seed: Of the random start.
        restarts: Searches from other random starts, at least 1; the first is that of 1 restart.
        centre: ``clean``, or ``start`` for the published code.

    Raises:
        ValueError: An argument outside its range, or two that do not go together.
    """

    steps: int = 20
    eps: float = 2 / 255
    step_size: float = 0.5 / 255
    norm: Literal["Linf", "L2"] = "Linf"
    random_start: bool = True
    stop: Literal["first", "never"] = "first"
    seed: int = 0
    restarts: int = 1
    centre: Literal["clean", "start"] = "clean"

    def __post_init__(self) -> None:
        check_pgd(asdict(self))
        for name in ("eps", "step_size"):  # 1 and 1.0 are one attack, with one literal
            object.__setattr__(self, name, float(getattr(self, name)))

    @property
    def literal(self) -> str:
        """``pgd(eps=0.00784313725490196, ...)``: every argument, digits enough to be exact."""
        return canonical("pgd", self._arguments())

    def describe(self) -> dict[str, Any]:
        """Every argument, and the versions of what is not one."""
        return {"name": "pgd", "loss": "sum-ce", "start_version": 1, **self._arguments()}

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
            Images of the same shape, and per image whether and when it was fooled, all restarts
            counted. With ``first``, ``steps`` is 1 for an image that the random start itself fools;
            with ``never`` it is the number of all steps for every fooled image.

        Raises:
            ValueError: Arguments of another shape, dtype or range.
            RunError: Logits or gradients that are not finite, or that do not reach the images.
        """
        check_images(images, labels)
        if indices.shape != labels.shape:
            raise ValueError(
                f"expected one index for each of {len(images)} images, got {tuple(indices.shape)}"
            )
        with attacked(model, images.device):
            clean = images.detach().clone(memory_format=torch.channels_last)
            labels = labels.clone()  # tensors of inference mode cannot enter a graph
            search = self._until_fooled if self.stop == "first" else self._to_the_end
            return search(model, clean, labels, indices)

    def start(self, images: Tensor, indices: Tensor, restart: int = 0) -> Tensor:
        """Where a search for each of ``images`` (N, 3, H, W) begins: in the ball and [0, 1].

        With ``centre="start"`` it may be outside [0, 1].
        """
        if not self.random_start:
            return images.clone()
        keys = image_keys(self.seed, restart, indices)
        noise = (linf_noise if self.norm == "Linf" else l2_noise)(keys, images.shape, self.eps)
        start = channels_last(images + noise)
        return start if self.centre == "start" else self._ball(images).project(start)

    def _arguments(self) -> dict[str, Any]:
        """All but later ones that say nothing new."""
        return {k: v for k, v in asdict(self).items() if k not in _LATER or v != _LATER[k]}

    def _ball(self, centre: Tensor) -> Ball:
        """Where the search may go."""
        if self.norm == "L2":
            return L2Ball(centre, self.eps)
        return LinfBall(*linf_ball(centre, self.eps))

    def _to_the_end(
        self, model: Network, clean: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """All steps for all images; the last point of each restart decides."""
        found, fooled = clean, torch.zeros_like(labels, dtype=torch.bool)
        for restart in range(self.restarts if len(clean) else 0):
            points = self.start(clean, indices, restart)
            ball = self._ball(points if self.centre == "start" else clean)
            for _ in range(self.steps):
                _, gradient = input_gradient(model, points, labels)
                points = ball.step(points, gradient, self.step_size)
            wrong = predict(model, points) != labels
            new = wrong & ~fooled if restart else torch.ones_like(fooled)
            found = torch.where(new.view(-1, 1, 1, 1), points, found)
            fooled |= wrong
        return AttackResult(found, fooled, torch.where(fooled, self.steps * self.restarts, -1))

    def _until_fooled(
        self, model: Network, clean: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Steps for those images that the network still gets right."""
        found, steps = clean.clone(), torch.full_like(labels, -1)
        if len(clean):
            steps[predict(model, clean) != labels] = 0
        for restart in range(self.restarts):
            alive = (steps < 0).nonzero()[:, 0]
            if not len(alive):
                break
            some = channels_last(clean[alive]), labels[alive], indices[alive]
            points, taken = self._search(model, *some, restart)
            new = (taken >= 0) if restart else torch.ones_like(taken, dtype=torch.bool)
            found[alive[new]] = points[new]
            steps[alive] = torch.where(taken >= 0, taken + restart * self.steps, -1)
        return AttackResult(found, steps >= 0, steps)

    def _search(
        self, model: Network, clean: Tensor, labels: Tensor, indices: Tensor, restart: int
    ) -> tuple[Tensor, Tensor]:
        """One restart: the points where it ended (N, 3, H, W), and after how many steps (N,)."""
        ball, found = self._ball(clean), self.start(clean, indices, restart)
        steps, alive = torch.full_like(labels, -1), torch.arange(len(labels), device=labels.device)
        for step in range(self.steps):
            points = channels_last(found[alive])
            logits, gradient = input_gradient(model, points, labels[alive])
            wrong = logits.argmax(1) != labels[alive]
            steps[alive[wrong]] = max(step, 1)
            further = ball.rows(alive).step(points, gradient, self.step_size)
            found[alive[~wrong]] = further[~wrong]
            alive = alive[~wrong]
            if not len(alive):
                return found, steps
        wrong = predict(model, channels_last(found[alive])) != labels[alive]
        steps[alive[wrong]] = self.steps
        return found, steps


def pgd(**arguments: Any) -> PGD:  # noqa: ANN401  those of `PGD`
    """`PGD` with defaults that fit the norm.

    Unless they are given, ``L2`` has eps 0.5 and a step size of 2.5 eps / steps, the rule of Madry
    et al.
    """
    if arguments.get("norm") == "L2":
        arguments.setdefault("eps", 0.5)
    found = PGD(**arguments)
    if found.norm == "L2" and "step_size" not in arguments:
        return replace(found, step_size=2.5 * found.eps / found.steps)
    return found


def pgd20() -> PGD:
    """20 steps of 0.5/255 within 2/255, as the PixMix and IPMix papers say."""
    return PGD()


def pgd20_published() -> PGD:
    """The same as their published code has it: within 2/255 of the start, 4/255 of the image."""
    return PGD(centre="start", stop="never")
