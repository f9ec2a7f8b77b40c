"""The iteration behind orbit traps: how near an orbit comes to a shape, and when it escapes.

Where numba is installed the loop is compiled; every operation is the same and in the same order, so
the results are equal to the bit.
"""

import math
from importlib import import_module
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from augmentations.compiled import available
from augmentations.mixing_sets.kinds.families import FAMILIES, Step
from augmentations.mixing_sets.kinds.traps import TRAPS, Trap

Floats = NDArray[np.float32]
Counts = NDArray[np.int64]
BAILOUT = 64.0
PERIOD = 24  # cycles of length 1, 2, 3, 4, 6, 8, 12 and 24 are recognised
STILL = 1e-5  # orbits that moved less than this over PERIOD steps draw nothing new
_DEAD_SHARE = 0.1  # finished orbits are carried along until they are this share


def trace(
    family: str, trap: Trap, start: Floats, shift: Floats, steps: int
) -> tuple[Floats, Floats]:
    """Iterate z -> f(z) + c from all starting points.

    Args:
        family: Key of ``FAMILIES``.
        trap: The shape.
        start: (2, P) float32 real and imaginary parts of the first z, or (2, 1) for all alike.
        shift: (2, P) or (2, 1) float32, those of c.
        steps: Largest number of steps.

    Returns:
        Smallest distance to the shape from the second step on, and smooth escape count, which is
        ``steps`` where the orbit stays: (P,) float32 each.
    """
    compiled = _compiled()
    if compiled is None:
        nearest, left, norms = plain(FAMILIES[family].step, trap, start, shift, steps)
    else:
        codes = tuple(FAMILIES).index(family), TRAPS.index(trap.shape), trap.petals
        limits = steps, PERIOD, np.float32(BAILOUT**2), np.float32(STILL)
        nearest, left, norms = compiled.iterate(codes, _place(trap), start, shift, limits)
    escape = np.full(len(nearest), steps, np.float32)
    done = np.flatnonzero(left)
    escape[done] = left[done] + 1 - _overshoot(norms[done], FAMILIES[family].degree)
    return nearest, escape


def plain(
    step: Step, trap: Trap, start: Floats, shift: Floats, steps: int
) -> tuple[Floats, Counts, Floats]:
    """The loop in numpy.

    Returns:
        Smallest distances, the step at which an orbit left the disc (0 where it stayed), and its
        squared modulus then: (P,) float32, int64 and float32.
    """
    count = max(start.shape[1], shift.shape[1])
    nearest, norms = np.full(count, np.inf, np.float32), np.ones(count, np.float32)
    left, where, dead = np.zeros(count, np.int64), np.arange(count), 0
    orbit = _state(start, shift, count)
    for n in range(1, steps + 1):
        x, y = step(orbit[0], orbit[1])
        x += orbit[5] if len(orbit) > 5 else shift[0, 0]
        y += orbit[6] if len(orbit) > 5 else shift[1, 0]
        orbit[0], orbit[1] = x, y
        if n >= 2:
            np.fmin(orbit[2], trap.distance(x, y), out=orbit[2])
        norm = x * x + y * y
        done = np.flatnonzero(norm > BAILOUT**2)
        if done.size:
            left[where[done]], norms[where[done]] = n, norm[done]
        if n % PERIOD == 0:
            moved = np.maximum(np.abs(x - orbit[3]), np.abs(y - orbit[4]))
            done = np.append(done, np.flatnonzero(moved < STILL))
            orbit[3:5] = orbit[:2]
        nearest[where[done]] = orbit[2, done]
        orbit[0, done] = np.nan  # out of the game: every later comparison is false
        dead += done.size
        if dead > _DEAD_SHARE * where.size:
            live = np.flatnonzero(orbit[0] == orbit[0])
            orbit, where, dead = orbit.take(live, axis=1), where[live], 0
        if not where.size:
            break
    live = orbit[0] == orbit[0]
    nearest[where[live]] = orbit[2, live]
    return nearest, left, norms


def _state(start: Floats, shift: Floats, count: int) -> Floats:
    """Rows before the first step: x, y, nearest, x and y of a while ago, and c if it varies."""
    orbit = np.full((7 if shift.shape[1] == count else 5, count), np.inf, np.float32)
    orbit[:2] = start
    if len(orbit) > 5:
        orbit[5:] = shift
    return orbit


def _overshoot(norm: Floats, degree: int) -> Floats:
    """Fraction of a step by which orbits of squared modulus ``norm`` passed the bailout radius."""
    logs: Floats = np.log(norm)
    passed: Floats = np.log(logs / (2 * math.log(BAILOUT)))
    return passed / math.log(degree)


def _place(trap: Trap) -> Floats:
    """The numbers of a shape for the compiled loop."""
    cos, sin = np.cos(trap.angle), np.sin(trap.angle)
    return np.array((trap.x, trap.y, cos, sin, trap.radius, 0.4 * trap.radius), np.float32)


def _compiled() -> ModuleType | None:
    """The compiled loop where it can be used."""
    if not available():
        return None
    return import_module("augmentations.mixing_sets.kinds.compiled_orbits")
