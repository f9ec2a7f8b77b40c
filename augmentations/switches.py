"""Checks of the switches of a method, in one wording, and methods made from presets."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeVar

from augmentations.base import Augmentation

M = TypeVar("M", bound=Augmentation)
Bounds = tuple[float, float]
NONE: Mapping[str, Any] = MappingProxyType({})
ALPHA = (0.001, 1000.0)
"""Bounds of the parameters of symmetric Beta distributions."""


def require(method: str, name: str, value: object, allowed: bool, rule: str) -> None:
    """Refuse a value, naming it and what is allowed.

    Args:
        method: What the message calls the method.
        name: The switch.
        value: What came.
        allowed: Whether it is allowed.
        rule: What is allowed.

    Raises:
        ValueError: Not allowed.
    """
    if not allowed:
        raise ValueError(f"Expected {method} {name} to be {rule}, got {value!r}")


def require_fields(
    method: object,
    *,
    integers: Mapping[str, Bounds] = NONE,
    numbers: Mapping[str, Bounds] = NONE,
    flags: tuple[str, ...] = (),
    choices: Mapping[str, tuple[Any, ...]] = NONE,
) -> None:
    """Refuse fields of a method that are not of their type, or outside their bounds (included).

    Args:
        method: The method.
        integers: Least and largest value of fields that hold whole numbers.
        numbers: Likewise of those that hold any number.
        flags: Fields that are True or False.
        choices: The values that a field may have.

    Raises:
        ValueError: The first field that does not fit.
    """
    own = type(method).__name__
    for name, (low, high) in integers.items():
        value = getattr(method, name)
        fits = type(value) is int and low <= value <= high
        require(own, name, value, fits, f"an integer from {low} to {high}")
    for name, (low, high) in numbers.items():
        value = getattr(method, name)
        fits = type(value) in {int, float} and low <= value <= high
        require(own, name, value, fits, f"a number from {low} to {high}")
    for name in flags:
        value = getattr(method, name)
        require(own, name, value, type(value) is bool, "True or False")
    for name, allowed in choices.items():
        value = getattr(method, name)
        require(own, name, value, value in allowed, f"one of {allowed}")


def listed(value: object) -> tuple[Any, ...]:
    """A list or tuple as a tuple; anything else alone in one, for the check that follows."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def require_square(method: str, size: tuple[int, int]) -> int:
    """The side of square images.

    Raises:
        ValueError: They are not square.
    """
    if size[0] != size[1]:
        raise ValueError(f"{method} expects square images, got {size[0]} x {size[1]}: crop first")
    return size[0]


def require_cifar_side(method: str, preset: str, side: int) -> None:
    """Refuse images that the default preset is not meant for.

    Raises:
        ValueError: The preset is ``official_cifar``, the images are larger than its.
    """
    if preset == "official_cifar" and side >= 64:
        raise ValueError(
            f"The {method} preset 'official_cifar' is for 32 x 32 images, got {side} x {side}: "
            f"ImageNet-size data must name its preset, {method.lower()}(preset='official_imagenet')"
        )


def from_preset(
    form: type[M], presets: Mapping[str, Mapping[str, Any]], preset: str, switches: dict[str, Any]
) -> M:
    """Make a method that has a field ``preset`` from one of its presets.

    Args:
        form: The method.
        presets: Name -> fields that differ from the defaults.
        preset: A name.
        switches: Fields that differ from the preset; lists stand for tuples.

    Raises:
        ValueError: Unknown preset, unknown switch, or a value that the method refuses.
    """
    own = form.__name__
    require(own, "preset", preset, preset in presets, f"one of {tuple(presets)}")
    known = tuple(field.name for field in fields(form) if field.name != "preset")
    for name in switches:
        require(own, "switch", name, name in known, f"one of {known}")
    listed = {name: tuple(v) if isinstance(v, list) else v for name, v in switches.items()}
    return form(**{"preset": preset, **presets[preset], **listed})
