"""Arguments of attacks that make sense, alone and together. Needs no torch."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MOST_STEPS = 2**15 - 1
"""Results keep the step of each image in 16 bits."""
LARGEST = {"Linf": 1.0, "L2": 1e4}
"""Radii that can be meant: the whole range of a value, and more than the diagonal of any image."""
_SEEDS = range(2**63)  # what torch takes
_CHOICES = {"norm": tuple(LARGEST), "stop": ("first", "never"), "centre": ("clean", "start")}


def check_pgd(arguments: Mapping[str, Any]) -> None:
    """Refuse arguments of `robench.attacks.pgd.PGD` that cannot be meant.

    Raises:
        ValueError: The first of them, with what was expected and what came.
    """
    refuse(itertools.chain(_each(arguments), _together(arguments)))


def check_autoattack(arguments: Mapping[str, Any]) -> None:
    """Refuse arguments of `robench.attacks.autoattack.AutoAttack` that cannot be meant.

    Raises:
        ValueError: The first of them, with what was expected and what came.
    """
    faults = [
        choice("norm", arguments["norm"], LARGEST),
        radius("eps", arguments["eps"], arguments["norm"]),
        *(whole(name, arguments[name], least=1) for name in ("steps", "queries")),
        whole("seed", arguments["seed"]),
    ]
    refuse(itertools.chain.from_iterable(faults))
    if arguments["steps"] > MOST_STEPS:
        raise ValueError(f"steps must be at most {MOST_STEPS}, got {arguments['steps']}")
    if arguments["seed"] not in _SEEDS:
        raise ValueError(f"seed must be from 0 to {_SEEDS[-1]}, got {arguments['seed']}")


def refuse(faults: Iterable[str]) -> None:
    """Stop at the first fault; those after it are not looked for.

    Raises:
        ValueError: There is one.
    """
    for fault in faults:
        raise ValueError(fault)


def whole(name: str, value: object, least: int | None = None) -> Iterator[str]:
    """What is wrong with a whole number, ``least`` being the smallest that can be meant."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{name} must be a whole number, got {value!r}"
    elif least is not None and value < least:
        yield f"{name} must be at least {least}, got {value}"


def radius(name: str, value: object, norm: str) -> Iterator[str]:
    """What is wrong with a radius or the length of a step in this norm."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield f"{name} must be a number, got {value!r}"
    elif not 0 < value <= LARGEST[norm]:
        yield f"{name} must be in (0, {LARGEST[norm]:g}], on the scale of the images, got {value}"


def choice(name: str, value: object, known: Iterable[str]) -> Iterator[str]:
    """What is wrong with one of several words."""
    if value not in tuple(known):
        yield f"{name} must be {' or '.join(map(repr, known))}, got {value!r}"


def _each(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Arguments by themselves."""
    for name in ("steps", "restarts"):
        yield from whole(name, arguments[name], least=1)
    yield from whole("seed", arguments["seed"])
    for name, known in _CHOICES.items():
        yield from choice(name, arguments[name], known)
    for name in ("eps", "step_size"):
        yield from radius(name, arguments[name], arguments["norm"])
    if not isinstance(arguments["random_start"], bool):
        yield f"random_start must be True or False, got {arguments['random_start']!r}"


def _together(arguments: Mapping[str, Any]) -> Iterator[str]:
    """Arguments that contradict each other."""
    total = arguments["steps"] * arguments["restarts"]
    if total > MOST_STEPS:
        yield f"steps times restarts must be at most {MOST_STEPS}, got {total}"
    if arguments["restarts"] > 1 and not arguments["random_start"]:
        yield "restarts need random_start=True: without it every restart is the same"
    if arguments["centre"] == "start":
        published = {"norm": "Linf", "random_start": True, "stop": "never"}
        other = {key: value for key, value in published.items() if arguments[key] != value}
        if other:
            wanted = ", ".join(f"{key}={value!r}" for key, value in other.items())
            yield f"centre='start' is the published attack, which has {wanted}"
