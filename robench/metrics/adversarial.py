"""Error under attack."""

import numpy as np
from numpy.typing import NDArray

from robench.metrics.accuracy import average
from robench.types import Floats


def adv_error(fooled: NDArray[np.bool_]) -> float:
    """Share of images that are misclassified, clean or after the attack.

    Args:
        fooled: (N,) whether the clean image or any attacked version was misclassified.

    Returns:
        A fraction in [0, 1]; 0 is perfect. Never below the clean error.

    Raises:
        ValueError: No images.
    """
    return average(adv_error_per_image(fooled))


def adv_error_per_image(fooled: NDArray[np.bool_]) -> Floats:
    """(N,) 1.0 where fooled; its mean is `adv_error`."""
    return np.asarray(fooled).astype(np.float64)
