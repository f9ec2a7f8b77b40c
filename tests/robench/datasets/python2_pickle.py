"""Writes pickles as Python 2 and its numpy did, byte by byte: the form of the CIFAR files."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def dumps(plain: Mapping[bytes, object]) -> bytes:
    """A protocol 2 pickle of a dictionary of byte strings, lists, integers and uint8 arrays."""
    return b"\x80\x02" + _one(plain) + b"."


def _one(value: object) -> bytes:
    if isinstance(value, bytes):
        return b"T" + struct.pack("<i", len(value)) + value
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    if isinstance(value, Mapping):
        return b"}(" + b"".join(_one(key) + _one(item) for key, item in value.items()) + b"u"
    if isinstance(value, Sequence):
        return b"](" + b"".join(map(_one, value)) + b"e"
    if isinstance(value, np.ndarray):
        return _array(value)
    raise TypeError(f"cannot write {type(value)}")


def _array(array: NDArray[np.uint8]) -> bytes:
    start = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(J\0\0\0\0t" + _one(b"b") + b"tR"
    )
    state = _one(1) + b"(" + b"".join(map(_one, array.shape)) + b"t"
    return start + b"(" + state + dtype("u1") + b"\x89" + _one(array.tobytes()) + b"tb"


def dtype(code: str) -> bytes:
    """The pickle of a dtype, without its end."""
    state = b"(J\3\0\0\0" + _one(b"|") + b"NNN" + _one(-1) + _one(-1) + _one(0) + b"tb"
    return b"cnumpy\ndtype\n(" + _one(code.encode()) + _one(0) + _one(1) + b"tR" + state
