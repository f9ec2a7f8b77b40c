"""Checkpoint files <-> plain dicts. Loading one never runs code that it brings along."""

import argparse
import io
import pickle
import struct
import sys
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robench.errors import InputError
from robench.files import file_sha256, read_json, write_atomic

FORMAT = "robench-1"  # entry ``format`` of our own checkpoints
_UNSAFE = ("Unsupported global", "unsupported GLOBAL", "Unsupported class")  # words of torch
_DAMAGE = (  # what the readers of torch raise on files that are damaged
    *(RuntimeError, EOFError, ValueError, LookupError, TypeError, OSError),
    *(AssertionError, AttributeError, struct.error),
)


def save(path: Path, plain: Mapping[str, Any]) -> None:
    """Write a checkpoint that ``torch.load(path, weights_only=True)`` reads; atomic.

    Args:
        path: Where to.
        plain: Nested dicts, lists and tuples of None, bool, int, float, str and tensors.

    Raises:
        TypeError: Another type inside; the message says where.
        RunError: The disk is full or not writable; what was there before is untouched.
    """
    import torch  # noqa: PLC0415  this module is imported by light commands

    _check_plain(plain, "checkpoint")
    buffer = io.BytesIO()
    torch.save(_rebuilt(dict(plain)), buffer)
    write_atomic(path, buffer.getvalue())


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint on the CPU, ``.safetensors`` or a file of ``torch.save``.

    Plain types and tensors are read, besides ``argparse.Namespace`` (as a dict) and numpy scalars,
    which research code likes to leave behind. A ``.safetensors`` file gives ``state_dict``; a JSON
    file of the same name beside it (``model.json`` for ``model.safetensors``) gives the rest.

    Returns:
        The dict as saved.

    Raises:
        InputError: No such file, damaged, holding code, or not a dict.
    """
    if not path.is_file():
        raise InputError(f"No checkpoint at {path}: expected a file of torch.save or .safetensors.")
    plain = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    if not isinstance(plain, dict):
        raise InputError(f"{path} holds a {type(plain).__name__}, expected a dict of weights.")
    return {
        key: vars(value) if isinstance(value, argparse.Namespace) else value
        for key, value in plain.items()
    }


def sha256(path: Path) -> str:
    """Hex digest of the file, the identity of a checkpoint.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return file_sha256(path)
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror or error}.") from error


def _pickled(path: Path) -> Any:  # noqa: ANN401  whatever the file holds
    """Read a file of ``torch.save`` with the unpickler that builds plain types only."""
    import torch  # noqa: PLC0415

    try:
        with torch.serialization.safe_globals(_harmless()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the pickle protocol of foreign files
            plain = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if any(words in str(error) for words in _UNSAFE):
            raise InputError(
                f"{path} is refused: it holds code, not only weights. If you trust it, re-save it "
                "where it was made with torch.save({'state_dict': model.state_dict()}, path)."
            ) from error
        raise InputError(_damaged(path, error)) from error
    except _DAMAGE as error:
        raise InputError(_damaged(path, error)) from error
    if isinstance(plain, dict) and plain.get("format") == FORMAT:
        _check_sums(path)
    return plain


def _check_sums(path: Path) -> None:
    """Compare the checksums of our own files, which ``torch.load`` does not."""
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
    except zipfile.BadZipFile as error:
        raise InputError(_damaged(path, error)) from error
    if bad:
        raise InputError(_damaged(path, ValueError(f"wrong checksum of {bad}")))


def _harmless() -> list[Any]:
    """Types beyond torch's own that may be built: they hold data and run nothing."""
    import numpy as np  # noqa: PLC0415

    scalar = np.float64(0).__reduce__()[0]
    names = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
    kinds = [type(np.dtype(kind)) for kind in ("f4", "f8", "i4", "i8", "?")]
    return [argparse.Namespace, np.dtype, *kinds, *((scalar, name) for name in names)]


def _safetensors(path: Path) -> dict[str, Any]:
    """Weights, and what a JSON file beside them says."""
    from safetensors import SafetensorError  # noqa: PLC0415
    from safetensors.torch import load_file  # noqa: PLC0415

    try:
        weights = load_file(path, device="cpu")
    except (SafetensorError, OSError) as error:
        raise InputError(_damaged(path, error)) from error
    sidecar = path.with_suffix(".json")
    facts = read_json(sidecar) if sidecar.exists() else {}
    if not isinstance(facts, dict):
        raise InputError(f"{sidecar} holds a {type(facts).__name__}, expected an object.")
    return {**facts, "state_dict": weights}


def _damaged(path: Path, error: Exception) -> str:
    """The message for a file that is no checkpoint, or not all of one."""
    reason = (str(error).splitlines() or [""])[0].split(". ")[0].rstrip(".")
    return (
        f"{path} is damaged or not a checkpoint ({reason or type(error).__name__}). "
        "Copy or download it again."
    )


def _rebuilt(value: Any) -> Any:  # noqa: ANN401  plain data of any shape
    """The same content in new containers and with one object per word.

    Pickle writes an object that it has seen before as a reference, so that equal content would give
    other bytes after a restart; a checkpoint's identity is the hash of its bytes.
    """
    if isinstance(value, dict):
        return {_rebuilt(key): _rebuilt(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_rebuilt(item) for item in value)
    return sys.intern(value) if type(value) is str else value


def _check_plain(value: object, place: str) -> None:
    """Refuse what the safe unpickler would refuse later."""
    import torch  # noqa: PLC0415

    if value is None or isinstance(value, torch.Tensor):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            _check_plain(key, f"a key of {place}")
            _check_plain(item, f"{place}[{key!r}]")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _check_plain(item, f"{place}[{number}]")
    elif type(value) not in (bool, int, float, str):
        raise TypeError(f"{place} is a {type(value).__name__}, expected plain types and tensors")
