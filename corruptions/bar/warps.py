"""C-bar corruptions that move pixels: ripples, and cells of pinching and twirling."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from corruptions.bar.sampling import Indices, bilinear, bilinear_grid
from corruptions.base import Floats, Images, Rng, per_image


class Cells(NamedTuple):
    """Where the pixels within the circles of a grid of cells are read from.

    Args:
        cell: (M,) int64, the number of each pixel's cell, counted down the columns of cells.
        place: (M,) int64, the pixel's place in the flattened image.
        rows: (2, M) float64, the row it is read from when its cell turns one way or the other.
        columns: (2, M) float64.
    """

    cell: Indices
    place: Indices
    rows: Floats
    columns: Floats


def ripple(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Displace rows and columns by sine waves.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. Wavelengths are 0.1 to 0.3 sides of the image and amplitudes a share
    of the side; of an oblong image each axis has its own side.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The amplitude is 0.0025 sides times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    shares = per_image(rngs, lambda rng: np.stack([rng.uniform(*span, 2) for span in _WAVES]))
    rows, columns = (
        _rippled(side, 0.0025 * magnitude * side, *shares[:, :, axis].T)
        for axis, side in enumerate(images.shape[1:3])
    )
    return bilinear_grid(images, rows, columns).astype(np.uint8, order="C")


_WAVES = ((0.1, 0.3), (0.0, 2.0 * np.pi))  # of wavelengths, in sides, and phases


def _rippled(side: int, amplitude: float, wavelength: Floats, phase: Floats) -> Floats:
    """Where the points of an axis come from: waves (N,) of wavelengths in sides -> (N, side)."""
    points = np.arange(float(side))
    angle = 2.0 * np.pi * points / (wavelength * side)[:, None] + phase[:, None]
    return points + amplitude * np.sin(angle)


def pinch_and_twirl(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Pinch and turn the image within the circles of a grid of cells.

    Mintun et al., NeurIPS 2021. Each cell turns one way or the other. There are 3 x 3 cells, from
    224 pixels on 5 x 5; the rows and columns that their whole-numbered sides leave over stay as
    they are, and so does what lies outside the circles. Cells of oblong images are oblong, their
    circles fit the shorter side.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The twirl is pi/20 times this at the centre of a circle; the exponent of the
            pinch 0.1 plus 0.04 times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    count, height, width, _ = images.shape
    per_axis = 5 if min(height, width) >= 224 else 3
    turns = per_image(rngs, lambda rng: rng.randint(0, 2, per_axis**2))
    cells = _cells(height, width, per_axis, magnitude)
    turn, pixel = turns[:, cells.cell], np.arange(len(cells.cell))
    moved = bilinear(images, cells.rows[turn, pixel], cells.columns[turn, pixel])
    result = images.copy()
    # The authors keep the picture in single precision, which rounds some values up to the next.
    levels = moved.astype(np.float32).astype(np.uint8)
    result.reshape(count, -1, 3)[:, cells.place] = levels.transpose(0, 2, 1)
    return result


@lru_cache(maxsize=16)
def _cells(height: int, width: int, per_axis: int, magnitude: float) -> Cells:
    """Where pinching and twirling reads from; pixels that stay are left out."""
    rows, columns = height // per_axis, width // per_axis
    radius = min(rows, columns) / 2.0
    down, right = np.mgrid[:rows, :columns].reshape(2, -1) - [[rows / 2.0], [columns / 2.0]]
    distance = np.hypot(down, right)
    within = (distance > 0.0) & (distance < radius)
    down, right = down[within], right[within]
    sources = [
        _pinched_and_twirled(down, right, radius, magnitude, way * np.pi / 20.0) for way in (1, -1)
    ]
    across, along = (corners.ravel() for corners in np.mgrid[:per_axis, :per_axis])
    centres = np.stack([along * rows + rows / 2.0, across * columns + columns / 2.0])
    place = (centres[:, :, None] + np.stack([down, right])[:, None]).reshape(2, -1)
    read = [(centres[:, :, None] + source[:, None]).reshape(2, -1) for source in sources]
    cells = Cells(
        cell=np.repeat(np.arange(per_axis**2), len(down)),
        place=(place[0] * width + place[1]).astype(np.int64),
        rows=np.stack([source[0] for source in read]),
        columns=np.stack([source[1] for source in read]),
    )
    for array in cells:
        array.flags.writeable = False
    return cells


def _pinched_and_twirled(
    down: Floats, right: Floats, radius: float, magnitude: float, twirl: float
) -> Floats:
    """Where points come from, as rows and columns from the centre: (2, M)."""
    share = np.hypot(down, right) / radius
    stretch = np.sin(0.5 * np.pi * share) ** -(0.04 * magnitude + 0.1)
    angle = twirl * magnitude * (1.0 - share) ** 2
    down, right = down * stretch, right * stretch
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([cosine * down - sine * right, cosine * right + sine * down])
