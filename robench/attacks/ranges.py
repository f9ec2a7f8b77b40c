"""Arguments of PGD that make sense, alone and together. Needs no torch."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

_MOST_STEPS = 2**15 - 1  # results keep the step of each image in 16 bits
_CHOICES = {"norm": ("Linf", "L2"), "stop": ("first", "never"), "centre": ("clean", "start")}


def check_pgd(arguments: Mapping[str, Any]) -> None:
    """Refuse arguments of `robench.attacks.pgd.PGD` that cannot be meant.

    Raises:
        ValueError: The first of them, with what was expected and what came.
    """
    for fault in (*_each(arguments), *_together(arguments)):
        raise ValueError(fault)


def _each(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Arguments by themselves."""
    for name in ("steps", "restarts"):
        if arguments[name] < 1:
            yield f"{name} must be at least 1, got {arguments[name]}"
    for name, known in _CHOICES.items():
        if arguments[name] not in known:
            yield f"{name} must be {' or '.join(map(repr, known))}, got {arguments[name]!r}"
    for name in ("eps", "step_size"):
        value, largest = arguments[name], 1 if arguments["norm"] == "Linf" else math.inf
        if not (math.isfinite(value) and 0 < value <= largest):
            yield f"{name} must be in (0, {largest}], on the scale of the images, got {value}"


def _together(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Arguments that contradict each other."""
    total = arguments["steps"] * arguments["restarts"]
    if total > _MOST_STEPS:
        yield f"steps times restarts must be at most {_MOST_STEPS}, got {total}"
    if arguments["restarts"] > 1 and not arguments["random_start"]:
        yield "restarts need random_start=True: without it every restart is the same"
    if arguments["centre"] == "start":
        published = {"norm": "Linf", "random_start": True, "stop": "never"}
        other = {key: value for key, value in published.items() if arguments[key] != value}
        if other:
            wanted = ", ".join(f"{key}={value!r}" for key, value in other.items())
            yield f"centre='start' is the published attack, which has {wanted}"
