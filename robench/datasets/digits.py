"""Scanned handwritten digits that come with scikit-learn: real data without a download."""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from robench.datasets.labelled import Labelled
from robench.types import Images

SIDE = 32
TEST_SIZE = 500


def train_images() -> Labelled:
    """1,297 images; see `split`."""
    return split()[0]


def test_images() -> Labelled:
    """500 images; see `split`."""
    return split()[1]


@lru_cache(maxsize=1)
def split() -> tuple[Labelled, Labelled]:
    """Training and test images of the 1,797 digits in scikit-learn.

    Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI 1998, test part. Light ink
    on a dark ground, three equal channels. The 8x8 images with values 0 to 16 become 0 to 255 and
    are enlarged to 32x32 by Pillow's bicubic filter. The test part is fixed: every class gives its
    proportional share of 500, chosen by a hash of the image's number; both parts are in the order
    of that hash, so that the first N are a fair sample. Writers occur in both parts.

    Returns:
        Training images (1297, 32, 32, 3) and test images (500, 32, 32, 3).
    """
    from sklearn.datasets import load_digits  # noqa: PLC0415  slow to import

    digits = load_digits()
    images, labels = _enlarge(digits.images), digits.target.astype(np.int64)
    names = tuple(str(digit) for digit in range(10))
    train, test = split_indices(labels, TEST_SIZE)
    return (
        Labelled(images[train], labels[train], names),
        Labelled(images[test], labels[test], names),
    )


def split_indices(
    labels: NDArray[np.int64], test_size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split by class in proportion, rounding by the largest remainder.

    Args:
        labels: (N,) 0 to K-1.
        test_size: At most N.

    Returns:
        Indices for training (N - test_size,) and for the test (test_size,), in hash order.
    """
    order = np.array(sorted(range(len(labels)), key=_hash), dtype=np.int64)
    shares = np.bincount(labels) * test_size / len(labels)
    quota = np.floor(shares).astype(np.int64)
    largest = np.argsort(quota - shares, kind="stable")
    quota[largest[: test_size - quota.sum()]] += 1
    ranks = np.empty(len(labels), dtype=np.int64)
    for label in range(len(quota)):
        mine = labels[order] == label
        ranks[mine] = np.arange(mine.sum())
    chosen = ranks < quota[labels[order]]
    return order[~chosen], order[chosen]


def _hash(index: int) -> bytes:
    """Where an image comes in the order."""
    return hashlib.blake2b(f"digits/{index}".encode(), digest_size=16).digest()


def _enlarge(images: NDArray[np.float64]) -> Images:
    """(N, 8, 8) of 0 to 16 -> (N, 32, 32, 3) uint8."""
    small = np.rint(images * (255 / 16)).astype(np.uint8)
    large = [Image.fromarray(one).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for one in small]
    return np.repeat(np.stack([np.asarray(one) for one in large])[..., None], 3, axis=3)
