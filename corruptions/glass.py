"""Frosted glass of Hendrycks & Dietterich, ICLR 2019: pixels take the colours of others nearby."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corruptions.base import Images, Rng, per_image, to_bytes, to_float
from corruptions.gaussian import smooth


def glass_blur(images: Images, parameters: tuple[float, int, int], rngs: Sequence[Rng]) -> Images:
    """Blur, let each pixel take the colour of one nearby, and blur again.

    The authors mean to exchange two pixels; as their code has it, the first takes the colour of the
    second, which keeps its own. They go from the last pixel to the first, and a pixel that has
    changed passes its new colour on. At the borders pixels stay: as many as the reach below and to
    the right, one more above and to the left; of an image with no others, all.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Standard deviation of both Gaussians in pixels; reach in pixels, which is
            exclusive downwards and rightwards; how often all pixels are gone through.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    sigma, reach, iterations = parameters
    result = _blur(images, sigma)
    height, width = images.shape[1:3]
    if min(height, width) > 2 * reach:
        pixels = result.reshape(-1, images.shape[3])
        origins = np.arange(len(pixels))
        for _ in range(iterations):
            origins = origins[_moved(rngs, height, width, reach)]
        result = pixels.take(origins, axis=0).reshape(images.shape)
    return _blur(result, sigma)


def _blur(images: Images, sigma: float) -> Images:
    """A Gaussian blur, which a deviation below an eighth of a pixel reduces to the identity."""
    return images if sigma < 0.125 else to_bytes(smooth(to_float(images), sigma))


def _moved(rngs: Sequence[Rng], height: int, width: int, reach: int) -> NDArray[np.intp]:
    """The pixel whose colour each pixel has when all have been gone through once.

    Pixels are numbered along the whole batch: (N * H * W,) for N sources of randomness.
    """
    source = np.arange(len(rngs) * height * width).reshape(-1, height, width)
    rows, columns = height - 2 * reach, width - 2 * reach
    shifts = per_image(rngs, lambda rng: rng.randint(-reach, reach, size=(rows * columns, 2)))
    # Drawn from the last pixel to the first, each time (right, down).
    steps = (shifts[:, ::-1, 0] + shifts[:, ::-1, 1] * width).reshape(-1, rows, columns)
    source[:, reach + 1 : height - reach + 1, reach + 1 : width - reach + 1] += steps
    return _follow(source.reshape(-1))


def _follow(source: NDArray[np.intp]) -> NDArray[np.intp]:
    """Resolve copies made one by one from the last pixel to the first: (P,) -> (P,).

    A source further on has been given another's colour before it is copied; all others are still
    what they were.
    """
    origins = source.copy()
    waiting = np.flatnonzero(source > np.arange(len(source)))
    passed = source[waiting]
    while len(waiting):
        before = source[passed]
        origins[waiting] = before
        further = before > passed
        waiting, passed = waiting[further], before[further]
    return origins
