"""PuzzleMix."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from augmentations.base import Batch, ModelHandle
from augmentations.graph_cuts.cut import quadratic_minimum
from augmentations.graph_cuts.energy import GridEnergy, Integers, descend
from augmentations.groups import GroupMethod, group_keys, permutation
from augmentations.puzzlemix.energy import Weights, border_pool, both_steps, puzzle_energy
from augmentations.puzzlemix.saliency import grids_of, saliency, shares
from augmentations.puzzlemix.transport import block_side, move_blocks, transport_plan
from augmentations.random import beta, integers, named_keys
from augmentations.switches import ALPHA, require, require_fields

SOLVERS = ("cut", "icm")


class PuzzlePlan(NamedTuple):
    """Decisions per row: drawn weight of the own image, partner, cells per side; (N,) each."""

    share: Tensor
    order: Tensor
    grid: Tensor


@dataclass(frozen=True)
class PuzzleMix(GroupMethod):
    """Two images in a mask that keeps what is salient in both, its blocks moved to where it shows.

    Kim, Choo, Song, "Puzzle Mix: Exploiting Saliency and Local Statistics for Optimal Mixup",
    ICML 2020; defaults as the authors' CIFAR code. One ratio and one grid per group, one mask per
    image. Takes and gives square float32 images in [0, 1], targets (N, K), which are mixed by the
    mean of the mask. Saliency is taken with respect to images in [0, 1]; the code takes it after
    normalisation, which weighs the channels by their standard deviations.

    The published solver is alpha-beta swap. As the energy is a squared difference of levels, a cut
    finds its minimum exactly; ``cut`` does. The adversarial option of the paper is left out.

    Args:
        alpha: Both parameters of the Beta distribution of the ratio.
        labels: Levels of the mask, 2 to 8.
        eta: Weight of the prior that pulls the mask to the drawn ratio.
        beta: Weight of smoothness; divided by 16 times the cells per side.
        gamma: Weight of the images' own borders within it; above 1 some are truncated.
        neighbours: Most pixels that are averaged before borders are compared.
        transport: Whether to move blocks.
        transport_eps: Cost of moving a block.
        transport_size: Smallest side in pixels of the blocks that move; -1 for the mask's cells.
        clean_weight: Positive: the loss of the clean images joins the step, with this weight, and
            their gradient is taken in training mode. In the authors' code it is multiplied by 2
            over the number of classes, to match its binary cross-entropy.
        solver: ``cut``, or ``icm``: eight sweeps of iterated conditional modes.
        grid: Cells per side; 0 draws 2, 4, 8 or 16, of those that divide the image.
        mix_group: Rows that share a ratio and a grid and are permuted.

    Raises:
        ValueError: A switch has a value that is not allowed; the message names those that are.
    """

    alpha: float = 1.0
    labels: int = 3
    eta: float = 0.2
    beta: float = 1.2
    gamma: float = 0.5
    neighbours: int = 4
    transport: bool = True
    transport_eps: float = 0.8
    transport_size: int = 4
    clean_weight: float = 0.0
    solver: str = "cut"
    grid: int = 0

    needs_model: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        numbers = dict.fromkeys(("eta", "beta", "gamma", "clean_weight"), (0, 100))
        require_fields(
            self,
            integers={"labels": (2, 8), "neighbours": (1, 1000)},
            numbers={"alpha": ALPHA, "transport_eps": (0.001, 100), **numbers},
            flags=("transport",),
            choices={"solver": SOLVERS},
        )
        size = self.transport_size
        whole = type(size) is int and (size == -1 or size >= 1)
        require("PuzzleMix", "transport_size", size, whole, "-1 or an integer of at least 1")
        whole = type(self.grid) is int and (self.grid == 0 or 2 <= self.grid <= 16)
        require("PuzzleMix", "grid", self.grid, whole, "0 or an integer from 2 to 16")

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> PuzzlePlan:
        """Ratio, partner and grid of each row."""
        grids = torch.tensor(grids_of("PuzzleMix", self.grid, size), device=keys.device)
        keys = named_keys(keys, "puzzlemix")
        group = group_keys(keys, self.mix_group)
        share = beta(group, self.alpha, self.alpha, draw=0)
        order = permutation(keys, self.mix_group, draw=1)
        return PuzzlePlan(share, order, grids[integers(group, 0, len(grids) - 1, draw=2)])

    def _apply_with_model(
        self,
        batch: Batch,
        plan: PuzzlePlan,
        model: ModelHandle | None,
    ) -> Batch:
        """Ask for the saliency, solve the masks of all groups with one grid together, and mix."""
        if model is None:
            raise ValueError("PuzzleMix needs the network: pass model=")
        gradient = model.input_gradient(batch.images, batch.targets, keep=self.clean_weight)
        salience = saliency(gradient)
        images, targets = torch.empty_like(batch.images), torch.empty_like(batch.targets)
        for grid in torch.unique(plan.grid).tolist():
            rows = (plan.grid == grid).nonzero()[:, 0]
            other = plan.order[rows]
            mask = self._masks(batch.images, salience, (rows, other), plan.share[rows], grid)
            own, partner = self._moved(batch.images, salience, (rows, other), mask)
            ratio = mask.mean((1, 2))[:, None]
            targets[rows] = torch.lerp(batch.targets[other], batch.targets[rows], ratio)
            side = images.shape[-1] // grid
            full = mask.repeat_interleave(side, 1).repeat_interleave(side, 2)[:, None]
            images[rows] = torch.lerp(partner, own, full)
        return batch.replace(images=images, targets=targets)

    def _masks(
        self,
        images: Tensor,
        salience: Tensor,
        pair: tuple[Tensor, Tensor],
        share: Tensor,
        grid: int,
    ) -> Tensor:
        """Weight of the own image in every cell: (R, grid, grid) float32 for rows (R,)."""
        pool = border_pool(images.shape[-1] // grid, self.neighbours)
        small = torch.nn.functional.avg_pool2d(images, pool)
        cells = shares(salience, grid)
        rows, other = (index.cpu().numpy() for index in pair)
        energy = puzzle_energy(
            (cells[rows], cells[other]),
            both_steps(small[pair[0]], small[pair[1]], grid),
            share.cpu().numpy(),
            Weights(self.beta, self.gamma, self.eta),
            self.labels,
        )
        weight = 1 - self._solve(energy) / (self.labels - 1)
        return torch.as_tensor(weight, dtype=torch.float32, device=images.device)

    def _solve(self, energy: GridEnergy) -> Integers:
        """The labels of all masks."""
        if self.solver == "cut":
            return quadratic_minimum(energy)
        return descend(energy, energy.unary.argmin(-1))

    def _moved(
        self,
        images: Tensor,
        salience: Tensor,
        pair: tuple[Tensor, Tensor],
        mask: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """The images of rows and of their partners, each transported to its side of the mask."""
        own, partner = images[pair[0]], images[pair[1]]
        if not self.transport:
            return own, partner
        side, grid = images.shape[-1], mask.shape[-1]
        blocks = side // block_side(side // grid, self.transport_size, side)
        cells = shares(salience, blocks)
        repeat = blocks // grid
        shown = mask.cpu().numpy().astype(np.float64).repeat(repeat, 1).repeat(repeat, 2)
        moved = []
        for image, index, weight in ((own, pair[0], shown), (partner, pair[1], 1 - shown)):
            places = transport_plan(weight, cells[index.cpu().numpy()], self.transport_eps)
            moved.append(move_blocks(image, torch.as_tensor(places, device=image.device)))
        return moved[0], moved[1]
