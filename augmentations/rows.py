"""Some rows of a batch, and the network as they see it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from augmentations.base import Ascent, Batch, ModelHandle


@dataclass(frozen=True)
class RowsOf:
    """The door to the network for some rows of a batch.

    Attributes:
        model: The door for the whole batch.
        rows: (R,) int64.
        count: Rows of the whole batch.
    """

    model: ModelHandle
    rows: Tensor
    count: int

    def input_gradient(self, images: Tensor, targets: Tensor, keep: float = 0.0) -> Tensor:
        """As `ModelHandle.input_gradient`; a kept loss is a mean over the whole batch."""
        return self.model.input_gradient(images, targets, keep * len(self.rows) / self.count)

    def hidden_mix(self, layer: Tensor, order: Tensor, weight: Tensor) -> None:
        """As `ModelHandle.hidden_mix`; the other rows stay as they are."""
        everyone = torch.arange(self.count, device=order.device)
        points, weights = torch.zeros_like(everyone), weight.new_ones(self.count)
        points[self.rows], weights[self.rows] = layer, weight
        everyone[self.rows] = self.rows[order]
        self.model.hidden_mix(points, everyone, weights)

    def maximise(
        self,
        images_of: Callable[[Tensor], Tensor],
        start: Tensor,
        targets: Tensor,
        ascent: Ascent,
        project: Callable[[Tensor], Tensor],
    ) -> Tensor:
        """As `ModelHandle.maximise`."""
        return self.model.maximise(images_of, start, targets, ascent, project)


def rows_of(batch: Batch, rows: Tensor) -> Batch:
    """Some rows of a batch."""
    partners = None if batch.partners is None else batch.partners[rows]
    return Batch(batch.images[rows], batch.targets[rows], batch.keys[rows], partners, batch.route)
