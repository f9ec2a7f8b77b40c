"""The fast gradient sign method."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from robench.attacks.base import AttackResult, Network
from robench.attacks.pgd import PGD
from robench.registry import canonical


@dataclass(frozen=True)
class FGSM:
    """One step of ``eps`` along the sign of the gradient, from the clean image.

    Goodfellow et al., "Explaining and Harnessing Adversarial Examples", ICLR 2015, eq. 2. An image
    that the network gets wrong without it counts as fooled and is left as it is. The result is
    within ``eps`` of the image in float64, and within [0, 1].

    Args:
        eps: Length of the step on the [0, 1] scale, in (0, 1]; that of ``pgd20`` by default.

    Raises:
        ValueError: ``eps`` outside its range.
    """

    eps: float = 2 / 255

    def __post_init__(self) -> None:
        object.__setattr__(self, "eps", self._step().eps)  # a float, checked

    @property
    def literal(self) -> str:
        """``fgsm(eps=0.00784313725490196)``."""
        return canonical("fgsm", {"eps": self.eps})

    def describe(self) -> dict[str, Any]:
        """Every argument, and the loss."""
        return {"name": "fgsm", "loss": "sum-ce", "norm": "Linf", "eps": self.eps}

    def __call__(
        self, model: Network, images: Tensor, labels: Tensor, indices: Tensor
    ) -> AttackResult:
        """Attack a batch, as `PGD.__call__`; ``steps`` is 0, 1 or -1."""
        return self._step()(model, images, labels, indices)

    def _step(self) -> PGD:
        """The one step as the search that it is the shortest case of."""
        return PGD(steps=1, eps=self.eps, step_size=self.eps, random_start=False)
