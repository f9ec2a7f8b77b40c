"""How IPMix puts its chains together: side by side, as one line of steps, or one after another.

Huang et al., "IPMix", NeurIPS 2023, Figure 4 and Table 2. Only the first has code; the other two
are our reading of the paper's sentences, and a report has to say so.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import to_float
from augmentations.chains import ChainPlan, PatchSteps, run_chains

FRAMEWORKS = ("chain", "linear", "input")
LINEAR_STEPS = ("k*t", "t")


@dataclass(frozen=True, eq=False)
class SerialPlan:
    """All decisions for V views whose chains follow one another (``input``).

    Attributes:
        chains: One chain each, whose weights (2, V) mix its result with what it started from.
        weights: (2, V) float32: the clean image, the last result.
    """

    chains: tuple[ChainPlan, ...]
    weights: Tensor


def run_plan(
    images: Tensor, partners: Tensor, plan: ChainPlan | SerialPlan, overflow: str
) -> Tensor:
    """Carry out a plan; arguments and result as of ``chains.run_chains``."""
    if isinstance(plan, ChainPlan):
        return run_chains(images, partners, plan, overflow)
    return _run_serial(images, partners, plan, overflow)


def serial(plan: ChainPlan, shares: Tensor, weights: Tensor) -> SerialPlan:
    """Put side-by-side chains one after another.

    Args:
        plan: Chains (t, k, V); their weights do not matter.
        shares: (k, V) weight of each chain's result against what it started from.
        weights: (2, V), see `SerialPlan`.
    """
    plans, patches = [], plan.patches
    for number, share in enumerate(shares.to(torch.float32)):
        one = (slice(None), slice(number, number + 1))
        steps = PatchSteps(
            patches.active[one], patches.patches[one], patches.mixing[one], patches.source[one]
        )
        plans.append(ChainPlan(torch.stack([1 - share, share]), plan.images[one], steps))
    return SerialPlan(tuple(plans), weights)


def _run_serial(images: Tensor, partners: Tensor, plan: SerialPlan, overflow: str) -> Tensor:
    """Each chain starts from the rounded mixture of the chain before."""
    views = plan.weights.shape[1] // len(images)
    clean, pictures = images.repeat(views, 1, 1, 1), partners.repeat(views, 1, 1, 1)
    state = clean
    for chain in plan.chains:
        state = (run_chains(state, pictures, chain, overflow) * 255).round().to(torch.uint8)
    first, last = plan.weights[..., None, None, None]
    mixed: Tensor = first * to_float(clean) + last * to_float(state)
    return mixed.clamp_(max=1.0)  # the weights sum to 1 up to rounding
