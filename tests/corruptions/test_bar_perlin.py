"""Perlin noise against a version that visits one pixel and one corner at a time."""

import math
from itertools import product

import numpy as np
import pytest

from corruptions.bar.perlin import perlin_noise
from corruptions.base import Images, Rng

ZERO_GRADIENT = 83  # a private seed whose table holds a gradient of no length


class Seeded(np.random.RandomState):
    """A source that draws one private seed, chosen here."""

    def randint(self, *_: object, **__: object) -> int:  # type: ignore[override]
        """The private seed."""
        return ZERO_GRADIENT


def _pictures(height: int, width: int) -> Images:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (2, height, width, 3), dtype=np.uint8)


def _rngs(count: int) -> list[Rng]:
    return [np.random.RandomState(seed) for seed in range(count)]


class Lattice:
    """The tables of one private source."""

    def __init__(self, rng: Rng) -> None:
        vectors = [[int(rng.randint(0, 2**32)) % 512 - 256 for _ in "ij"] for _ in range(514)]
        self.gradients = np.array(
            [[i / math.hypot(i, j), j / math.hypot(i, j)] for i, j in vectors]
        )
        self.order = list(range(256))
        for last in range(255, -1, -1):
            other = int(rng.randint(0, 2**32)) % 256
            self.order[last], self.order[other] = self.order[other], self.order[last]

    def noise(self, row: float, column: float) -> float:
        """Gradient noise at a point of the lattice."""
        i, j = int(row), int(column)
        total = 0.0
        for down, right in product((0, 1), (0, 1)):
            offset = np.array([row - i - down, column - j - right])
            weights = np.prod([1 - (3 * d * d - 2 * d**3) for d in np.abs(offset)])
            place = self.order[(self.order[(i + down) % 256] + j + right) % 256]
            total += weights * float(self.gradients[place] @ offset)
        return 1.5 * total

    def turbulence(self, row: float, column: float) -> float:
        """The sum over octaves."""
        return sum(abs(self.noise(f * row, f * column)) / f for f in (1, 2, 4, 8, 16))


@pytest.mark.parametrize(("height", "width"), [(14, 14), (9, 21), (20, 7)])
def test_turbulence_is_that_of_a_loop_over_pixels_and_corners(height: int, width: int) -> None:
    images = _pictures(height, width)
    cells = 7 / min(height, width)

    result = perlin_noise(images, 7.6, _rngs(2))

    for image, found, rng in zip(images, result, _rngs(2), strict=True):
        lattice = Lattice(np.random.RandomState(rng.randint(0, 2**32)))
        for row, column in np.ndindex(height, width):
            pattern = min(0.5 + 0.5 * lattice.turbulence(row * cells, column * cells), 1.0)
            expected = 0.62 * image[row, column] + 0.38 * 255 * pattern
            # A level of tolerance for ties, which the authors' single precision decides.
            assert np.abs(found[row, column] - expected + 0.5).max() <= 0.5 + 1e-4


def test_the_pattern_is_grey_at_lattice_points_and_brighter_between() -> None:
    black = np.zeros((4, 28, 28, 3), dtype=np.uint8)

    result = perlin_noise(black, 8, _rngs(4))

    # 0.4 * 255 / 2 = 51 where the noise is nil: every fourth pixel at a side of 28.
    assert (result[:, ::4, ::4] == 51).all()
    assert result.min() == 51
    assert 51 < result.max() <= 102


def test_without_magnitude_the_image_stays() -> None:
    images = _pictures(24, 41)

    np.testing.assert_array_equal(perlin_noise(images, 0, _rngs(2)), images)


def test_a_gradient_without_length_makes_no_hole() -> None:
    vectors = np.random.RandomState(ZERO_GRADIENT).randint(0, 512, (514, 2))[:256]
    assert (vectors == 256).all(axis=1).any()
    black = np.zeros((1, 64, 64, 3), dtype=np.uint8)

    with np.errstate(all="raise"):
        result = perlin_noise(black, 8, [Seeded()])

    assert result.min() >= 51


def test_the_same_tables_serve_images_of_all_sizes() -> None:
    # Every pixel of the small picture is every second one of the large picture.
    small = perlin_noise(np.zeros((1, 16, 16, 3), dtype=np.uint8), 10, _rngs(1))
    large = perlin_noise(np.zeros((1, 32, 32, 3), dtype=np.uint8), 10, _rngs(1))

    np.testing.assert_array_equal(small, large[:, ::2, ::2])


def test_single_precision_of_the_image_decides_ties_as_in_the_authors_code() -> None:
    # 0.71 * 155 + 0.29 * 255 = 184 where the pattern is white, but the first product falls short.
    images = np.full((2, 64, 64, 3), 155, dtype=np.uint8)

    assert perlin_noise(images, 5.8, _rngs(2)).max() == 183
