"""AugMax: the worst mixture of AugMix's chains."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from augmentations.base import Ascent, Batch, ModelHandle, to_float
from augmentations.chains import ChainPlan
from augmentations.image_chains import ImageChains, chain_images, mix_chains
from augmentations.random import named_keys, uniform, view_keys
from augmentations.switches import require_fields

ADVERSARIAL = "adversarial"
"""The normalisation that AugMax's images go through where the network has two (DuBIN)."""


@dataclass(frozen=True, eq=False)
class AugMaxPlan:
    """All decisions for N images but those that the network takes.

    Attributes:
        chains: The chains; their weights do not matter.
        start: (N, 1 + k) float32: share m of the chains, and k numbers whose softmax weighs them.
    """

    chains: ChainPlan
    start: Tensor


@dataclass(frozen=True, kw_only=True)
class AugMax(ImageChains):
    """AugMix's chains under the weights that the network finds hardest.

    Wang et al., "AugMax: Adversarial Composition of Random Augmentations for Robust Training",
    NeurIPS 2021, and the authors' code (176acdb). The weights climb the loss by the sign of its
    gradient from a random start; the chains stay. A step takes two unlike views, see `views`. Takes
    square uint8 images, gives float32 in [0, 1].

    Args:
        k: Chains.
        t: Largest depth of a chain.
        min_depth: Smallest depth; equal to ``t`` it fixes the depth.
        alpha: Parameter of the Dirichlet and Beta distributions of the second view.
        severity: Largest level of the operations, up to 10.
        all_ops: Whether to add the four operations that resemble corruptions.
        steps: Steps of the climb: 5 by the code's default and on ImageNet, 10 in the CIFAR recipes.
        step_size: Length of a step.
        per_sample_stop: Whether a sample stops where it has been misclassified often enough. The
            published code means to, but its stop has no effect: False takes all steps.
        patience: After how many misclassified points, where ``per_sample_stop``.
        dubin: Whether the first view goes through a normalisation of its own (the paper's DuBIN).

    Raises:
        ValueError: A switch has a value that is not allowed; the message says which are.
    """

    steps: int = 5
    step_size: float = 0.1
    per_sample_stop: bool = False
    patience: int = 1
    dubin: bool = True

    needs_model: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        require_fields(
            self,
            integers={"steps": (0, 1000), "patience": (1, 1000)},
            numbers={"step_size": (0.0, 10.0)},
            flags=("per_sample_stop", "dubin"),
        )
        object.__setattr__(self, "routes", (ADVERSARIAL,) if self.dubin else ())

    def views(self, batch: Batch, n: int, model: ModelHandle | None = None) -> list[Batch]:
        """The worst mixture, and an ordinary AugMix mixture of chains of its own.

        Args:
            batch: Images.
            n: 2, or 1 for the first alone.
            model: The network.

        Returns:
            The first view has route ``adversarial`` (with ``dubin``), the second the main one.

        Raises:
            ValueError: Another ``n``.
        """
        if n not in {1, 2}:
            raise ValueError(f"AugMax has 1 view, or 2 that are unlike, got n={n}")
        worst = self(batch.replace(keys=view_keys(batch.keys, 0)), model)
        if n == 1:
            return [worst]
        return [worst, self._ordinary(batch.replace(keys=view_keys(batch.keys, 1)))]

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> AugMaxPlan:
        """Chains and start for the images with these keys (N,)."""
        own = named_keys(keys, "augmax")
        numbers = torch.arange(1 + self.k, device=keys.device)
        start = uniform(named_keys(own, "start")[:, None], numbers).to(torch.float32)
        return AugMaxPlan(self.draw_chains(own, size), start)

    def _apply_with_model(self, batch: Batch, plan: AugMaxPlan, model: ModelHandle | None) -> Batch:
        """Climb, and mix with what was reached."""
        if model is None:
            raise ValueError("AugMax needs the network: pass model=")
        images_of = partial(blend, to_float(batch.images), chain_images(batch.images, plan.chains))
        route = ADVERSARIAL if self.dubin else batch.route
        patience = self.patience if self.per_sample_stop else 0
        ascent = Ascent(self.steps, self.step_size, patience, route)
        reached = model.maximise(images_of, plan.start, batch.targets, ascent, share_in_range)
        images = images_of(reached.detach()).clamp_(0, 1)  # convex up to rounding
        return batch.replace(images=images, route=route)

    def _ordinary(self, batch: Batch) -> Batch:
        """An AugMix mixture."""
        size = (batch.images.shape[2], batch.images.shape[3])
        plan = self.draw_chains(named_keys(batch.keys, "augmax"), size)
        return batch.replace(images=mix_chains(batch.images, plan))


def blend(clean: Tensor, chains: Tensor, parameters: Tensor) -> Tensor:
    """``(1 - m) x + m sum_i softmax(q)_i x_i``, differentiable in (m, q).

    Args:
        clean: (N, 3, H, W) float32.
        chains: (k, N, 3, H, W) float32.
        parameters: (N, 1 + k) float32: m, and q.

    Returns:
        (N, 3, H, W) float32.
    """
    share = parameters[:, 0]
    weights = torch.softmax(parameters[:, 1:], dim=1) * share[:, None]
    mixed = clean * (1 - share)[:, None, None, None]
    for chain, weight in zip(chains, weights.unbind(1), strict=True):
        mixed = torch.addcmul(mixed, chain, weight[:, None, None, None])
    return mixed


def share_in_range(parameters: Tensor) -> Tensor:
    """The parameters with m clamped to [0, 1]."""
    return torch.cat([parameters[:, :1].clamp(0, 1), parameters[:, 1:]], dim=1)
