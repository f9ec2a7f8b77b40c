"""AutoAttack, with the parts that torchattacks has."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from robench.attacks.base import AttackResult, Network
from robench.attacks.door import Door
from robench.attacks.external import MOST_TARGETS, check_classes, find, run
from robench.attacks.flags import network_flags
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

    What leaves the ball does not count as fooled. ``steps`` is the number of the part that fooled
    an image, from 1; 0 where it was wrong without.

    Args:
        eps: Radius on the [0, 1] scale, in (0, 1] for ``Linf``; the usual one of CIFAR by default.
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
        if self.norm not in ("Linf", "L2"):
            raise ValueError(f"norm must be 'Linf' or 'L2', got {self.norm!r}")
        if not 0 < self.eps <= (1 if self.norm == "Linf" else float("1e6")):
            raise ValueError(f"eps must be in (0, 1], the scale of the images, got {self.eps}")
        if min(self.steps, self.queries) < 1:
            raise ValueError(f"expected steps and queries, got {self.steps} and {self.queries}")

    @property
    def literal(self) -> str:
        """``autoattack(eps=..., norm='Linf', ...)``: every argument."""
        return canonical("autoattack", asdict(self))

    def describe(self) -> dict[str, Any]:
        """Every argument, the parts, and how draws are shared."""
        return {
            "name": "autoattack",
            "parts": list(PARTS),
            "randomness": "per block",
            **asdict(self),
        }

    def inspect(self, model: Network, images: Tensor, labels: Tensor, indices: Tensor) -> list[str]:
        """Warnings about the network; see `robench.attacks.flags.network_flags`."""
        del indices
        return network_flags(model, images, labels)

    def __call__(
        self, model: Network, images: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Attack a batch; for arguments and errors see `External.__call__`.

        Raises:
            InputError: Fewer than four classes.
        """
        found = run(self._parts, model, (images, labels, indices), self.literal)
        offset = (found.adversarial.double() - images.double()).flatten(1)
        order = torch.inf if self.norm == "Linf" else 2
        outside = torch.linalg.vector_norm(offset, order, dim=1) > self.eps * (1 + 1e-5) + 1e-7
        steps = torch.where(outside, -1, found.steps)
        points = torch.where(outside.view(-1, 1, 1, 1), images, found.adversarial)
        return AttackResult(points, steps >= 0, steps)

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
