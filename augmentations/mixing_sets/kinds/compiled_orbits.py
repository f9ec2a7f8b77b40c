"""The iteration of orbit traps, compiled; imported only where numba is installed.

Every operation is that of ``orbits.plain``, ``families`` and ``traps`` in the same order and in
float32, so the results are equal to the bit. Orbits run side by side in blocks that stay in the
cache, one operation a loop, so that the compiler can use vectors.
"""

import numpy as np
from numpy.typing import NDArray

from augmentations.compiled.jit import compiled

Floats = NDArray[np.float32]
_ONE, _TWO, _THREE, _TINY = np.float32(1), np.float32(2), np.float32(3), np.float32(1e-12)
_LANES = 512
_ROWS = 8  # x, y, nearest, x and y of a while ago, real and imaginary part of c, squared modulus


@compiled
def _load(
    first: int, lanes: Floats, where: NDArray[np.int64], start: Floats, shift: Floats
) -> None:
    """Begin with the orbits from number ``first`` on."""
    lanes[2:5] = np.inf
    for i in range(lanes.shape[1]):
        s, c = min(first + i, start.shape[1] - 1), min(first + i, shift.shape[1] - 1)
        where[i] = first + i
        lanes[0, i], lanes[1, i] = start[0, s], start[1, s]
        lanes[5, i], lanes[6, i] = shift[0, c], shift[1, c]


@compiled
def _retire(i: int, m: int, lanes: Floats, where: NDArray[np.int64], nearest: Floats) -> int:
    """Take one orbit out and put the last one in its place; how many are left."""
    nearest[where[i]] = lanes[2, i]
    where[i] = where[m - 1]
    for row in range(_ROWS):
        lanes[row, i] = lanes[row, m - 1]
    return m - 1


@compiled
def _escape(  # noqa: PLR0913, PLR0917  plain arrays are what a compiled loop takes
    n: int,
    m: int,
    lanes: Floats,
    where: NDArray[np.int64],
    nearest: Floats,
    left: NDArray[np.int64],
    norms: Floats,
    bailout: np.float32,
) -> int:
    """Take out orbits that have left the disc; how many are left."""
    for i in range(m - 1, -1, -1):
        if lanes[7, i] > bailout:
            left[where[i]], norms[where[i]] = n, lanes[7, i]
            m = _retire(i, m, lanes, where, nearest)
    return m


@compiled
def _settle(
    m: int, lanes: Floats, where: NDArray[np.int64], nearest: Floats, still: np.float32
) -> int:
    """Take out orbits that come back to the same place; how many are left."""
    for i in range(m - 1, -1, -1):
        moved = max(abs(lanes[0, i] - lanes[3, i]), abs(lanes[1, i] - lanes[4, i]))
        if moved < still:
            m = _retire(i, m, lanes, where, nearest)
    lanes[3:5, :m] = lanes[:2, :m]
    return m


@compiled
def _step(  # noqa: C901, PLR0912  one loop a case
    family: int, xs: Floats, ys: Floats, real: Floats, imag: Floats
) -> None:
    """One step of all orbits in place."""
    if family == 1:
        for i in range(len(xs)):
            x, y = xs[i], ys[i]
            xx, yy = x * x, y * y
            xs[i] = x * (xx - _THREE * yy) + real[i]
            ys[i] = y * (_THREE * xx - yy) + imag[i]
    elif family == 2:
        for i in range(len(xs)):
            x, y = (xs[i] - ys[i]) * (xs[i] + ys[i]), _TWO * xs[i] * ys[i]
            xs[i] = (x - y) * (x + y) + real[i]
            ys[i] = _TWO * x * y + imag[i]
    elif family == 3:
        for i in range(len(xs)):
            x, y = xs[i], ys[i]
            xs[i] = (x - y) * (x + y) + real[i]
            ys[i] = abs(_TWO * x * y) + imag[i]
    elif family == 4:
        for i in range(len(xs)):
            x, y = xs[i], ys[i]
            xs[i] = (x - y) * (x + y) + real[i]
            ys[i] = -_TWO * x * y + imag[i]
    elif family == 5:
        for i in range(len(xs)):
            x, y = xs[i], ys[i]
            xs[i] = abs((x - y) * (x + y)) + real[i]
            ys[i] = _TWO * x * y + imag[i]
    else:
        for i in range(len(xs)):
            x, y = xs[i], ys[i]
            xs[i] = (x - y) * (x + y) + real[i]
            ys[i] = _TWO * x * y + imag[i]


@compiled
def _approach(  # noqa: C901, PLR0912  one loop a case
    codes: tuple[int, int, int], place: Floats, xs: Floats, ys: Floats, best: Floats, spare: Floats
) -> None:
    """Note where the orbits are nearer to the trap than they were."""
    trap, petals = codes[1], codes[2]
    left, top, cos, sin, radius, height = place
    if trap == 0:
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            best[i] = min(best[i], np.sqrt(x * x + y * y))
    elif trap == 1:
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            best[i] = min(best[i], abs(cos * y - sin * x))
    elif trap == 2:
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            best[i] = min(best[i], abs(cos * x + sin * y), abs(cos * y - sin * x))
    elif trap == 3:
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            best[i] = min(best[i], abs(np.sqrt(x * x + y * y) - radius))
    elif trap == 4:
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            far = max(abs(cos * x + sin * y), abs(cos * y - sin * x))
            best[i] = min(best[i], abs(far - radius))
    else:
        before, now, cosine = spare[0], spare[1], spare[2]
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            cosine[i] = (cos * x + sin * y) / (np.sqrt(x * x + y * y) + _TINY)
            before[i], now[i] = _ONE, cosine[i]
        for _ in range(petals - 1):
            for i in range(len(xs)):
                before[i], now[i] = now[i], _TWO * cosine[i] * now[i] - before[i]
        for i in range(len(xs)):
            x, y = xs[i] - left, ys[i] - top
            gap = np.sqrt(x * x + y * y) - radius - height * now[i]
            best[i] = min(best[i], abs(gap))


@compiled
def _outside(xs: Floats, ys: Floats, norms: Floats, bailout: np.float32) -> int:
    """Compute the squared moduli; how many orbits have escaped."""
    count = 0
    for i in range(len(xs)):
        norms[i] = xs[i] * xs[i] + ys[i] * ys[i]
        count += norms[i] > bailout
    return count


@compiled
def iterate(
    codes: tuple[int, int, int],
    place: Floats,
    start: Floats,
    shift: Floats,
    limits: tuple[int, int, np.float32, np.float32],
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """What ``orbits.plain`` does.

    Args:
        codes: Position of the family in ``FAMILIES``, of the trap in ``TRAPS``, and its petals.
        place: (6,) float32 numbers of the trap: x, y, cosine, sine, radius, height of the petals.
        start: (2, P) float32, or (2, 1) for all alike.
        shift: Likewise.
        limits: Steps, period, squared bailout radius, and what counts as no movement.
    """
    steps, period, bailout, still = limits
    count = max(start.shape[1], shift.shape[1])
    nearest = np.empty(count, np.float32)
    norms = np.ones(count, np.float32)
    left = np.zeros(count, np.int64)
    lanes = np.empty((_ROWS, _LANES), np.float32)
    spare = np.empty((3, _LANES), np.float32)
    where = np.empty(_LANES, np.int64)
    for first in range(0, count, _LANES):
        m = min(_LANES, count - first)
        _load(first, lanes[:, :m], where, start, shift)
        for n in range(1, steps + 1):
            _step(codes[0], lanes[0, :m], lanes[1, :m], lanes[5, :m], lanes[6, :m])
            if n >= 2:
                _approach(codes, place, lanes[0, :m], lanes[1, :m], lanes[2, :m], spare)
            if _outside(lanes[0, :m], lanes[1, :m], lanes[7, :m], bailout):
                m = _escape(n, m, lanes, where, nearest, left, norms, bailout)
            if n % period == 0:
                m = _settle(m, lanes, where, nearest, still)
            if m == 0:
                break
        for i in range(m):
            nearest[where[i]] = lanes[2, i]
    return nearest, left, norms
