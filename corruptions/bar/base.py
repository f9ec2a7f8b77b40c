"""What several C-bar corruptions share: private seeds, and changes in whole grey levels."""

from collections.abc import Iterator, Sequence

import numpy as np

from corruptions.base import Floats, Images, Rng


def private_rngs(rngs: Sequence[Rng]) -> Iterator[Rng]:
    """For each image the private source of randomness whose seed its own source draws.

    Every turn yields the same object, seeded anew, so use it up before the next turn.

    Args:
        rngs: One source of randomness per image.
    """
    private = np.random.RandomState(0)  # Making one costs sixty times as much as seeding it.
    for rng in rngs:
        # Where C's long has 32 bits, the default type of the draws, it could not hold the bound.
        private.seed(rng.randint(0, 2**32, dtype=np.int64))
        yield private


def add_levels(images: Images, change: Floats) -> Images:
    """Add ``change``, clip to 0..255 and truncate.

    Args:
        images: (..., 3) uint8.
        change: Grey levels, broadcast against ``images``; overwritten.

    Returns:
        uint8 of the shape of ``images``, a new array.
    """
    # An image holds whole numbers: to truncate the sum is to add the floor, in small integers.
    bounded = np.clip(change, -255.0, 255.0, out=change)  # what is beyond changes nothing
    levels = np.floor(bounded, out=bounded).astype(np.int16)
    total = images + levels
    return np.clip(total, 0, 255, out=total).astype(np.uint8)
