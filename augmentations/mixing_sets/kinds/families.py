"""Escape-time families z -> f(z) + c, written once for numbers and for arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[Any, Any], tuple[Any, Any]]
_INNER_STEPS = 200
_ESCAPED = 16.0  # squared radius of 4: no orbit of these families comes back from there


@dataclass(frozen=True)
class Family:
    """One iteration rule.

    Attributes:
        step: Real and imaginary part of f(z) from those of z; floats or arrays.
        degree: Growth exponent |f(z)| ~ |z|^degree, for smooth escape counts.
    """

    step: Step
    degree: int


def _square(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401  floats or arrays
    """Real and imaginary part of z^2."""
    return (x - y) * (x + y), 2 * x * y


def _cube(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Real and imaginary part of z^3."""
    xx, yy = x * x, y * y
    return x * (xx - 3 * yy), y * (3 * xx - yy)


def _fourth(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Real and imaginary part of z^4."""
    return _square(*_square(x, y))


def _burning_ship(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """(|Re z| + i |Im z|)^2."""
    return (x - y) * (x + y), abs(2 * x * y)


def _tricorn(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Square of the conjugate."""
    return (x - y) * (x + y), -2 * x * y


def _celtic(x: Any, y: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """|Re z^2| + i Im z^2."""
    return abs((x - y) * (x + y)), 2 * x * y


FAMILIES: dict[str, Family] = {
    "square": Family(_square, 2),
    "cube": Family(_cube, 3),
    "fourth": Family(_fourth, 4),
    "burning-ship": Family(_burning_ship, 2),
    "tricorn": Family(_tricorn, 2),
    "celtic": Family(_celtic, 2),
}


def boundary_parameter(family: Family, rng: np.random.Generator) -> tuple[float, float]:
    """A parameter c just outside the set of bounded critical orbits.

    Bisects 6 to 21 times between a bounded and an escaping parameter: parameters near the boundary
    give neither dust nor blobs.

    Returns:
        Real and imaginary part of the escaping end.
    """
    inner = _draw_until(family, rng, (-0.6, 0.3), (-0.4, 0.4), escaping=False)
    outer = _draw_until(family, rng, (-2.0, 2.0), (-2.0, 2.0), escaping=True)
    for _ in range(int(rng.integers(6, 22))):
        middle = (inner[0] + outer[0]) / 2, (inner[1] + outer[1]) / 2
        if _escapes(family, *middle):
            outer = middle
        else:
            inner = middle
    return outer


def _draw_until(
    family: Family,
    rng: np.random.Generator,
    real: tuple[float, float],
    imag: tuple[float, float],
    *,
    escaping: bool,
) -> tuple[float, float]:
    """A uniform parameter of a rectangle whose critical orbit escapes, or does not."""
    while True:
        c = rng.uniform(*real), rng.uniform(*imag)
        if _escapes(family, *c) == escaping:
            return c


def _escapes(family: Family, cx: float, cy: float) -> bool:
    """Whether the orbit of 0 leaves the disc of radius 4."""
    x = y = 0.0
    for _ in range(_INNER_STEPS):
        x, y = family.step(x, y)
        x, y = x + cx, y + cy
        if x * x + y * y > _ESCAPED:
            return True
    return False
