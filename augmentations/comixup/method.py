"""Co-Mixup."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from augmentations.base import Batch, ModelHandle
from augmentations.comixup.assignment import CoProblem, CoSettings, assign
from augmentations.comixup.halves import Floats
from augmentations.groups import GroupMethod, group_keys, group_numbers
from augmentations.puzzlemix.saliency import grids_of, saliency, shares
from augmentations.random import by_position, dirichlet, integers, named_keys, part_keys
from augmentations.switches import require, require_fields

SOLVERS = ("cut", "icm")
WINDOW = 8  # side in pixels of the window whose place stands for the salient spot


class CoPlan(NamedTuple):
    """Decisions per row.

    Attributes:
        part: (N,) int64 number of the part, rising.
        grid: (N,) int64 cells per side.
        prior: (N,) float64 share of each input that the prior asks for; sums to 1 over a part.
        start: (N, cells) float32 in [0, 1), which input each cell of the output shows at first.
    """

    part: Tensor
    grid: Tensor
    prior: Tensor
    start: Tensor


@dataclass(frozen=True)
class CoMixup(GroupMethod):
    """Mixtures of many images, chosen jointly to be salient, smooth and unlike each other.

    Kim, Choo, Jeong, Song, "Co-Mixup: Saliency Guided Joint Mixup with Supermodular Diversity",
    ICLR 2021; defaults as the authors' CIFAR code. Each group is cut into parts; every output of a
    part shows, cell by cell, an input of the part or two of them half and half. Takes and gives
    square float32 images in [0, 1], targets (N, K), which are mixed by the cells. The first
    labelling is uniformly random, as in the code.

    Saliency is taken with respect to images in [0, 1], the code's after normalisation. Each output
    is labelled exactly where the grid is narrow enough (most of the default 4 x 4 are), and else by
    alpha-beta swaps as published, with expansions beside them.

    Args:
        alpha: Parameter of the Dirichlet prior on how much each input is used.
        part: Rows that are mixed with one another.
        grid: Cells per side; 0 draws 2, 4, 8 or 16 per group, of those that divide the image.
        beta: Weight of smoothness.
        gamma: Weight of the diversity of the outputs.
        tau: Share of an output up to which an input may be used by the others for free.
        eta: Weight of the prior.
        omega: Share of the distance between salient places in the compatibility of inputs.
        clean_weight: Positive: the loss of the clean images joins the step, with this weight, and
            their gradient is taken in training mode. In the authors' code it is multiplied by 2
            over the number of classes, to match its binary cross-entropy.
        sweeps: Most passes over the outputs.
        solver: ``cut``, or ``icm``: iterated conditional modes alone.
        mix_group: Rows that share a grid, and are cut into parts.

    Raises:
        ValueError: A switch has a value that is not allowed; the message names those that are.
    """

    alpha: float = 2.0
    part: int = 20
    grid: int = 4
    beta: float = 0.32
    gamma: float = 1.0
    tau: float = 0.83
    eta: float = 0.05
    omega: float = 0.001
    clean_weight: float = 1.0
    sweeps: int = 4
    solver: str = "cut"

    needs_model: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        numbers = dict.fromkeys(("beta", "gamma", "eta", "clean_weight"), (0, 100))
        require_fields(
            self,
            integers={"part": (2, 100), "sweeps": (1, 100)},
            numbers={"alpha": (0.01, 1000), "tau": (0, 1000), "omega": (0, 1), **numbers},
            choices={"solver": SOLVERS},
        )
        whole = type(self.grid) is int and (self.grid == 0 or 2 <= self.grid <= 16)
        require("CoMixup", "grid", self.grid, whole, "0 or an integer from 2 to 16")

    def _draw(self, keys: Tensor, size: tuple[int, int]) -> CoPlan:
        """Part, grid, prior and first labelling of each row."""
        fitting = grids_of("CoMixup", self.grid, size)
        keys = named_keys(keys, "comixup")
        group = group_numbers(len(keys), self.mix_group, keys.device)
        place = torch.arange(len(keys), device=keys.device) - group * self.mix_group
        part = group * -(-self.mix_group // self.part) + place // self.part
        grids = torch.tensor(fitting, device=keys.device)
        grid = grids[integers(group_keys(keys, self.mix_group), 0, len(fitting) - 1, draw=0)]
        prior = [self._prior(keys[part == number]) for number in torch.unique(part).tolist()]
        cells = torch.arange(max(fitting) ** 2, device=keys.device)
        start = by_position(part_keys(keys, 1), cells)
        return CoPlan(part, grid, torch.cat(prior), start)

    def _prior(self, keys: Tensor) -> Tensor:
        """How much of a part's outputs each of its rows is to take: keys (P,) -> (P,) float64."""
        return dirichlet(group_keys(keys, len(keys))[0], len(keys), self.alpha, draw=1)

    def _apply_with_model(self, batch: Batch, plan: CoPlan, model: ModelHandle | None) -> Batch:
        """Ask for the saliency, assign all parts of one grid and size together, and mix."""
        if model is None:
            raise ValueError("CoMixup needs the network: pass model=")
        gradient = model.input_gradient(batch.images, batch.targets, keep=self.clean_weight)
        salience = saliency(gradient)
        images, targets = torch.empty_like(batch.images), torch.empty_like(batch.targets)
        _, number, count = torch.unique(plan.part, return_inverse=True, return_counts=True)
        size = count[number]
        for grid, inputs in torch.unique(torch.stack([plan.grid, size], 1), dim=0).tolist():
            same = (plan.grid == grid) & (size == inputs)
            rows = same.nonzero()[:, 0].view(-1, inputs)
            masks = self._masks(salience, plan, rows, grid)
            images[rows] = _mixed(batch.images[rows], masks)
            share = masks.mean((2, 3))  # parts x outputs x inputs
            targets[rows] = (share[..., None] * batch.targets[rows][:, None]).sum(2)
        return batch.replace(images=images, targets=targets)

    def _masks(self, salience: Tensor, plan: CoPlan, rows: Tensor, grid: int) -> Tensor:
        """Weights (Q, P, grid, grid, P) float32 of the inputs in the outputs of rows (Q, P)."""
        here = rows.flatten()
        cells = shares(salience[here], grid).reshape(*rows.shape, grid, grid)
        asked = self.eta / grid**2 * np.log(plan.prior[rows].cpu().numpy() + 1e-8)
        cost = -cells - asked[..., None, None]
        start = plan.start[rows, : grid**2].cpu().numpy().astype(np.float64)
        problem = CoProblem(
            np.moveaxis(cost, 1, -1),
            compatibility(salient_places(salience[here]).view(*rows.shape, 2), self.omega),
            CoSettings(self.beta, self.gamma, self.tau, self.sweeps, self.solver),
        )
        first = (start * rows.shape[1]).astype(np.int64).reshape(*rows.shape, grid, grid)
        masks = assign(problem, first)
        return torch.as_tensor(masks, dtype=torch.float32, device=salience.device)


def salient_places(salience: Tensor) -> Tensor:
    """Row and column of the most salient window: (N, S, S) -> (N, 2) int64."""
    window = min(WINDOW, salience.shape[-1])
    smooth = torch.nn.functional.avg_pool2d(salience[:, None], window, stride=1)[:, 0]
    place, width = smooth.flatten(1).argmax(1), smooth.shape[-1]
    return torch.stack([place // width, place % width], dim=1)


def compatibility(places: Tensor, omega: float) -> Floats:
    """The matrix A of Co-Mixup: the identity, and a little of the distance of salient places.

    Args:
        places: (Q, P, 2) int64.
        omega: Share of the distances, which are scaled to the sum P.

    Returns:
        (Q, P, P) float64; the identity's share alone where all places are the same.
    """
    spot = places.cpu().numpy()
    far = np.abs(spot[:, :, None] - spot[:, None]).sum(-1).astype(np.float64)
    total = far.sum((1, 2), keepdims=True)
    scaled = np.divide(far * spot.shape[1], total, out=np.zeros_like(far), where=total > 0)
    mixed: Floats = (1 - omega) * np.eye(spot.shape[1]) + omega * scaled
    return mixed


def _mixed(images: Tensor, masks: Tensor) -> Tensor:
    """Outputs (Q, P, C, S, S) of inputs (Q, P, C, S, S) under masks (Q, P, n, n, P).

    A cell shows one input or two by halves: both are gathered, which is exact where sums over all
    inputs would be rounded.
    """
    parts, inputs, channels, side = images.shape[:4]
    grid = masks.shape[2]
    step = side // grid
    first = masks.argmax(-1)
    second = inputs - 1 - (masks.flip(-1) > 0).to(torch.int8).argmax(-1)
    blocks = images.view(parts, inputs, channels, grid, step, grid, step)
    blocks = blocks.permute(0, 1, 3, 5, 2, 4, 6)  # parts, inputs, grid, grid, channels, step, step
    part = torch.arange(parts, device=images.device)[:, None, None, None]
    row = torch.arange(grid, device=images.device)[:, None]
    column = torch.arange(grid, device=images.device)
    shown = [blocks[part, chosen, row, column] for chosen in (first, second)]
    mixed = torch.lerp(shown[0], shown[1], 0.5)
    return mixed.permute(0, 1, 4, 2, 5, 3, 6).reshape(images.shape)
