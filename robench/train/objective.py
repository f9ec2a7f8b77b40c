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

    def clean_share(self, classes: int) -> float:
        """What a cross-entropy has to be multiplied by to stand beside this loss."""


class _OfImages:
    """Losses on the scale of a cross-entropy, a sum over classes."""

    def clean_share(self, classes: int) -> float:
        """A cross-entropy stands beside it as it is."""
        return 1.0


class CrossEntropy(_OfImages):
    """Cross-entropy of one view, with hard (N,) or soft (N, K) targets."""

    views: ClassVar[int] = 1

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean over the batch."""
        return functional.cross_entropy(logits, targets)


class JensenShannon(_OfImages):
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


class BceSoftmax:
    """Binary cross-entropy of softmax outputs and soft targets, a mean over images and classes.

    The loss of the published codes of Verma et al., "Manifold Mixup", ICML 2019, and Kim et al.,
    "Co-Mixup", ICLR 2021. Those cut every logarithm off at -100; here it is exact, so that the
    gradient stays finite and right where a probability underflows or rounds to one.
    """

    views: ClassVar[int] = 1

    def clean_share(self, classes: int) -> float:
        """A mean over classes: 2 / K, as in the codes of PuzzleMix and Co-Mixup."""
        return 2 / classes

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """``-mean(y log p + (1 - y) log(1 - p))`` with p = softmax(logits)."""
        if targets.ndim == 1:
            targets = functional.one_hot(targets, logits.shape[1])
        log_p = functional.log_softmax(logits.float(), dim=1)
        # 1 - p of the likeliest class is the sum of the others; it would cancel
        top = log_p.argmax(1, keepdim=True)
        rest = log_p.scatter(1, top, -torch.inf).logsumexp(1, keepdim=True)
        log_not = torch.log1p(-log_p.exp().scatter(1, top, 0.0)).scatter(1, top, rest)
        return -(targets * log_p + (1 - targets) * log_not).mean()


def make_objective(name: str, jsd_weight: float) -> Objective:
    """``ce``, ``jsd`` or ``bce_softmax``."""
    if name == "jsd":
        return JensenShannon(jsd_weight)
    return BceSoftmax() if name == "bce_softmax" else CrossEntropy()
