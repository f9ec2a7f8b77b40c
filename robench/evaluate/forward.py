"""Pixels in, outputs out: the only place where an evaluated network runs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from robench.attacks import Attack
from robench.datasets import CellSource
from robench.errors import RunError
from robench.models.normalised import Normalised
from robench.progress import Progress
from robench.types import Cell, Outputs


@dataclass(frozen=True)
class Forward:
    """A network in evaluation mode.

    Attributes:
        model: Takes (n, 3, H, W) uint8 or [0, 1] float32; normalises inside.
        device: Where it is.
        precision: ``fp32`` or ``bf16``; attacks are always fp32.
        block: Images per forward pass: fixed consecutive indices, so that equal blocks and equal
            threads give equal bits.
    """

    model: Normalised
    device: torch.device
    precision: str
    block: int

    def measure(self, source: CellSource, cell: Cell, progress: Progress) -> Outputs:
        """Logits of every image of a cell.

        Raises:
            RunError: Logits that are not numbers; the message names the cell.
        """
        found = []
        for start, images in self._blocks(source):
            found.append(self.logits(images))
            bad = int((~np.isfinite(found[-1])).any(1).sum())
            if bad:
                raise RunError(
                    f"{cell.slug}: the logits of {bad} of the images {start} to "
                    f"{start + len(images) - 1} are not finite. The checkpoint is damaged or "
                    f"diverged, or --precision {self.precision} is too low for it."
                )
            progress.advance(len(images))
        return Outputs(_indices(source), source.labels, logits=np.concatenate(found))

    def assault(self, source: CellSource, attack: Attack, progress: Progress) -> Outputs:
        """Attack every image of a clean cell.

        Raises:
            RunError: Gradients or logits that are not numbers.
        """
        fooled, steps = [], []
        for start, images in self._blocks(source):
            stop = start + len(images)
            labels = torch.tensor(source.labels[start:stop], device=self.device)
            indices = torch.arange(start, stop, device=self.device)
            result = attack(self.model, images.to(self.device).float() / 255, labels, indices)
            fooled.append(result.fooled.cpu().numpy())
            steps.append(result.steps.cpu().numpy().astype(np.int16))
            progress.advance(len(images))
        return Outputs(
            _indices(source),
            source.labels,
            fooled=np.concatenate(fooled),
            steps=np.concatenate(steps),
        )

    def _blocks(self, source: CellSource) -> Iterator[tuple[int, Tensor]]:
        """(n, 3, H, W) uint8 views of the stored (n, H, W, 3), which is channels-last already."""
        for start in range(0, source.size, self.block):
            images = source.block(start, min(start + self.block, source.size))
            yield start, torch.tensor(images).permute(0, 3, 1, 2)

    @torch.inference_mode()
    def logits(self, images: Tensor) -> NDArray[np.float32]:
        """Logits (n, K) of images (n, 3, H, W) uint8."""
        low = self.precision == "bf16"
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low):
            logits: Tensor = self.model(images.to(self.device))
        return logits.float().cpu().numpy()


def _indices(source: CellSource) -> NDArray[np.int64]:
    """Positions of the images in their set: blocks begin at its first image."""
    return np.arange(source.size, dtype=np.int64)
