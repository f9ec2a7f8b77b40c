"""C-bar corruptions by blurs that vary over the image: circular motion, chromatic aberration.

Both interpolate with cubic B-splines as ``scipy.ndimage`` does.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import sparse
from scipy.ndimage import spline_filter1d

from corruptions.bar.sampling import Indices
from corruptions.base import Floats, Images, Rng, per_image

TURNS = np.linspace(-1.0, 1.0, 21)  # in shares of the largest angle
KEPT_PIXELS = 1 << 16  # of the largest images whose matrices are kept
MIRRORS = ((1, 1), (1, -1), (-1, 1), (-1, -1))  # steps down and right, of the four quarters
STRIP = 1 << 13  # pixels of larger ones that are blurred at a time, to stay in the cache


def circular_motion_blur(images: Images, magnitude: float) -> Images:
    """Average the image over turns about its centre, the smaller turns weighing more.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. Each of the 21 turns leaves black corners.

    Up to 256 x 256 pixels all turns are one matrix, of which five are kept: at that size the
    published magnitudes take 115 MB. Larger images are turned anew each time, in strips.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The largest angle is 1.5 degrees times this, to either side.

    Returns:
        (N, H, W, 3) uint8.
    """
    count, height, width, _ = images.shape
    planes = images.transpose(1, 2, 0, 3).reshape(height, width, -1).astype(np.float64)
    for axis in (0, 1):
        planes = spline_filter1d(planes, order=3, axis=axis, mode="mirror")
    blur = _blurred_at_once if height * width <= KEPT_PIXELS else _blurred_by_turns
    blurred = blur(planes, magnitude)
    levels = np.clip(blurred, 0.0, 255.0, out=blurred).astype(np.uint8)
    return np.ascontiguousarray(levels.reshape(height, width, count, 3).transpose(2, 0, 1, 3))


def _blurred_at_once(planes: Floats, magnitude: float) -> Floats:
    """The mean of all turns of spline coefficients (H, W, K), by one matrix."""
    height, width, _ = planes.shape
    quarter = _turned_quarter(height, width, magnitude)
    top, left = -(-height // 2), -(-width // 2)
    blurred = np.empty_like(planes)
    for down, right in MIRRORS:
        mirrored = planes[::down, ::right].reshape(height * width, -1)
        part = (quarter @ mirrored).reshape(top, left, -1)
        blurred[::down, ::right][:top, :left] = part
    return blurred


def _blurred_by_turns(planes: Floats, magnitude: float) -> Floats:
    """The same up to rounding, turn after turn and strip after strip of the upper left quarter."""
    height, width, count = planes.shape
    flat = planes.reshape(height * width, count)
    blurred = np.empty_like(planes)
    top, left = -(-height // 2), -(-width // 2)
    step = max(1, STRIP // left)
    for start in range(0, top, step):
        rows = slice(start, min(start + step, top))
        parts = np.zeros((len(MIRRORS), (rows.stop - start) * left, count))
        for angle, weight in _angles(magnitude):
            row, column, weights = _sources(rows, height, width, angle)
            data = (weight * weights).transpose(2, 0, 1).ravel()
            ends = np.arange(0, len(data) + 1, 16, dtype=np.int32)
            for place, (down, right) in enumerate(MIRRORS):
                seen = row if down == 1 else height - 1 - row
                beside = column if right == 1 else width - 1 - column
                source = (seen.T[:, :, None] * width + beside.T[:, None]).astype(np.int32).ravel()
                turn = sparse.csr_array((data, source, ends), (len(ends) - 1, len(flat)))
                parts[place] += turn @ flat
        for part, (down, right) in zip(parts, MIRRORS, strict=True):
            blurred[::down, ::right][rows, :left] = part.reshape(-1, left, count)
    return blurred


def _angles(magnitude: float) -> list[tuple[float, float]]:
    """The turns in radians and their weights, which sum to 1."""
    weights = np.exp(-2.0 * TURNS**2)
    weights /= weights.sum()
    angles = np.radians(1.5 * magnitude * TURNS)
    return list(zip(angles.tolist(), weights.tolist(), strict=True))


@lru_cache(maxsize=5)
def _turned_quarter(height: int, width: int, magnitude: float) -> sparse.csr_array:
    """The mean of all turns as a matrix from spline coefficients to the upper left pixels.

    Turns come in pairs of opposite angles, so the other quarters are its mirror images.
    (ceil(H/2) * ceil(W/2), H * W), float64.
    """
    shape = (-(-height // 2) * -(-width // 2), height * width)
    matrix = sparse.csr_array(shape)
    for angle, weight in _angles(magnitude):
        row, column, weights = _sources(slice(0, -(-height // 2)), height, width, angle)
        source = (row[:, None] * width + column).astype(np.int32)
        target = np.broadcast_to(np.arange(shape[0], dtype=np.int32), source.shape)
        entries = (weights.ravel(), (target.ravel(), source.ravel()))
        matrix = matrix + weight * sparse.coo_array(entries, shape=shape).tocsr()
    for array in (matrix.data, matrix.indices, matrix.indptr):
        array.flags.writeable = False
    return matrix


def _sources(rows: slice, height: int, width: int, angle: float) -> tuple[Indices, Indices, Floats]:
    """Where a turn about the centre takes the left half of some rows from; black from outside.

    Returns:
        The rows (4, M) and columns (4, M) of the neighbours of M points, and the weights (4, 4, M)
        of each row and column.
    """
    points = np.mgrid[rows, : -(-width // 2)].reshape(2, -1)
    down, right = points[0] - (height - 1) / 2.0, points[1] - (width - 1) / 2.0
    cosine, sine = np.cos(angle), np.sin(angle)
    row, row_weights = _taps(cosine * down + sine * right + (height - 1) / 2.0, height)
    column, column_weights = _taps(cosine * right - sine * down + (width - 1) / 2.0, width)
    return row, column, row_weights[:, None] * column_weights


def transverse_chromatic_abberation(
    images: Images, magnitude: float, rngs: Sequence[Rng]
) -> Images:
    """Magnify the channels differently about the centre, and blur all of them a little.

    Mintun et al., NeurIPS 2021. The values themselves serve as spline coefficients, hence the blur
    of even the channel that is not magnified. The name keeps the archives' spelling.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: In random order, channels grow to 1, 1 + 0.025 and 1 + 0.05 times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    orders = per_image(rngs, lambda rng: rng.permutation(3)).ravel()
    planes = np.ascontiguousarray(images.transpose(1, 2, 0, 3)).reshape(*images.shape[1:3], -1)
    result = np.empty_like(planes)
    for order, growth in enumerate((0.0, 0.025, 0.05)):
        chosen = np.flatnonzero(orders == order)
        result[..., chosen] = _magnified(planes[..., chosen], 1.0 + growth * magnitude)
    count, height, width, _ = images.shape
    channels_last = result.reshape(height, width, count, 3).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(channels_last)


def _magnified(planes: Images, scale: float) -> Images:
    """The centre of planes (H, W, K) after magnification.

    A plane at scale 1 often comes to exactly half a level, so the order of the sums is scipy's:
    rounding depends on it.
    """
    rows, row_weights = _magnified_axis(planes.shape[0], scale)
    columns, column_weights = _magnified_axis(planes.shape[1], scale)
    total = np.zeros(planes.shape)
    term = np.empty_like(total)
    for row, row_weight in zip(rows, row_weights, strict=True):
        weighted = planes[row] * row_weight[:, None, None]
        for column, column_weight in zip(columns, column_weights, strict=True):
            np.take(weighted, column, axis=1, out=term, mode="clip")
            term *= column_weight[:, None]
            total += term
    total += 0.5
    return total.astype(np.uint8)


def _magnified_axis(length: int, scale: float) -> tuple[Indices, Floats]:
    """Taps of the middle of an axis after magnification to a whole number of pixels."""
    grown = round(length * scale)
    step = (length - 1) / max(grown - 1, 1)
    first = (grown - length) // 2
    return _taps(step * np.arange(float(first), float(first + length)), length)


def _taps(points: Floats, length: int) -> tuple[Indices, Floats]:
    """Four neighbours of points on an axis, mirrored at its ends, and their weights: (4, M) each.

    Points beyond the ends weigh nothing.
    """
    below = np.floor(points)
    share = points - below
    rest = 1.0 - share
    before = rest**3 / 6.0
    at = (share * share * (share - 2.0) * 3.0 + 4.0) / 6.0
    after = (rest * rest * (rest - 2.0) * 3.0 + 4.0) / 6.0
    weights = np.stack([before, at, after, 1.0 - before - at - after])
    weights *= (points >= 0.0) & (points <= length - 1)
    period = max(2 * (length - 1), 1)
    neighbours = (below.astype(np.int64) + np.arange(-1, 3)[:, None]) % period
    return np.minimum(neighbours, period - neighbours) % length, weights
