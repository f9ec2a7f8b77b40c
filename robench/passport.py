"""Identity of a number: two hashes over what changes its value, and nothing else."""

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
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
    for name in (*LIBRARIES, "opencv-python-headless", "torchattacks"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def cpu_model() -> str:
    """Name of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def environment() -> dict[str, Any]:
    """Machine and library versions, for provenance and ``env.json``."""
    return {
        "python": platform.python_version(),
        "platform": " ".join((platform.system(), *platform.libc_ver())),
        "machine": platform.machine(),
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "libraries": libraries(),
    }
