"""Numbers of a reference network that aggregates are divided by, with where they come from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robench.errors import InputError
from robench.metrics.alexnet import ALEXNET
from robench.metrics.groups import EXTRA_PERTURBATIONS, TEST_PERTURBATIONS

USER = "user"  # the constants of an aggregate for which none are public
LIMITS = {"flip_rate": 1.0, "top5_distance": 15.0}  # what a metric of perturbations can be at most


@dataclass(frozen=True)
class Constants:
    """The numbers of one reference network.

    Attributes:
        name: ``alexnet-c``.
        metric: What they are, the name of a metric; fractions where that is a share.
        values: By corruption a number for each severity, by perturbation one for difficulty 1.
        clean: Clean error of the same network, where known.
        source: Where they were found.
        verified: Whether they come from their authors.
        remark: What must be said wherever they were used.
    """

    name: str
    metric: str
    values: Mapping[str, tuple[float, ...]]
    clean: float | None
    source: str
    verified: bool
    remark: str = ""


_FLIP_RATES = {  # percent
    "gaussian_noise": 23.65,
    "shot_noise": 30.06,
    "motion_blur": 9.30,
    "zoom_blur": 5.94,
    "snow": 11.93,
    "brightness": 4.89,
    "translate": 11.01,
    "rotate": 13.10,
    "tilt": 7.05,
    "scale": 23.53,
}
CONSTANTS: Mapping[str, Constants] = {
    "alexnet-c": Constants(
        name="alexnet-c",
        metric="error",
        values=ALEXNET,
        clean=0.4348,
        source="errors: Hendrycks & Dietterich, ICLR 2019, per severity as given by the first "
        "author; clean error 43.48 %: google-research/robustness_metrics",
        verified=True,
    ),
    "alexnet-p": Constants(
        name="alexnet-p",
        metric="flip_rate",
        values={name: (rate / 100,) for name, rate in _FLIP_RATES.items()},
        clean=None,
        source="each of the ten rates: commonly quoted as AlexNet's of Hendrycks & Dietterich, "
        "ICLR 2019; the authors' repository does not hold them",
        verified=False,
        remark="AlexNet's flip rates, which mFR divides by, are unverified. The only check is of "
        "plausibility: likewise unconfirmed rates of ResNet-50 give mFR 58.0, the published value.",
    ),
}


def read_constants(path: Path) -> Constants:
    """Constants from a file of the user's: for mT5D, or in place of AlexNet's flip rates.

    The file is YAML or JSON with ``name``, ``metric`` (``flip_rate`` or ``top5_distance``),
    ``source`` and ``values``, one number at difficulty 1 for each of the ten test perturbations,
    flip rates as fractions; further perturbations may follow. For the top-5 distance no numbers
    of AlexNet are public, so that mT5D needs such a file.

    Args:
        path: The file.

    Raises:
        InputError: It cannot be read, lacks an entry, or holds an unknown name or a number that
            is not positive and possible for its metric.
    """
    plain = _document(path)
    known = ("name", "metric", "source", "values")
    for key in known:
        if not plain.get(key):
            raise InputError(f"{path}: expected the entries {', '.join(known)}; {key} is missing")
    unknown = sorted(str(key) for key in plain if key not in known)
    if unknown:
        raise InputError(f"{path}: expected only {', '.join(known)}; got {', '.join(unknown)} too")
    metric = plain["metric"]
    if not isinstance(metric, str) or metric not in LIMITS:
        raise InputError(f"{path}: expected metric to be {' or '.join(LIMITS)}, got {metric!r}")
    values = _numbers(path, plain["values"], LIMITS[metric])
    return Constants(
        name=str(plain["name"]),
        metric=metric,
        values=values,
        clean=None,
        source=str(plain["source"]),
        verified=False,
        remark=f"Divided by the constants {plain['name']}, from: {plain['source']}.",
    )


def _document(path: Path) -> Mapping[str, Any]:
    """The mapping that a file holds."""
    import yaml  # noqa: PLC0415  # only who reads such a file waits for it

    try:
        text = path.read_text(encoding="utf-8")
        plain = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as reason:
        raise InputError(f"{path}: expected YAML or JSON with constants, got: {reason}") from reason
    if not isinstance(plain, dict):
        raise InputError(f"{path}: expected a mapping, got {type(plain).__name__}")
    return plain


def _numbers(path: Path, values: object, most: float) -> dict[str, tuple[float, ...]]:
    """Checked values of the perturbations."""
    if not isinstance(values, dict):
        raise InputError(
            f"{path}: expected values to be perturbation: number, got {type(values).__name__}"
        )
    missing = [name for name in TEST_PERTURBATIONS if name not in values]
    if missing:
        raise InputError(
            f"{path}: expected a value for all {len(TEST_PERTURBATIONS)} test perturbations; "
            f"missing: {', '.join(missing)}"
        )
    known = (*TEST_PERTURBATIONS, *EXTRA_PERTURBATIONS)
    unknown = [str(name) for name in values if name not in known]
    if unknown:
        raise InputError(f"{path}: unknown {', '.join(unknown)}; known: {', '.join(known)}")
    for name, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 < value <= most:
            raise InputError(
                f"{path}: expected {name} to be a number above 0 and at most {most:g} "
                f"(fractions, not percent), got {value!r}"
            )
    return {name: (float(value),) for name, value in values.items()}
