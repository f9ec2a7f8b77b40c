"""Checkpoint files <-> plain dicts. Loading one never runs code that it brings along."""

import argparse
import io
import pickle
import re
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
_UNSAFE = (  # words of torch; what it would not build
    *(r"Unsupported global: GLOBAL (\S+)", r"unsupported GLOBAL (\S+)", r"Unsupported class (\S+)"),
    *(r"Can only (?:build|create) .*got <class '(.+?)'>", r"unrecognized function (.+?)\.?$"),
)
_NUMBER = re.compile(r"b1|[iu][1248]|f[248]|c8|c16")  # numpy's names of them
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

    Plain types and tensors are read, besides what research code likes to leave behind:
    ``argparse.Namespace`` (as a dict) and numpy scalars (as Python numbers). A ``.safetensors``
    file gives ``state_dict``; a JSON file of the same name beside it (``model.json`` for
    ``model.safetensors``) gives the rest.

    Returns:
        The dict as saved.

    Raises:
        InputError: No such file, damaged, not a dict, or holding other objects, which could run
            code; the message names the first of them and the way out.
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
        raise InputError(_refused(path, error)) from error
    except _DAMAGE as error:
        if "TorchScript" in str(error):
            raise InputError(_without_it(path, "a TorchScript program")) from error
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
    """What may be built beyond torch's own types: it holds data and runs nothing.

    numpy's scalars are read by stand-ins: numpy's own functions for pickles are written in C and
    trust what they are given.
    """
    scalars = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
    return [argparse.Namespace, (_Kind, "numpy.dtype"), *((_number, name) for name in scalars)]


class _Kind:
    """Stands for ``numpy.dtype`` in a file."""

    def __init__(self, code: str, *_: object) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """The second entry of numpy's own state is the order of the bytes."""
        self.order = state[1]


def _number(kind: _Kind, content: bytes) -> Any:  # noqa: ANN401  bool, int, float or complex
    """Stands for numpy's ``scalar`` in a file: the Python number of some bytes.

    Raises:
        UnpicklingError: Not a number.
    """
    import numpy as np  # noqa: PLC0415  this module is imported by light commands

    if not _NUMBER.fullmatch(kind.code) or kind.order not in ("=", "<", ">", "|"):
        raise pickle.UnpicklingError(f"Unsupported class numpy.dtype[{kind.code}]")
    return np.frombuffer(content, np.dtype(kind.order + kind.code)).item()


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


def _refused(path: Path, error: Exception) -> str:
    """The message for a file that torch's safe reader does not take."""
    words = str(error).rpartition("WeightsUnpickler error: ")[2].strip()
    found = (re.search(pattern, words) for pattern in _UNSAFE)
    name = next((match[1] for match in found if match), None)
    if name:
        return _without_it(path, f"the object {name}")
    if words.startswith("Unsupported operand 149"):
        return _without_it(path, "a pickle of protocol 4 or later")
    return _damaged(path, ValueError(words))


def _without_it(path: Path, what: str) -> str:
    """The message for a file that holds more than can be read safely, and the way out."""
    return (
        f"{path} is refused: it holds {what}, not only weights, and reading that could run code. "
        'If you trust the file, re-save its weights alone where it was made: python -c "import '
        "torch; found = torch.load('FILE', map_location='cpu', weights_only=False); "
        "torch.save({'state_dict': found['state_dict']}, 'weights.pt')\" (found.state_dict() where "
        "it is a whole network)."
    )


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
