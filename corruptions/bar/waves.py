"""C-bar corruptions by waves in closed form: plane, concentric, and folded into plasma."""

from collections.abc import Sequence

import numpy as np

from corruptions.bar.base import add_levels
from corruptions.base import Floats, Images, Rng


def single_frequency_greyscale(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Add one plane sine wave to all channels alike.

    Mintun et al., "On Interaction Between Augmentations and Corruptions in Natural Corruption
    Robustness", NeurIPS 2021. The frequency is per pixel, whatever the size of the image.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The amplitude is 19.6 levels times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, rng in zip(result, images, rngs, strict=True):
        wave = _plane_wave(rng, *image.shape[:2])
        row[...] = add_levels(image, (19.6 * magnitude * wave)[..., None])
    return result


def _plane_wave(rng: Rng, height: int, width: int) -> Floats:
    """A sine of random direction, frequency and phase: (H, W) in [-1, 1]."""
    fast = rng.uniform(-np.pi, np.pi)
    frequencies = np.array([fast, rng.uniform(-abs(fast), abs(fast))])
    along_columns, along_rows = frequencies[rng.permutation(2)]
    columns = along_columns * np.arange(width) + rng.uniform(0.0, 2.0 * np.pi)
    return _sine_of_sum(along_rows * np.arange(height)[:, None], columns)


def cocentric_sine_waves(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Add rings, of sawtooth profile despite the name, whose radius swings with the direction.

    Mintun et al., NeurIPS 2021. Oblong images have rings as wide as a square of their shorter side.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: The sawtooth rises by 12.8 levels times this.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, rng in zip(result, images, rngs, strict=True):
        rings = _rings(rng, *image.shape[:2])
        row[...] = add_levels(image, (12.8 * magnitude * rings)[..., None])
    return result


def _rings(rng: Rng, height: int, width: int) -> Floats:
    """A sawtooth of the distance from a random centre: (H, W) in [-0.5, 0.5]."""
    centre_x, centre_y = rng.uniform(size=2) * (width, height)
    lobes, largest = rng.uniform(0.0, 10.0), min(height, width) / 10.0
    swing, ring = rng.uniform(0.0, largest), rng.uniform(0.0, largest)
    x, y = np.arange(width) - centre_x, np.arange(height)[:, None] - centre_y
    waves: Floats = np.arctan2(x, y)
    waves *= lobes
    np.sin(waves, out=waves)
    waves *= swing / ring
    waves += np.sqrt((x / ring) ** 2 + (y / ring) ** 2)
    waves -= np.floor(waves)
    waves -= 0.5
    return waves


def plasma_noise(images: Images, magnitude: float, rngs: Sequence[Rng]) -> Images:
    """Blend with a coloured pattern of sines of sines.

    Mintun et al., NeurIPS 2021. The pattern's scale goes with the shorter side of oblong images.

    Args:
        images: (N, H, W, 3) uint8.
        magnitude: 6.4 / 255 of it is the weight of the pattern, whose values run from -255 to 255.
        rngs: One source of randomness per image.

    Returns:
        (N, H, W, 3) uint8.
    """
    level = 6.4 * magnitude
    result = np.empty(images.shape, dtype=np.uint8)
    for row, image, rng in zip(result, images, rngs, strict=True):
        for channel, pattern in enumerate(_plasma(rng, *image.shape[:2])):
            blend = (1.0 - level / 255.0) * image[..., channel]
            blend += level * pattern
            row[..., channel] = np.clip(blend, 0.0, 255.0, out=blend)
    return result


def _plasma(rng: Rng, height: int, width: int) -> tuple[Floats, Floats, Floats]:
    """Three channels (H, W) in [-1, 1]: coordinates folded by sines of one another, then sines."""
    time, iterations = rng.uniform(0.0, 6.0 * np.pi), rng.randint(4, 7)
    growth = 2.25 - rng.uniform(0.5, 1.0)
    scale = rng.uniform(0.075, 0.2) * min(height, width)
    x, y = _two_folds(np.arange(height)[:, None] / scale, np.arange(width) / scale, time, growth)
    fold_x, fold_y = np.empty_like(x), np.empty_like(y)
    for fold in range(2, iterations):
        frequency, phase = 1.93**fold, time / 1.15**fold
        np.cos(np.add(np.multiply(y, frequency, out=fold_x), phase, out=fold_x), out=fold_x)
        np.sin(np.add(np.multiply(x, frequency, out=fold_y), phase, out=fold_y), out=fold_y)
        _add_fold(x, y, fold_x, fold_y, growth**fold)
    green = (x + y + np.sin(time)) / 2.0
    x -= time
    y += time
    return np.sin(x, out=x), np.sin(green, out=green), np.sin(y, out=y)


def _two_folds(rows: Floats, columns: Floats, time: float, growth: float) -> tuple[Floats, Floats]:
    """Coordinates x and y (H, W) after the first two folds.

    After one fold they are still sums of a function of the row and one of the column, so the
    sines of the second need none per pixel.
    """
    once_x, once_y = np.cos(rows + time), np.sin(columns + time)
    x_rows, x_columns = once_x, columns - 0.3 * once_y
    y_rows, y_columns = rows + 0.3 * once_x, once_y
    phase = time / 1.15
    fold_x = _sine_of_sum(1.93 * y_rows + (phase + np.pi / 2.0), 1.93 * y_columns)
    fold_y = _sine_of_sum(1.93 * x_rows + phase, 1.93 * x_columns)
    x, y = x_rows + x_columns, y_rows + y_columns
    _add_fold(x, y, fold_x, fold_y, growth)
    return x, y


def _add_fold(x: Floats, y: Floats, fold_x: Floats, fold_y: Floats, divisor: float) -> None:
    """Move the coordinates by a fold, turned a little; overwrites all four (H, W)."""
    fold_x /= divisor
    fold_y /= divisor
    x += fold_x
    y += fold_y
    fold_x *= 0.3
    fold_y *= 0.3
    x -= fold_y
    y += fold_x


def _sine_of_sum(rows: Floats, columns: Floats) -> Floats:
    """sin(rows (H, 1) + columns (W,)), (H, W), from one sine and cosine a row and a column."""
    left = np.hstack([np.sin(rows), np.cos(rows)])
    product: Floats = left @ np.stack([np.cos(columns), np.sin(columns)])
    return product
