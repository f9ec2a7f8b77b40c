"""What every attack gives, and what it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor

Network: TypeAlias = "Callable[[Tensor], Tensor]"
"""Images (N, 3, H, W) float32 in [0, 1] -> logits (N, K); it normalises inside."""


@dataclass(frozen=True)
class AttackResult:
    """What an attack found.

    Attributes:
        adversarial: (N, 3, H, W) float32 in [0, 1].
        fooled: (N,) bool, whether the network is wrong.
        steps: (N,) int64, gradient steps until fooled; 0: the clean image was wrong, -1: not
            fooled.
    """

    adversarial: "Tensor"
    fooled: "Tensor"
    steps: "Tensor"


class Attack(Protocol):
    """A search for images that a network gets wrong, near those that it is given.

    One that has a method ``inspect``, of the arguments of `robench.attacks.flags.inspect_attack`
    after the attack itself, says by that what makes its result on a network doubtful.
    """

    @property
    def literal(self) -> str:
        """The canonical form, ``pgd(eps=..., ...)`` with every argument; names the cell."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """All that changes the result, as plain data for the passport."""
        ...

    def __call__(
        self, model: Network, images: "Tensor", labels: "Tensor", indices: "Tensor"
    ) -> AttackResult:
        """Attack a batch.

        Args:
            model: The network; left as it was.
            images: (N, 3, H, W) float32 in [0, 1].
            labels: (N,) int64.
            indices: (N,) int64 positions in the data set, which key the randomness.
        """
        ...
