"""What is minimised. An objective says how many views of an image it needs."""

from typing import ClassVar, Protocol

import torch
from torch import Tensor
from torch.nn import functional

FLOOR = 1e-7  # of the mixture, as in the official code


class Objective(Protocol):
    """``views`` images per label, and one loss over all of them."""

    views: ClassVar[int]

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Scalar loss of logits (views * N, K), view by view, and targets (N,) or (N, K)."""


class CrossEntropy:
    """Cross-entropy of one view, with hard (N,) or soft (N, K) targets."""

    views: ClassVar[int] = 1

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean over the batch."""
        return functional.cross_entropy(logits, targets)


class JensenShannon:
    """Cross-entropy of the clean image, and agreement of the clean image and two views.

    Hendrycks et al., "AugMix", ICLR 2020, eq. 1; the IPMix code uses the same. Written with
    log-softmax, so that the gradient stays finite where a probability underflows (the official
    formula gives NaN there); elsewhere the two are equal.

    Args:
        weight: Of the consistency term; 12 in the papers.
    """

    views: ClassVar[int] = 3

    def __init__(self, weight: float = 12.0) -> None:
        self.weight = weight

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """``CE(clean) + weight * (KL(clean|M) + KL(view1|M) + KL(view2|M)) / 3``, M their mean."""
        log_p = functional.log_softmax(logits.float(), dim=1)
        clean, first, second = log_p.chunk(3)
        probabilities = [clean.exp(), first.exp(), second.exp()]
        mixture = torch.stack(probabilities).mean(0).clamp(FLOOR, 1.0).log()
        divergence = sum(
            (p * (log - mixture)).sum(1).mean()
            for p, log in zip(probabilities, (clean, first, second), strict=True)
        )
        return (
            functional.cross_entropy(logits.chunk(3)[0].float(), targets)
            + self.weight * divergence / 3
        )


def make_objective(name: str, jsd_weight: float) -> Objective:
    """``ce`` or ``jsd``."""
    return JensenShannon(jsd_weight) if name == "jsd" else CrossEntropy()
