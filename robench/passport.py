"""Identity of a number: two hashes over what changes its value, and nothing else."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from robench.types import Passport

LENGTH = 16  # hex digits: 64 bits
LIBRARIES = ("robench", "torch", "torchvision", "timm", "numpy", "scipy", "pillow")


def fingerprint(plain: Mapping[str, Any]) -> str:
    """First 16 hex digits of the SHA-256 of canonical JSON (sorted keys, no spaces, UTF-8).

    Raises:
        ValueError: NaN or infinity, which JSON has no canonical form for.
        TypeError: Something that is not plain data.
    """
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def inputs_id(passport: Passport) -> str:
    """Identity of the stored outputs: which pixels went through which forward pass."""
    return fingerprint(passport.inputs)


def passport_id(passport: Passport) -> str:
    """Identity of a number: its inputs and the conventions of its metric."""
    return fingerprint({"inputs": passport.inputs, "conventions": passport.conventions})


def libraries() -> dict[str, str]:
    """Versions of what computed the numbers (read from metadata, nothing is imported)."""
    found = {}
    for name in (*LIBRARIES, "opencv-python-headless"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def environment() -> dict[str, Any]:
    """Machine and library versions, for provenance and ``env.json``."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "libraries": libraries(),
    }
