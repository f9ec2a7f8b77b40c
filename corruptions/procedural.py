"""Corruptions of robench's own, for those that need files which may not be at hand."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from corruptions.base import Corruption, Floats, Images, Rng

STEMS, NODES = 26, 12  # feathers a picture, and branches on either side of a feather
BUDS = np.arange(1, 6) / 6  # where twigs leave a branch, as fractions of its length
CANVAS = (64, 512)  # the longer side at which crystals are drawn lies between these
ICE = np.array((0.86, 0.94, 1.0), dtype=np.float32) * 255.0
SEEN = 2.5  # pixels that a shoot must be able to reach
SIXTY = np.pi / 3  # the angle of ice


def frost_procedural(
    images: Images, parameters: tuple[float, float], rngs: Sequence[Rng]
) -> Images:
    """Grow feathers of ice from the borders of the picture over a haze of rime.

    Made for robench, from no photograph: it needs no files and takes any size, but it is another
    corruption than ``frost``, whose scores it cannot be compared with. Stems start at random places
    of the border and bend inwards; branches leave them on both sides at the sixty degrees of ice,
    and twigs leave the branches; haze gathers at the border. Weights are those of ``frost``.

    Args:
        images: (N, H, W, 3) uint8.
        parameters: Weights of the image and of the frost.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    image_weight, frost_weight = parameters
    height, width = images.shape[1:3]
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, rng in zip(result, images, rngs, strict=True):
        mixed = np.multiply(image, image_weight, dtype=np.float32)
        mixed += _ice(rng, height, width)[..., None] * (frost_weight * ICE)
        row[...] = np.minimum(mixed, 255.0, out=mixed)
    return result


def _ice(rng: Rng, height: int, width: int) -> NDArray[np.float32]:
    """Brightness of the frost in [0, 1]: (H, W) float32."""
    longer = max(height, width)
    zoom = min(max(longer, CANVAS[0]), CANVAS[1]) / longer
    rows, columns = max(2, round(height * zoom)), max(2, round(width * zoom))
    short = min(rows, columns)
    density = _density(rng, rows, columns)
    crystals = np.zeros((rows, columns), dtype=np.uint8)
    for lines, level in _feathers(rng, rows, columns):
        points = np.rint(lines * 16).astype(np.int32)
        cv2.polylines(crystals, list(points), False, level, max(1, short // 200), cv2.LINE_AA, 4)
    sharp = crystals.astype(np.float32) / np.float32(255)
    glow = cv2.GaussianBlur(sharp, (0, 0), short / 45)
    grain = cv2.blur(rng.random_sample((rows, columns)).astype(np.float32), (2, 2))
    ice = density * (0.2 + 0.6 * grain) + sharp * (0.7 + 0.8 * density) + 0.9 * glow
    ice = np.asarray(1 - np.exp(-ice), dtype=np.float32)
    way = cv2.INTER_AREA if zoom > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ice, (width, height), interpolation=way), dtype=np.float32)


def _density(rng: Rng, rows: int, columns: int) -> NDArray[np.float32]:
    """Haze in [0, 1], thickest at the border and uneven: (rows, columns) float32."""
    coarse = rng.random_sample((7, 7)).astype(np.float32)
    uneven = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    down = np.minimum(np.arange(rows), np.arange(rows)[::-1])
    across = np.minimum(np.arange(columns), np.arange(columns)[::-1])
    depth = np.minimum(down[:, None], across).astype(np.float32) / np.float32(min(rows, columns))
    haze = np.exp(-depth * (3 + 6 * uneven)) * 1.1 - 0.05 + 0.25 * uneven
    return np.asarray(np.clip(haze, 0, 1), dtype=np.float32)


def _feathers(rng: Rng, rows: int, columns: int) -> list[tuple[Floats, int]]:
    """Twigs, branches and stems, the faintest first, each with its level of 0..255.

    Returns:
        Arrays (M, P, 2) of M broken lines of P points (x, y) in pixels.
    """
    short = min(rows, columns)
    shape = rng.random_sample((STEMS, 4))
    root, inwards = _border(rng.random_sample(STEMS), rows, columns)
    length = short * (0.15 + 0.6 * shape[:, 0] ** 2)
    along = np.linspace(0, 1, NODES + 1)
    bend = 2.4 * (shape[:, 2] - 0.5)
    heading = (inwards + 1.6 * (shape[:, 1] - 0.5))[:, None] + bend[:, None] * along
    steps = _unit(heading) * (length / NODES)[:, None, None]
    stems = root[:, None] + np.cumsum(steps, axis=1) - steps[:, :1]
    reach = (length * (0.2 + 0.3 * shape[:, 3]))[:, None] * (1 - along) ** 0.7
    branches, size, turn = _grow(rng, stems, heading, reach)
    bears = size > 2 * SEEN  # no twig of a shorter branch would be seen
    base, tip = np.moveaxis(branches[bears], 1, 0)[:, :, None]
    turns = np.repeat(turn[bears][:, None], len(BUDS), axis=1)
    joints = base + (tip - base) * BUDS[:, None]
    twigs, _, _ = _grow(rng, joints, turns, 0.45 * size[bears][:, None] * (1.1 - BUDS))
    return [(twigs, 110), (branches, 170), (stems, 235)]


def _grow(
    rng: Rng, joints: Floats, heading: Floats, reach: Floats
) -> tuple[Floats, Floats, Floats]:
    """Straight shoots on both sides of each joint (..., 2), where they may grow long enough.

    Returns:
        Lines (M, 2, 2) from joint to tip, their lengths (M,) and headings (M,).
    """
    seen = reach >= SEEN
    draws = rng.random_sample((2, np.count_nonzero(seen), 2))
    length = reach[seen][:, None] * (0.4 + 0.6 * draws[0])
    turn = heading[seen][:, None] + SIXTY * np.array((-1.0, 1.0)) + 0.3 * (draws[1] - 0.5)
    start = np.repeat(joints[seen][:, None], 2, axis=1)
    stop = start + _unit(turn) * length[..., None]
    return np.stack([start, stop], axis=-2).reshape(-1, 2, 2), length.ravel(), turn.ravel()


def _border(where: Floats, rows: int, columns: int) -> tuple[Floats, Floats]:
    """Points of the border, by their fraction of the way around, and the headings inwards."""
    way = where * 2 * (rows + columns)
    edge = np.searchsorted(np.cumsum((columns, rows, columns)), way, side="right")
    rest = way - np.array((0, columns, columns + rows, 2 * columns + rows))[edge]
    x = np.where(edge % 2, np.where(edge == 1, columns, 0), rest)
    y = np.where(edge % 2, rest, np.where(edge == 2, rows, 0))
    return np.stack([x, y], axis=-1), np.array((0.5, 1.0, 1.5, 0.0))[edge] * np.pi


def _unit(heading: Floats) -> Floats:
    """Unit vectors (x, y) of headings in radians."""
    return np.stack([np.cos(heading), np.sin(heading)], axis=-1)


PROCEDURAL = (
    Corruption(
        "frost_procedural",
        frost_procedural,
        group="procedural",
        severities={
            "cifar": ((1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)),
            "tiny": ((1, 0.3), (0.9, 0.4), (0.8, 0.45), (0.75, 0.5), (0.7, 0.55)),
            "imagenet": ((1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)),
            "inception": ((1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)),
        },
        stochastic=True,
    ),
)
