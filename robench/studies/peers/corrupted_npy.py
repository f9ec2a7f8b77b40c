"""How the images of a corrupted ``.npy`` archive reach a network elsewhere, to time against.

Our own short restatements: of RobustBench's loader (the whole file for every severity, floats in
memory), and of the official evaluation scripts (a data set of single pictures behind a loader).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import functional

from robench.types import Images


def robustbench_batches(path: Path, size: int, batch: int) -> Iterator[Tensor]:
    """Batches (n, 3, 32, 32) float32 in [0, 1] of all five severities of a file.

    Args:
        path: (5 * size, 32, 32, 3) uint8.
        size: Images of one severity.
        batch: Images of one batch.
    """
    for severity in range(5):
        whole = np.load(path)
        chosen = np.concatenate([whole[severity * size : (severity + 1) * size]])
        floats = np.transpose(chosen, (0, 3, 1, 2)).astype(np.float32) / 255
        tensor = torch.tensor(floats)
        for start in range(0, size, batch):
            yield tensor[start : start + batch]


def official_batches(path: Path, batch: int) -> Iterator[Tensor]:
    """Batches (n, 3, 32, 32) float32 in [-1, 1] of a whole file, one Pillow picture at a time."""
    loader: DataLoader[Tensor] = DataLoader(_Pictures(np.load(path)), batch_size=batch)
    yield from loader


class _Pictures(Dataset[Tensor]):
    """Images (N, H, W, 3) uint8, decoded as torchvision's CIFAR10 does."""

    def __init__(self, images: Images) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        """One normalised picture."""
        tensor = functional.to_tensor(Image.fromarray(self.images[index]))
        normalised: Tensor = functional.normalize(tensor, [0.5] * 3, [0.5] * 3)
        return normalised
