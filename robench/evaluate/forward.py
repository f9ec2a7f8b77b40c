"""Pixels in, outputs out: the only place where an evaluated network runs."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from robench.attacks import Attack
from robench.attacks.flags import inspect_attack
from robench.datasets.class_lists import ClassMask
from robench.errors import RunError
from robench.evaluate.parts import Arrays
from robench.metrics.compact import compact
from robench.types import Cell

KEPT = 200  # of more classes than this, corrupted and perturbed sets keep summaries


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

    model: nn.Module
    device: torch.device
    precision: str
    block: int

    def measure(
        self, cell: Cell, images: Tensor, labels: NDArray[np.int64], mask: ClassMask | None
    ) -> Arrays:
        """Logits of a block, after the class mask; summaries of them for large corrupted sets.

        Args:
            cell: What is measured.
            images: (n, 3, H, W) uint8.
            labels: (n,) among the classes of the set.
            mask: The classes of the set, None for all.

        Raises:
            RunError: Logits that are not numbers; the message names the cell.
        """
        logits = self.logits(images)
        bad = int((~np.isfinite(logits)).any(1).sum())
        if bad:
            raise RunError(
                f"{cell.slug}: the logits of {bad} of {len(logits)} images are not finite. The "
                f"checkpoint is damaged or diverged, or --precision {self.precision} is too low "
                f"for it."
            )
        kept = mask.apply(logits) if mask else logits
        if kept.shape[1] > KEPT and (cell.severity or cell.difficulty):
            return compact(kept, labels)
        return {"logits": kept}

    def assault(
        self, attack: Attack, images: Tensor, labels: NDArray[np.int64], indices: NDArray[np.int64]
    ) -> Arrays:
        """Attack a block of a clean cell.

        Args:
            attack: What with.
            images: (n, 3, H, W) uint8.
            labels: (n,).
            indices: (n,) of the images in their set, which key random starts.

        Raises:
            RunError: Gradients or logits that are not numbers.
        """
        result = attack(self.model, *self._attacked(images, labels, indices))
        return {
            "fooled": result.fooled.cpu().numpy(),
            "steps": result.steps.cpu().numpy().astype(np.int16),
        }

    def inspect(
        self, attack: Attack, images: Tensor, labels: NDArray[np.int64], indices: NDArray[np.int64]
    ) -> tuple[str, ...]:
        """What makes the result of an attack doubtful, in words; arguments as for `assault`."""
        return tuple(inspect_attack(attack, self.model, *self._attacked(images, labels, indices)))

    def _attacked(
        self, images: Tensor, labels: NDArray[np.int64], indices: NDArray[np.int64]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What an attack takes, on the device."""
        return (
            images.to(self.device).float() / 255,
            torch.tensor(labels, device=self.device),
            torch.tensor(indices, device=self.device),
        )

    @torch.inference_mode()
    def logits(self, images: Tensor) -> NDArray[np.float32]:
        """Logits (n, K) of images (n, 3, H, W) uint8."""
        low = self.precision == "bf16"
        if self.device.type == "cuda":
            images = images.pin_memory()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=low):
            logits: Tensor = self.model(images.to(self.device, non_blocking=True))
        return logits.float().cpu().numpy()
