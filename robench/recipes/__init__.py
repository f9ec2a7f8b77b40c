"""How things are trained: one YAML file each, found by its name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robench.config import Recipe, read_yaml, validated
from robench.errors import UnknownNameError
from robench.registry import unknown

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """All recipes that come with robench."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def default_for(arch: str) -> str:
    """The recipe that bears the architecture's name, else the official CIFAR one."""
    return arch if arch in names() else "cifar"


def load_recipe(name: str, changes: Mapping[str, Any]) -> Recipe:
    """Read a recipe by name or from a file, with some values replaced.

    Raises:
        UnknownNameError: Neither a recipe nor a file.
        InputError: A key or a value that does not fit.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if not path.is_file():
        raise UnknownNameError(unknown(names(), name, "recipe") + " A file must end in .yaml.")
    plain = {"name": path.stem, **read_yaml(path), **changes}
    recipe: Recipe = validated(Recipe, plain, f"recipe {name!r}")
    return recipe
