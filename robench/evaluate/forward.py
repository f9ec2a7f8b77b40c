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
            last = start + len(images) // source.frames - 1
            bad = int((~np.isfinite(found[-1])).any(1).sum())
            if bad:
                raise RunError(
                    f"{cell.slug}: the logits of {bad} of the images {start} to {last} are not "
                    f"finite. The checkpoint is damaged or diverged, or --precision "
                    f"{self.precision} is too low for it."
                )
            progress.advance(last + 1 - start)
        return _outputs(source, np.concatenate(found))

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
        """(n, 3, H, W) uint8 views of the stored (n, H, W, 3), which is channels-last already.

        The frames of a sequence are rows of their own and stay together.
        """
        step = max(1, self.block // source.frames)
        for start in range(0, source.size, step):
            images = torch.tensor(source.block(start, min(start + step, source.size)))
            yield start, images.flatten(0, -4).permute(0, 3, 1, 2)

    @torch.inference_mode()
    def logits(self, images: Tensor) -> NDArray[np.float32]:
        """Logits (n, K) of images (n, 3, H, W) uint8."""
        low = self.precision == "bf16"
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low):
            logits: Tensor = self.model(images.to(self.device))
        return logits.float().cpu().numpy()


def _outputs(source: CellSource, logits: NDArray[np.float32]) -> Outputs:
    """Logits (N * F, K) of all frames, with what a metric must know of them."""
    if source.references is None:
        return Outputs(_indices(source), source.labels, logits=logits)
    sequences = np.repeat(_indices(source), source.frames)
    first = sequences * source.frames
    compared = np.tile(source.references, source.size)
    return Outputs(
        sequences,
        np.repeat(source.labels, source.frames),
        logits=logits,
        sequences=sequences,
        references=np.where(compared < 0, -1, first + compared),
    )


def _indices(source: CellSource) -> NDArray[np.int64]:
    """Positions of the images in their set: blocks begin at its first image."""
    return np.arange(source.size, dtype=np.int64)
