"""Pickles of known content: nothing is unpickled before its checksum matches."""

import hashlib
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError


def read_pickle(path: Path, md5: str) -> dict[bytes, Any]:
    """Read a pickle whose content is known beforehand.

    Args:
        path: The file.
        md5: What its publisher states.

    Returns:
        The dictionary inside; strings of Python 2 come as bytes.

    Raises:
        InputError: Unreadable, or of other content (which is then not unpickled).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise InputError(
            f"{path} is not the official file: expected md5 {md5}, got {found}. It was not read; "
            f"delete it and get it again."
        )
    return restricted_loads(content, str(path))


def restricted_loads(content: bytes, name: str) -> dict[bytes, Any]:
    """Unpickle plain containers and plain arrays; everything else is refused, not executed.

    Args:
        content: A pickle of a dictionary, as Python 2 wrote it.
        name: What an error calls it.

    Raises:
        InputError: It asks for anything else, or is damaged.
    """
    try:
        plain = _Restricted(io.BytesIO(content), encoding="bytes").load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, IndexError, KeyError) as error:
        raise InputError(f"{name} cannot be unpickled safely: {error}.") from error
    if not isinstance(plain, dict):
        raise InputError(f"{name}: expected a dictionary, got {type(plain).__name__}.")
    return plain


def _array(_kind: type, _shape: tuple[int, ...], _code: bytes) -> NDArray[np.uint8]:
    """An empty array, whose state the pickle sets next (numpy's ``_reconstruct``)."""
    return np.empty(0, dtype=np.uint8)


def _dtype(code: bytes, _align: int, _copy: int) -> np.dtype[Any]:
    """A plain dtype; numpy itself would warn of the integer flags of Python 2."""
    if code not in (b"u1", b"i8", b"i4"):
        raise pickle.UnpicklingError(f"dtype {code!r} is not allowed")
    return np.dtype(code.decode())


class _Restricted(pickle.Unpickler):
    """Knows the three names that CIFAR's files use, and imports nothing."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401  as in the base class
        """Stand-ins for the allowed names."""
        allowed = {
            ("numpy.core.multiarray", "_reconstruct"): _array,
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): _dtype,
        }
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return allowed[module, name]
