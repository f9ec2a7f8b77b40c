"""PRIME: chains of three random primitives of maximum entropy."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from augmentations.base import Augmentation, Batch, to_float
from augmentations.prime.colour import RandomColour
from augmentations.prime.filter import RandomFilter
from augmentations.prime.warp import RandomWarp
from augmentations.random import beta, dirichlet, integers, named_keys, part_keys
from augmentations.switches import from_preset, require, require_fields

PRIMITIVES = ("filter", "colour", "warp")

PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "cifar": MappingProxyType({}),
        "imagenet": MappingProxyType(
            {
                "colour_highest": 500,
                "colour_band": 20,
                "colour_temperature": 0.05,
                "warp_highest": 500,
            }
        ),
    }
)

_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "k": (1, 64),
        "t": (1, 64),
        "filter_sigma": (0, 100),
        "colour_highest": (1, 1000),
        "colour_band": (0, 1000),
        "colour_temperature": (0, 100),
        "warp_highest": (3, 1000),
    }
)
_REAL = ("filter_sigma", "colour_temperature")


class _Primitive(Protocol):
    """A random transformation: parameters from keys, then an arithmetic without randomness."""

    def draw(self, keys: Tensor, side: int) -> Any:  # noqa: ANN401  each has its own
        """Parameters for keys (R,) and images of a side."""
        ...

    def apply(self, images: Tensor, drawn: Any) -> Tensor:  # noqa: ANN401
        """Transform images (R, 3, S, S) float32 in [0, 1]."""
        ...


class _Draw:
    """Numbers of the draws: of an image, of a chain, and of a step (each has keys of its own)."""

    MIX_WEIGHT = 0
    CHAIN_WEIGHTS = 1  # to k
    DEPTH = 0
    PRIMITIVE = 0


@dataclass(frozen=True, eq=False)
class PrimePlan:
    """All decisions for N images of k chains.

    Attributes:
        weights: (1 + k, N) float32, rows of a convex combination: the image, the chains.
        steps: What is done one after the other: rows (R,) int64 of the chains, chain by chain, the
            name of the primitive and its parameters.
    """

    weights: Tensor
    steps: list[tuple[Tensor, str, Any]]


@dataclass(frozen=True)
class PRIME(Augmentation):
    """Mix chains of random filters, colour curves and diffeomorphisms with the image.

    Modas et al., "PRIME: A Few Primitives Can Boost Robustness to Common Corruptions", ECCV 2022.
    Each of ``k`` chains applies 1 to ``t`` primitives, drawn with equal chance; Dirichlet(1)
    weights mix the chains, a Beta(1, 1) weight mixes in the image. Every parameter is drawn for
    each image and step; the published code draws the filter's spread and the displacement field
    once per batch, which leaves the law of a single image the same. Takes square uint8 images,
    gives float32 in [0, 1], not rounded.

    Args:
        preset: Which published setting the other switches started from.
        k: Chains.
        t: Largest depth of a chain.
        primitives: Subset of ``filter``, ``colour`` and ``warp``.
        centred: See `RandomFilter`; False as published.
        filter_sigma: See `RandomFilter`.
        colour_highest: See `RandomColour`.
        colour_band: See `RandomColour`.
        colour_temperature: See `RandomColour`.
        warp_highest: See `RandomWarp`.

    Raises:
        ValueError: A switch has a value that is not allowed; the message names those that are.
    """

    preset: str = "cifar"
    k: int = 3
    t: int = 3
    primitives: tuple[str, ...] = PRIMITIVES
    centred: bool = True
    filter_sigma: float = 4.0
    colour_highest: int = 100
    colour_band: int = 0
    colour_temperature: float = 0.01
    warp_highest: int = 100

    gives: ClassVar[torch.dtype] = torch.float32

    def __post_init__(self) -> None:
        whole = {name: bounds for name, bounds in _RANGES.items() if name not in _REAL}
        require_fields(
            self,
            integers=whole,
            numbers={name: _RANGES[name] for name in _REAL},
            flags=("centred",),
            choices={"preset": tuple(PRESETS)},
        )
        chosen = self.primitives
        known = 0 < len(set(chosen)) == len(chosen) and set(chosen) <= set(PRIMITIVES)
        rule = f"distinct names of {PRIMITIVES}, at least one"
        require("PRIME", "primitives", chosen, known, rule)

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> PrimePlan:
        """All decisions for the images with these keys (N,)."""
        if size[0] != size[1] or size[0] < 2:
            raise ValueError(
                f"PRIME expects square images of at least 2 pixels, got {size[0]} x {size[1]}"
            )
        keys = named_keys(keys, "prime")
        chain_keys = part_keys(keys, self.k).T.flatten()  # k * N, chain by chain
        step_keys = part_keys(chain_keys, self.t).T  # (t, k * N)
        depth = integers(chain_keys, 1, self.t, _Draw.DEPTH)
        kind = integers(step_keys, 0, len(self.primitives) - 1, _Draw.PRIMITIVE)
        makers = self._makers()
        steps = []
        for step in range(self.t):
            for number, name in enumerate(self.primitives):
                rows = ((kind[step] == number) & (step < depth)).nonzero()[:, 0]
                own = named_keys(step_keys[step, rows], name)
                steps.append((rows, name, makers[name].draw(own, size[0])))
        return PrimePlan(self._draw_weights(keys), steps)

    def _draw_weights(self, keys: Tensor) -> Tensor:
        """(1 + k, N) float32: 1 - m for the image, m w_i for the chains."""
        share = dirichlet(keys, self.k, 1.0, _Draw.CHAIN_WEIGHTS).T
        mixed = beta(keys, 1.0, 1.0, _Draw.MIX_WEIGHT)
        return torch.cat([(1 - mixed)[None], mixed * share]).to(torch.float32)

    def _makers(self) -> dict[str, _Primitive]:
        """The primitives by name."""
        return {
            "filter": RandomFilter(self.filter_sigma, self.centred),
            "colour": RandomColour(self.colour_highest, self.colour_band, self.colour_temperature),
            "warp": RandomWarp(self.warp_highest),
        }

    def _apply(self, batch: Batch, plan: PrimePlan) -> Batch:
        """Run the chains and mix them."""
        clean = to_float(batch.images)
        state = clean.repeat(self.k, 1, 1, 1)
        makers = self._makers()
        for rows, name, drawn in plan.steps:
            if len(rows):
                state[rows] = makers[name].apply(state[rows], drawn)
        weights = plan.weights[..., None, None, None]
        mixed = clean * weights[0]
        for chain, weight in zip(torch.split(state, len(clean)), weights[1:], strict=True):
            mixed.addcmul_(chain, weight)
        return batch.replace(images=mixed.clamp_(0, 1))


def prime(preset: str = "cifar", **switches: Any) -> PRIME:  # noqa: ANN401
    """Make PRIME from a preset with some switches changed.

    Args:
        preset: ``cifar`` or ``imagenet``, the published settings of the distributions.
        **switches: Fields of ``PRIME``.

    Returns:
        The method.

    Raises:
        ValueError: Unknown preset, unknown switch, or a value that is not allowed.
    """
    return from_preset(PRIME, PRESETS, preset, switches)
