"""Random systems of contractive affine maps whose attractors are rarely dust or blobs.

Anderson & Farrell, "Improving Fractal Pre-training", WACV 2022: the sum of all singular values,
the smaller ones counted twice, is what makes an attractor look good.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
_TRIES = 4


@dataclass(frozen=True)
class System:
    """Affine maps x -> A x + b.

    Attributes:
        matrices: (n, 2, 2) float64.
        shifts: (n, 2) float64.
    """

    matrices: Doubles
    shifts: Doubles

    @property
    def rows(self) -> Doubles:
        """The maps as ``chaos_game.play`` takes them: (n, 6)."""
        return np.hstack((self.matrices.reshape(-1, 4), self.shifts))

    @property
    def weights(self) -> Doubles:
        """By how much each map shrinks areas: (n,), non-negative."""
        (a, b), (c, d) = self.matrices.transpose(1, 2, 0)
        areas: Doubles = np.abs(a * d - b * c)
        return areas

    def fixed_point(self) -> tuple[float, float]:
        """The point of the attractor that the most contractive map leaves where it is."""
        i = int(np.argmin(np.linalg.norm(self.matrices, axis=(1, 2))))
        a, b, c, d, e, f = self.rows[i].tolist()
        scale = (1 - a) * (1 - d) - b * c
        return ((1 - d) * e + b * f) / scale, (c * e + (1 - a) * f) / scale

    def jittered(self, rng: np.random.Generator) -> "System":
        """One random map scaled by U(0.8, 1.1), unless four draws in a row stop it contracting."""
        for _ in range(_TRIES):
            i, factor = int(rng.integers(len(self.shifts))), rng.uniform(0.8, 1.1)
            scale = np.ones(len(self.shifts))
            scale[i] = factor
            matrices = self.matrices * scale[:, None, None]
            if np.linalg.norm(matrices[i], 2) <= 1:
                return System(matrices, self.shifts * scale[:, None])
        return self


def draw_system(rng: np.random.Generator) -> System:
    """2 to 4 maps x -> R D diag(s) R' D' x + b, with rotations R, signs D and b U(-1, 1)."""
    n = int(rng.integers(2, 5))
    alpha = rng.uniform((5 + n) / 2, (6 + n) / 2)
    singular = draw_singular_values(rng, n, alpha)
    theta, phi = rng.uniform(-np.pi, np.pi, (2, n))
    signs = rng.integers(0, 2, (2, n, 1, 2)) * 2.0 - 1.0
    left, right = _rotations(theta) * (signs[0] * singular[:, None]), _rotations(phi) * signs[1]
    # Not left @ right: a library's product has other last bits on other processors.
    matrices = left[:, :, :1] * right[:, :1] + left[:, :, 1:] * right[:, 1:]
    return System(matrices, rng.uniform(-1, 1, (n, 2)))


def draw_singular_values(rng: np.random.Generator, n: int, alpha: float) -> Doubles:
    """Pairs 1 >= s1 >= s2 >= 0 with a given sum of s1 + 2 s2 over all pairs.

    Args:
        rng: Source of randomness.
        n: Number of pairs.
        alpha: The sum, between 0 and 3 n.

    Returns:
        (n, 2) float64.
    """
    pairs = np.empty((n, 2))
    left = alpha
    for i in range(n - 1):
        need = left - 3 * (n - 1 - i)  # what later pairs, at most 3 each, cannot make up for
        first = rng.uniform(max(0.0, need / 3), min(1.0, left))
        left, need = left - first, need - first
        second = rng.uniform(max(0.0, need / 2), min(first, left / 2))
        left -= 2 * second
        pairs[i] = first, second
    second = rng.uniform(max(0.0, (left - 1) / 2), left / 3)
    pairs[-1] = left - 2 * second, second
    return pairs


def _rotations(angles: Doubles) -> Doubles:
    """(n, 2, 2) matrices."""
    cos, sin = np.cos(angles), np.sin(angles)
    return np.stack((cos, -sin, sin, cos), axis=-1).reshape(-1, 2, 2)
