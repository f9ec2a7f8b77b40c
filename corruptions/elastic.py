"""Elastic transform of Hendrycks & Dietterich, ICLR 2019: a random affine map, then small waves."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, dctn, idctn
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import csr_array

from corruptions.base import Family, Floats, Floats32, Images, Rng, freeze, per_image, to_float32

Indices: TypeAlias = NDArray[np.int32]
Strength: TypeAlias = tuple[float, float, float]


def elastic_transform(images: Images, parameters: Strength, rngs: Sequence[Rng]) -> Images:
    """Map each image affinely, then move every pixel by a smooth random field.

    After Simard et al., "Best Practices for Convolutional Neural Networks", ICDAR 2003. Three
    points around the centre, a third of the shorter side away from it, are moved at random and
    carry the image with them. Borders mirror: without the edge in the affine map, with it in the
    field. OpenCV 4 rounds the affine map to 1/32 pixel; OpenCV 5 does not, and differs by up to
    three levels.

    Args:
        images: (N, H, W, 3) uint8. What is published is square; oblong images are our extension.
        parameters: Strength of the field, standard deviation of its Gaussian smoothing, and largest
            shift of a point along each axis, all in pixels. No strength leaves the affine map.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    alpha, sigma, jitter = parameters
    size = images.shape[1:3]
    values = to_float32(images)
    moved = np.empty_like(values)
    for value, row, rng in zip(values, moved, rngs, strict=True):
        affine = _affine(size, jitter, rng)
        cv2.warpAffine(value, affine, size[::-1], dst=row, borderMode=cv2.BORDER_REFLECT_101)
    if alpha:
        fields = per_image(rngs, lambda rng: rng.uniform(-1.0, 1.0, (2, *size)))
        shifts = (_smooth(fields, sigma) * alpha).astype(np.float32)
        moved = _sample(moved, shifts, alpha)
    return (np.clip(moved, 0.0, 1.0, out=moved) * 255).astype(np.uint8)


def _affine(size: tuple[int, ...], jitter: float, rng: Rng) -> Floats:
    """The map (2, 3) that carries three points around the centre to their jittered places."""
    height, width = size
    centre = np.array([width // 2, height // 2], dtype=np.float32)
    reach = max(1, min(size) // 3)  # below three pixels the points would fall together
    points = centre + reach * np.array([[1, 1], [1, -1], [-1, -1]], dtype=np.float32)
    moved = points + rng.uniform(-jitter, jitter, (3, 2)).astype(np.float32)
    return np.asarray(cv2.getAffineTransform(points, moved))


def _smooth(fields: Floats, sigma: float) -> Floats:
    """Smooth (..., H, W) with a Gaussian that is cut off at three standard deviations."""
    height, width = fields.shape[-2:]
    spectra = dctn(fields, axes=(-2, -1))
    spectra *= _gains(height, sigma)[:, None]
    spectra *= _gains(width, sigma)
    return np.asarray(idctn(spectra, axes=(-2, -1), overwrite_x=True))


@lru_cache(maxsize=16)
def _gains(side: int, sigma: float) -> Floats:
    """What Gaussian filtering of a line with mirrored ends does to its cosines: (side,).

    Cosines that mirror at the ends only change in height, so that one impulse tells all. A kernel
    of several times the length of the line, as in ImageNet's severity 1, costs no more than others.
    """
    impulse = np.zeros(side)
    impulse[0] = 1.0
    response = gaussian_filter1d(impulse, sigma, mode="reflect", truncate=3.0)
    gains: Floats = dct(response) / dct(impulse)
    freeze(gains)
    return gains


def _sample(images: Floats32, shifts: Floats32, reach: float) -> Floats32:
    """Sample each image bilinearly at the shifted places.

    Args:
        images: (N, H, W, 3) float32.
        shifts: (N, 2, H, W) along x and y, in pixels.
        reach: Bound of the absolute shifts.

    Returns:
        (N, H, W, 3) float32.
    """
    count, height, width, channels = images.shape
    x = np.add(np.arange(width), shifts[:, 0], dtype=np.float64)
    y = np.add(np.arange(height)[:, None], shifts[:, 1], dtype=np.float64)
    columns, right_weight = _between(x, width, reach)
    rows, low_weight = _between(y, height, reach)
    first = np.arange(0, count * height * width, height * width, dtype=np.int32)[:, None, None]
    starts = [first + row * np.int32(width) for row in rows]
    sources = np.empty((count, height, width, 4), dtype=np.int32)
    weights = np.empty((count, height, width, 4))
    for corner, (low, right) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        np.add(starts[low], columns[right], out=sources[..., corner])
        np.multiply(low_weight[low], right_weight[right], out=weights[..., corner])
    pixels = count * height * width
    ends = np.arange(0, 4 * pixels + 1, 4, dtype=np.int32)
    matrix = csr_array((weights.ravel(), sources.ravel(), ends), shape=(pixels, pixels))
    sampled = matrix @ images.reshape(pixels, channels).astype(np.float64)
    return sampled.astype(np.float32).reshape(images.shape)


def _between(
    places: Floats, side: int, reach: float
) -> tuple[tuple[Indices, Indices], tuple[Floats, Floats]]:
    """The two pixels that each place lies between, mirrored into the line, and their weights."""
    floors = np.floor(places)
    upper = places - floors
    margin = int(reach) + 2
    mirror = np.pad(np.arange(side, dtype=np.int32), margin, mode="symmetric")
    index = floors.astype(np.int32)
    index += margin
    return (mirror[index], mirror[index + 1]), (1.0 - upper, upper)


def _pixels(side: int, multiples: Sequence[tuple[float, float, float]]) -> tuple[Strength, ...]:
    """Published multiples of a side -> pixels."""
    return tuple((side * alpha, side * sigma, side * jitter) for alpha, sigma, jitter in multiples)


LARGE = ((2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02), (0.12, 0.01, 0.02))

SEVERITIES: Mapping[Family, Sequence[Strength]] = {
    "cifar": _pixels(
        32,
        ((0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)),
    ),
    "tiny": _pixels(
        64,
        ((0, 0, 0.08), (0.05, 0.3, 0.06), (0.1, 0.08, 0.06), (0.1, 0.03, 0.03), (0.16, 0.03, 0.02)),
    ),
    "imagenet": _pixels(244, LARGE),  # not 224: a slip of the pen that the authors kept
    "inception": _pixels(360, LARGE),
}
"""Strength, smoothing and jitter in pixels; published as multiples of a constant per family."""
