"""Compiled forms of the loops over images, with numba: the extra ``fast``.

Nothing here changes a result: every value equals that of the tensor code bit for bit, which remains
the definition, and what other devices run. Only this file is imported without numba.
"""

import os
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SWITCH = "ROBENCH_COMPILED"
"""Environment variable; ``0`` turns the compiled loops off."""


def available() -> bool:
    """Whether compiled loops can be used: numba is installed, and the switch is not off."""
    return os.environ.get(SWITCH) != "0" and _installed()


def wanted(images: "Tensor") -> bool:
    """Whether compiled loops can serve these tensors: they must lie on the CPU."""
    return images.device.type == "cpu" and available()


@cache
def _installed() -> bool:
    """Whether numba can be imported; one that does not fit the installed numpy cannot."""
    try:
        import_module("numba")
    except ImportError:
        return False
    return True
