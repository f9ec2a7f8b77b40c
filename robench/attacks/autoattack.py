"""AutoAttack, with the parts that torchattacks has."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from robench.attacks.base import AttackResult, Network
from robench.attacks.door import Door
from robench.attacks.external import MOST_TARGETS, check_classes, find
from robench.attacks.outside import run
from robench.attacks.ranges import check_autoattack
from robench.registry import canonical

PARTS = ("apgd-ce", "apgd-t", "fab-t", "square")
_CLASSES = 4  # the targeted loss divides by a gap to the fourth logit


@dataclass(frozen=True)
class AutoAttack:
    """APGD-CE, targeted APGD, targeted FAB and Square, one after the other on what still stands.

    Croce & Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse
    Parameter-free Attacks", ICML 2020, the standard version. The parts are those of torchattacks.
    Its own ``AutoAttack`` gives them 10 steps and targets every class; here they have the 100 steps
    (and 5,000 queries) and the nine targets of the paper. It seeds from the time of day; here the
    seed is an argument. Randomness is per block; see `robench.attacks.external.External`.

    What leaves the ball does not count as fooled, and the next part tries again. ``steps`` is the
    number of the part that fooled an image, from 1; 0 where it was wrong without.

    Args:
        eps: Radius on the [0, 1] scale, in (0, 1] for ``Linf``, at most 10,000 for ``L2``; the
            usual one of CIFAR by default.
        norm: ``Linf`` or ``L2``.
        steps: Of each gradient attack.
        queries: Of Square.
        seed: Of the random starts.

    Raises:
        InputError: torchattacks is not installed.
        ValueError: An argument outside its range.
    """

    eps: float = 8 / 255
    norm: Literal["Linf", "L2"] = "Linf"
    steps: int = 100
    queries: int = 5000
    seed: int = 0

    def __post_init__(self) -> None:
        find("AutoAttack")
        check_autoattack(asdict(self))
        object.__setattr__(self, "eps", float(self.eps))  # 1 and 1.0 are one attack

    @property
    def literal(self) -> str:
        """``autoattack(eps=..., norm='Linf', ...)``: every argument."""
        return canonical("autoattack", asdict(self))

    def describe(self) -> dict[str, Any]:
        """Every argument, the parts, the targets (fewer of few classes), how draws are shared."""
        return {
            "name": "autoattack",
            "version": 1,
            "parts": list(PARTS),
            "targets": MOST_TARGETS - 1,
            "randomness": "per block",
            **asdict(self),
        }

    def __call__(
        self, model: Network, images: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Attack a batch; for arguments and errors see `External.__call__`.

        Raises:
            InputError: Fewer than four classes.
        """
        return run(self._parts, model, (images, labels, indices), self.literal, self._inside)

    def _inside(self, points: Tensor, clean: Tensor) -> Tensor:
        """Which of (N, 3, H, W) are in the ball, up to rounding: (N,) bool."""
        offset = (points.double() - clean.double()).flatten(1)
        order = torch.inf if self.norm == "Linf" else 2
        distance: Tensor = torch.linalg.vector_norm(offset, order, dim=1)
        return distance <= self.eps * (1 + 1e-5) + 1e-7

    def _parts(self, door: Door) -> list[Any]:
        """The attacks in their order."""
        check_classes(door.classes, _CLASSES, self.literal)
        same = {"norm": self.norm, "eps": self.eps, "seed": self.seed}
        targets = {**same, "n_classes": min(door.classes, MOST_TARGETS), "steps": self.steps}
        return [
            find("APGD")(door, loss="ce", steps=self.steps, **same),
            find("APGDT")(door, **targets),
            find("FAB")(door, multi_targeted=True, **targets),
            find("Square")(door, n_queries=self.queries, **same),
        ]
