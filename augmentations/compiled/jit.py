"""The compiler: numba, one thread, no licence to reorder arithmetic."""

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile on the first call; the result is cached on disk where a folder can be written."""
    njit = import_module("numba").njit
    # numba renews a cached kernel when its own file changes; the name makes it see all files.
    function.__qualname__ = f"{function.__name__}_{_SOURCES}"
    options = {"nogil": True, "error_model": "numpy"}
    try:
        result: F = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        result = njit(**options)(function)
    return result


def _digest() -> str:
    """Short hash of all that is compiled into the kernels, with the modules of their constants."""
    here = Path(__file__).parent
    constants = [here.parent / f"{name}.py" for name in ("ipmix", "mixing", "ops", "random")]
    files = (file.read_bytes() for file in [*sorted(here.glob("*.py")), *constants])
    return hashlib.blake2b(b"".join(files), digest_size=6).hexdigest()


_SOURCES = _digest()


def _fused(typing: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ANN401  numba's own types
    """``a * b + c``, rounded once."""
    return c(a, b, c), lambda context, builder, signature, numbers: builder.fma(*numbers)


fused: Callable[[Any, Any, Any], Any] = import_module("numba.extending").intrinsic(_fused)
