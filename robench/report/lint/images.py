"""Whether numbers are those of the images that lie beside them, one by one."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from robench.metrics import METRICS
from robench.report.lint.reading import Number, is_number
from robench.report.lint.together import Found
from robench.report.sidecars import read_bits, read_flips
from robench.types import Floats

CLOSE = 1e-9  # how far a number may be from the mean of its images
NEAR = 1e-6  # share of a standard error that it may be off, besides
_MEND = "Take the folder from where it was measured, or measure again: robench eval CKPT --fresh"


def unlike_images(numbers: Sequence[Number], folder: Path) -> Iterator[Found]:
    """Error rates and flip rates that are not the mean of what is kept of each image.

    Args:
        numbers: To be checked. Those whose metric keeps no images, whose cell is in neither file,
            or that are of another version than today's are passed over.
        folder: Where ``correct.npz`` and ``flips.npz`` lie; what is absent checks nothing.

    Raises:
        InputError: One of them is damaged.
    """
    right = read_bits(folder / "correct.npz")
    wrong: dict[str, Floats] = {name: (~bits).astype(np.float64) for name, bits in right.items()}
    kept: Mapping[str, Mapping[str, Floats]] = {
        "error": wrong,
        "adv_error": wrong,
        "flip_rate": read_flips(folder / "flips.npz"),
    }
    for number in numbers:
        record = number.record
        images = kept.get(record.metric, {}).get(_name(number))
        if images is not None and record.version == METRICS[record.metric].version:
            yield from _of_one(number, images)


def _name(number: Number) -> str:
    """Under which both files have a cell."""
    return f"{number.record.cell.slug}.{str((number.passport or {}).get('inputs_id'))[:8]}"


def _of_one(number: Number, images: Floats) -> Iterator[Found]:
    """Number of images, mean and standard error."""
    record, n = number.record, images.size
    if n != record.n or not n:
        told = f"n = {record.n}, but what is kept of each image is of {n}"
        yield "n unlike the images", f"{number.name}: {told}.", _MEND
        return
    mean = float(images.mean())
    if is_number(record.value) and not math.isclose(record.value, mean, rel_tol=0, abs_tol=CLOSE):
        told = f"{record.value!r}, but the {n:,} images beside it give {mean!r}"
        yield "value unlike the images", f"{number.name}: {told}.", _MEND
    error = float(np.std(images, ddof=1)) / math.sqrt(n) if n > 1 else None
    if not _same(record.stderr, error):
        told = f"the standard error is {record.stderr!r}, but the {n:,} images give {error!r}"
        yield "standard error unlike the images", f"{number.name}: {told}.", _MEND


def _same(came: object, expected: float | None) -> bool:
    """Whether two standard errors agree; what is no number has a problem of its own."""
    if came is None or expected is None:
        return came is expected
    return not is_number(came) or math.isclose(came, expected, rel_tol=NEAR, abs_tol=CLOSE)
