"""DuBIN: batch normalisation with statistics of its own for adversarial images.

Wang et al., "AugMax: Adversarial Composition of Random Augmentations for Robust Training", NeurIPS
2021, section 3.3. Every batch normalisation becomes two, of which a route selects one; in the early
stages the first normalisation of each block works so on half of its channels only, and normalises
the other half image by image, after Pan et al., "Two at Once: Enhancing Learning and Generalization
Capacities via IBN-Net", ECCV 2018.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch
from torch import Tensor, nn

from robench.errors import InputError

MAIN, ADVERSARIAL = "", "adversarial"
ROUTES = (MAIN, ADVERSARIAL)
_EARLY = ("layer1", "layer2", "layer3")  # of ResNets of timm and torchvision; layer4 is the last


class DualNorm(nn.Module):
    """Two batch normalisations, of which one is in use.

    Args:
        norm: Becomes the main one; the other begins as its copy.

    Attributes:
        route: One of `ROUTES`; see `routed`.
    """

    def __init__(self, norm: nn.Module) -> None:
        super().__init__()
        self.main = norm
        self.adversarial = copy.deepcopy(norm)
        self.route = MAIN

    def forward(self, x: Tensor) -> Tensor:
        """As the normalisation in use."""
        norm = self.adversarial if self.route == ADVERSARIAL else self.main
        normalised: Tensor = norm(x)
        return normalised


class HalfDualNorm(nn.Module):
    """The first half of the channels normalised by image, the others by a `DualNorm`.

    Args:
        norm: What it replaces: its number of channels, epsilon and momentum are kept.
    """

    def __init__(self, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        self.split = norm.num_features // 2
        self.instance = nn.InstanceNorm2d(self.split, norm.eps, affine=True)
        rest = norm.num_features - self.split
        self.batch = DualNorm(nn.BatchNorm2d(rest, norm.eps, norm.momentum))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        parts = (self.instance(x[:, : self.split]), self.batch(x[:, self.split :]))
        return torch.cat(parts, dim=1)


def dual_norms(network: nn.Module) -> None:
    """Replace the batch normalisations of a fresh network by those of DuBIN, in place.

    Args:
        network: One of ours, a ResNet of timm or torchvision, or a network whose
            ``early_blocks()`` gives the blocks of all stages but the last.

    Raises:
        InputError: It has no batch normalisation, has these already, or its blocks are not known.
    """
    norms = {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm)
    }
    kind = type(network).__name__
    if not norms:
        raise InputError(f"norm='dubin' needs batch normalisation, and a {kind} has none.")
    if any(isinstance(module, DualNorm) for module in network.modules()):
        raise InputError(f"norm='dubin': this {kind} has it already.")
    halved = {id(norm) for norm in map(_first_norm, _early_blocks(network)) if norm is not None}
    for name, norm in norms.items():
        parent, _, last = name.rpartition(".")
        # a subclass of it may do more than normalise
        halve = type(norm) is nn.BatchNorm2d and id(norm) in halved
        new = HalfDualNorm(cast("nn.BatchNorm2d", norm)) if halve else DualNorm(norm)
        setattr(network.get_submodule(parent), last, new)


@contextmanager
def routed(network: nn.Module, route: str) -> Iterator[None]:
    """Let images go through one of the two normalisations; afterwards through the main one.

    Args:
        network: With `dual_norms`; without them only the main route exists.
        route: One of `ROUTES`.

    Raises:
        ValueError: No such route, or the network has the main one only.
    """
    if route not in ROUTES:
        raise ValueError(f"no route {route!r}: expected one of {ROUTES}")
    norms = [module for module in network.modules() if isinstance(module, DualNorm)]
    if route != MAIN and not norms:
        raise ValueError(f"this network has no route {route!r}: make it with norm='dubin'")
    before = [norm.route for norm in norms]
    for norm in norms:
        norm.route = route
    try:
        yield
    finally:
        for norm, old in zip(norms, before, strict=True):
            norm.route = old


def _early_blocks(network: nn.Module) -> list[nn.Module]:
    """The blocks whose first normalisation is split."""
    find = getattr(network, "early_blocks", None)
    if callable(find):
        return list(find())
    stages = [getattr(network, name, None) for name in _EARLY]
    if not all(isinstance(stage, nn.Sequential) for stage in stages):
        raise InputError(
            f"norm='dubin': the blocks of a {type(network).__name__} are not known: expected one "
            "of robench ls archs, a ResNet of timm or torchvision, or one with early_blocks()."
        )
    return [block for stage in stages for block in stage]  # type: ignore[union-attr]


def _first_norm(block: nn.Module) -> nn.BatchNorm2d | None:
    """The first batch normalisation of a block, in the order of its definition."""
    return next((norm for norm in block.modules() if isinstance(norm, nn.BatchNorm2d)), None)
