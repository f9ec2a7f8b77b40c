"""Orbit traps: shapes whose distance to an orbit draws the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TRAPS = ("point", "line", "cross", "circle", "square", "flower")


@dataclass(frozen=True)
class Trap:
    """One placed shape.

    Attributes:
        shape: One of ``TRAPS``.
        x: Real part of the centre.
        y: Imaginary part of the centre.
        angle: Rotation in radians.
        radius: Radius of circle, square (half a side) and flower.
        petals: Petals of the flower |w| = radius (1 + 0.4 cos(petals theta)).
    """

    shape: str
    x: float
    y: float
    angle: float
    radius: float
    petals: int

    @classmethod
    def draw(cls, rng: np.random.Generator, shape: str) -> "Trap":
        """Centre N(0, 0.5) per axis, angle U(0, pi), radius U(0.1, 1), 3 to 7 petals."""
        return cls(
            shape,
            x=rng.normal(0.0, 0.5),
            y=rng.normal(0.0, 0.5),
            angle=rng.uniform(0.0, np.pi),
            radius=rng.uniform(0.1, 1.0),
            petals=int(rng.integers(3, 8)),
        )

    def distance(self, x: Floats, y: Floats) -> Floats:
        """Distance of points to the shape.

        Args:
            x: (P,) float32 real parts.
            y: (P,) float32 imaginary parts.

        Returns:
            (P,) float32, non-negative. For the flower the distance along the ray from its centre.
        """
        cos, sin = float(np.cos(self.angle)), float(np.sin(self.angle))
        x, y = x - self.x, y - self.y
        u, v = cos * x + sin * y, cos * y - sin * x
        match self.shape:
            case "line":
                return np.abs(v)
            case "cross":
                return np.minimum(np.abs(u), np.abs(v))
            case "square":
                return np.abs(np.maximum(np.abs(u), np.abs(v)) - self.radius)
        w = _modulus(x, y)
        if self.shape == "point":
            return w
        gap: Floats = w - self.radius
        if self.shape == "flower":
            wave = _cosine_multiple(u / (w + np.float32(1e-12)), self.petals)
            gap = gap - np.float32(0.4 * self.radius) * wave
        return np.abs(gap)


def _modulus(x: Floats, y: Floats) -> Floats:
    """Distance to the origin."""
    root: Floats = np.sqrt(x * x + y * y)
    return root


def _cosine_multiple(cosine: Floats, n: int) -> Floats:
    """cos(n theta) from cos(theta), by the Chebyshev recurrence (far cheaper than arctan2)."""
    before, now = np.ones_like(cosine), cosine
    for _ in range(n - 1):
        before, now = now, 2 * cosine * now - before
    return now
